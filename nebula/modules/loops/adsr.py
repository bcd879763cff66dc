"""The loops of `nebula.modules.adsr`."""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.adsr import EPSILON
from nebula.modules.loops.arithmetic import power


@no_type_check
@compiled()
def _shape_ramp(envelope, start, duration, alpha, floor, rising) -> None:
    """Multiplies an envelope by floor + (1 - floor) * ramp ** alpha; the ramp is `_ramp`.

    Powers are taken only where the ramp moves.
    """
    samples = envelope.size
    if duration <= 0.0:
        return
    begin = int(min(max(math.ceil(start), 0.0), float(samples)))
    end = int(min(max(math.ceil(start + duration) + 1.0, 0.0), float(samples)))
    still = min(EPSILON / duration + EPSILON, 1.0)
    before = floor + (1.0 - floor) * power(still if rising else 1.0 - still, alpha)
    after = floor + (1.0 - floor) * (1.0 if rising else 0.0)
    sign = 1.0 if rising else -1.0
    offset = 0.0 if rising else 1.0
    for i in range(begin):
        envelope[i] *= before
    moving = envelope[begin:end]
    for i in range(moving.size):
        ramp = min((max(float(np.int32(i)) + (begin - start), 0.0) + EPSILON) / duration + EPSILON, 1.0)
        moving[i] *= floor + (1.0 - floor) * power(offset + sign * ramp, alpha)
    done = envelope[end:]
    for i in range(done.size):
        done[i] *= after


@no_type_check
@compiled("void(float64[::1], float64[::1], float64, float64)")
def fill_adsr(envelope, settings, note_on, rate_hz) -> None:
    """Fills an envelope, as `adsr` does."""
    attack, decay, sustain, release, alpha = settings[0], settings[1], settings[2], settings[3], settings[4]
    heard_attack = min(attack, note_on)
    heard_decay = min(max(note_on - attack, 0.0), decay)
    for i in range(envelope.size):
        envelope[i] = 1.0
    _shape_ramp(envelope, 0.0, heard_attack * rate_hz, alpha, 0.0, True)
    _shape_ramp(envelope, heard_attack * rate_hz, heard_decay * rate_hz, alpha, sustain, False)
    _shape_ramp(envelope, note_on * rate_hz, release * rate_hz, alpha, 0.0, False)
