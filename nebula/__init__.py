"""Nebula tunes what a synthesizer's random sounds are like.

- `nebula.draws`: from a seed to a synthesizer's parameter values
- `nebula.modules`: what synthesizers are made of
- `nebula.synths`: from parameter values to a sound
- `nebula.nebulae`: the nebula, a distribution over sounds
- `nebula.audio`: from files to corpora
- `nebula.distances`: from sounds to vectors whose l1 distance is the distance of the sounds
- `nebula.training`: new weights for the distance of our own
- `nebula.discrepancy`: from vectors to numbers: how far apart are two sets of sounds, how diverse is one
- `nebula.data`: sounds by the million, for training and for files
- `nebula.embedding`: sets of sounds as vectors: nebulae rendered, recordings read
- `nebula.evaluation`: is a distance any good, and is a nebula
- `nebula.listening`: blinded tests with people, from the plan to the statistics
- `nebula.matching`: parameters whose sound is nearest to a recording
- `nebula.tuning`: from a study spec to the nebula it finds
- `nebula.cli`: the `nebula` command
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula import discrepancy, distances, synths
    from nebula.audio import Corpus
    from nebula.data.synth1b1 import sample, synth1b1
    from nebula.draws import Parameter
    from nebula.nebulae import Nebula
    from nebula.synths import Voice
    from nebula.synths.voice import PARAMETERS
else:
    __getattr__ = names_from(
        __name__,
        {
            "PARAMETERS": "nebula.synths.voice",
            "Corpus": "nebula.audio",
            "Nebula": "nebula.nebulae",
            "Parameter": "nebula.draws",
            "Voice": "nebula.synths",
            "discrepancy": "nebula.discrepancy",
            "distances": "nebula.distances",
            "sample": "nebula.data.synth1b1",
            "synth1b1": "nebula.data.synth1b1",
            "synths": "nebula.synths",
        },
    )

__all__ = [
    "PARAMETERS",
    "Corpus",
    "Nebula",
    "Parameter",
    "Voice",
    "discrepancy",
    "distances",
    "sample",
    "synth1b1",
    "synths",
]
