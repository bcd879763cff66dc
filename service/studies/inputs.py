"""What a study reads: found by name among the service's own things, never by a path that a stranger chose."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from nebula import Corpus, Nebula
from nebula.tuning import StudySpec
from service.errors import Unprocessable
from service.settings import Settings


@dataclass(frozen=True)
class Inputs:
    """A study with what it reads.

    Attributes:
        spec: What to do.
        target: What to resemble; None where variety is sought.
        start: The start nebula.
    """

    spec: StudySpec
    target: Corpus | Nebula | None
    start: Nebula


def resolve(session: Session, spec: StudySpec, settings: Settings) -> Inputs:
    """Returns a study's spec with its target and start opened.

    Args:
        session: To look names up in.
        spec: The study. Its target is the id of a corpus or the name of a nebula, its start the name of a nebula.
        settings: Where the home folder is.

    Raises:
        Unprocessable: A target is missing, or there is no such thing.
        CorpusError: The corpus' files cannot be used.
    """
    start = _nebula(spec.search.start)
    if start is None:
        raise Unprocessable(f"search.start: got {spec.search.start!r}, expected the name of a nebula")
    if spec.objective == "diversify":
        return Inputs(spec, None, start)
    if spec.target is None:
        raise Unprocessable("target: missing; give the id of a corpus or the name of a nebula")
    folder = settings.home / "corpora" / spec.target
    if "/" not in spec.target and not spec.target.startswith(".") and folder.is_dir():
        return Inputs(spec, Corpus.open(folder), start)
    nebula = _nebula(spec.target)
    if nebula is None:
        raise Unprocessable(f"target: got {spec.target!r}, expected the id of a corpus or the name of a nebula")
    return Inputs(spec, nebula, start)


def _nebula(name: str) -> Nebula | None:
    return Nebula.load(name) if name in Nebula.shipped() else None
