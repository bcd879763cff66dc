"""The loops of `nebula.modules.lfo`."""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.lfo import SHAPE_EXPONENT
from nebula.modules.loops.arithmetic import sine_of_turns


@no_type_check
@compiled("void(float64[::1], float64[::1], float64[::1], float64)", exact=True)
def advance_lfo(phase, settings, rate_envelope, rate_hz) -> None:
    """Fills an LFO's phase in [0, 1) turns.

    It rounds as the reference does: where a saw wraps or a square flips, the last bit of the phase is heard.
    """
    turned = 0.0
    for i in range(phase.size):
        turned += max(settings[0] + settings[1] * rate_envelope[i], 0.0)
        phase[i] = turned
    initial = settings[2] / (2.0 * math.pi)
    for i in range(phase.size):
        wound = phase[i] / rate_hz + initial
        phase[i] = wound - np.floor(wound)


@no_type_check
@compiled("void(float64[::1], float64[::1], float64[::1])")
def shape_lfo(signal, settings, level) -> None:
    """Turns an LFO's phase into its blend of shapes, times its level."""
    total = 0.0
    weights = np.empty(5)
    for i in range(5):
        weights[i] = settings[3 + i] ** SHAPE_EXPONENT
        total += weights[i]
    for i in range(5):
        weights[i] = weights[i] / total if total > 0.0 else 0.2
    sine, triangle, saw, reversed_saw, square = weights[0], weights[1], weights[2], weights[3], weights[4]
    for i in range(signal.size):
        phase = signal[i]
        folded = 0.5 - abs(phase - 0.5)
        cosine = sine_of_turns(folded - 0.25)
        # Where the cosine is 0 the reference, which takes its sign in float64, ends up on this side.
        up = 1.0 if (phase > 0.25) & (phase <= 0.75) else 0.0
        blend = sine * 0.5 * (cosine + 1.0) + triangle * 2.0 * folded + saw * phase
        blend += reversed_saw * (1.0 - phase) + square * up
        signal[i] = blend * level[i]
