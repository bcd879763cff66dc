"""The loop of `nebula.modules.sine`."""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops.arithmetic import audio_sine

_F = np.float32


@no_type_check
@compiled("void(float32[::1], float32[::1], float32[::1])")
def add_sine(target, level, phase) -> None:
    """Adds level times cosine; phase is in [-0.5, 0.5] turns."""
    for i in range(target.size):
        target[i] += level[i] * audio_sine(_F(0.25) - abs(phase[i]))
