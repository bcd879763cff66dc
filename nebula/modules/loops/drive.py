"""The loops of `nebula.modules.drive`."""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops.arithmetic import audio_tanh

_F = np.float32


@no_type_check
@compiled("void(float64[::1], float64)")
def prepare_drive(state, gain_db) -> None:
    """Sets the gain in octaves of an exponential, as `audio_tanh` takes it, and what is made of full scale."""
    factor = 10.0 ** (gain_db / 20.0)
    state[0] = factor * 2.0 / math.log(2.0)
    state[1] = 1.0 / math.tanh(factor)


@no_type_check
@compiled("void(float32[::1], float32, float32[::1], float32)")
def add_driven(target, weight, source, octaves) -> None:
    """Adds a weighted tanh of the source times the gain, which is given in octaves."""
    for i in range(target.size):
        height = audio_tanh(octaves * abs(source[i]))
        target[i] += weight * (height if source[i] > _F(0.0) else -height)
