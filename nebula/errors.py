"""Every error that nebula raises on purpose.

    NebulaError
    ├── ArgumentError      also ValueError     a call's argument is outside what is allowed
    ├── NebulaFileError    also ValueError     a nebula JSON file, or the name of one, cannot be used
    ├── SynthError         also RuntimeError   a synthesizer is not there, or cannot play
    ├── CorpusError        also ValueError     a folder, zip or file of sounds cannot be used as a corpus
    │   └── SoundError                         one sound of a corpus cannot be used; corpora skip and count these
    ├── DistanceError      also RuntimeError   a distance that another package brings cannot be used
    ├── WeightsError       also RuntimeError   trained weights are missing, damaged or could not be fetched
    ├── SpecError          also ValueError     a study spec cannot be used
    ├── StudyError         also RuntimeError   a study cannot start, continue or be written
    │   ├── StudyInterrupted                   it was asked to let go; what is finished is kept
    │   └── StudyDisconnected                  its database or its workers went away; it can be continued later
    └── TrainingError      also RuntimeError   a training run cannot continue

A message is one line. It names the thing, the value that was given and what is allowed or what to do. The command line
prints it and exits with status 1; it never prints a traceback for one of these.
"""


class NebulaError(Exception):
    """Base of all errors that nebula raises on purpose."""


class ArgumentError(NebulaError, ValueError):
    """A call's argument is outside what is allowed."""


class NebulaFileError(NebulaError, ValueError):
    """A nebula JSON file, or the name of one, cannot be used."""


class SynthError(NebulaError, RuntimeError):
    """A synthesizer is not there, or cannot play."""


class CorpusError(NebulaError, ValueError):
    """A folder, zip or file of sounds cannot be used as a corpus."""


class SoundError(CorpusError):
    """One sound of a corpus cannot be used."""


class DistanceError(NebulaError, RuntimeError):
    """A distance that another package brings cannot be used."""


class WeightsError(NebulaError, RuntimeError):
    """Trained weights are missing, damaged or could not be fetched."""


class SpecError(NebulaError, ValueError):
    """A study spec cannot be used."""


class StudyError(NebulaError, RuntimeError):
    """A study cannot start, continue or be written."""


class StudyInterrupted(StudyError):  # noqa: N818 — the names say what happened; neither is a fault of the study
    """A study was asked to let go; what is finished is kept."""


class StudyDisconnected(StudyError):  # noqa: N818
    """A study's database or its workers went away; what is finished is kept, and it can be continued later."""


class TrainingError(NebulaError, RuntimeError):
    """A training run cannot continue."""
