"""Nebula tunes what a synthesizer's random sounds are like.

- `nebula.synth`: from a seed to a sound
- `nebula.nebulae`: the nebula, a distribution over sounds
"""

from nebula.nebulae import Nebula
from nebula.synth import PARAMETERS, Parameter, Voice, sample
from nebula.synth1b1 import synth1b1

__all__ = ["PARAMETERS", "Nebula", "Parameter", "Voice", "sample", "synth1b1"]
