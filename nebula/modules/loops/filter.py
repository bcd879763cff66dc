"""The loops of `nebula.modules.filter`."""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.filter import HIGHEST_HZ, HIGHEST_TURNS, LOWEST_HZ
from nebula.modules.loops import polynomials
from nebula.modules.loops.arithmetic import sine_of_turns

_F = np.float32
_I = np.int32
_B0, _B1, _B2, _B3, _B4, _B5, _B6, _B7, _B8 = polynomials.exp2(-0.5, 0.5, 8)

#: Rows of numbers that a block needs: 2 a1 - 1, 2 a2 and 2 a3.
WORK_ROWS = 3

# States that nobody hears: numbers that are so small that they lose digits would take a hundred times as long.
_SILENCE = 1e-30


@no_type_check
@compiled("void(float64[::1], float64[::1], float64[::1], float64[::1], int64, float64)")
def prepare_filter(state, gains, signal, settings, first, rate_hz) -> None:
    """Sets what holds for a whole sound, with states at 0, and the gain at each control sample.

    Args:
        state: Two states, damping, weights of input, band-pass and low-pass in the output.
        gains: g, as `cutoff_gain` has it.
        signal: What moves the cutoff.
        settings: All of the sound's; from `first` on cutoff, depth, Q and type.
        first: Column of the cutoff.
        rate_hz: Audio rate.
    """
    damping, kind = 1.0 / settings[first + 2], settings[first + 3]
    state[0], state[1], state[2] = 0.0, 0.0, damping
    state[3] = 1.0 if kind >= 2.0 else 0.0
    state[4] = -damping if kind >= 2.0 else (1.0 if kind == 1.0 else 0.0)
    state[5] = 1.0 if kind == 0.0 else (-1.0 if kind == 2.0 else 0.0)
    cutoff, depth = settings[first] / rate_hz, settings[first + 1]
    highest = min(HIGHEST_HZ / rate_hz, HIGHEST_TURNS)
    lowest = min(LOWEST_HZ / rate_hz, highest)
    for i in range(gains.size):
        x = depth * signal[i]
        whole = np.floor(x + 0.5)
        f = x - whole
        high = _B4 + f * (_B5 + f * (_B6 + f * (_B7 + f * _B8)))
        mantissa = _B0 + f * (_B1 + f * (_B2 + f * (_B3 + f * high)))
        power = mantissa * np.int64((np.int64(whole) + np.int64(1023)) << np.int64(52)).view(np.float64)
        turns = min(max(cutoff * power, lowest), highest)
        gains[i] = sine_of_turns(0.5 * turns) / sine_of_turns(0.25 - 0.5 * turns)


@no_type_check
@compiled("void(float32[::1], float32[::1], float32[::1], float64[::1], float64[:, ::1], float64)")
def add_filtered(target, source, gain, state, work, weight) -> None:
    """Adds a block of what passes, times a weight, and leaves the states behind it.

    Args:
        target: What it is added to.
        source: What goes in.
        gain: g.
        state: From `prepare_filter`.
        work: Room for `WORK_ROWS` rows.
        weight: What it is multiplied by.
    """
    size = target.size
    damping = state[2]
    coefficient_1, coefficient_2, coefficient_3 = work[0, :size], work[1, :size], work[2, :size]
    for i in range(size):
        g = np.float64(gain[i])
        a1 = 1.0 / (1.0 + g * (g + damping))
        coefficient_1[i] = 2.0 * a1 - 1.0
        coefficient_2[i] = 2.0 * g * a1
        coefficient_3[i] = 2.0 * g * g * a1
    through, band_weight, low_weight = weight * state[3], weight * 0.5 * state[4], weight * 0.5 * state[5]
    s1 = state[0] if abs(state[0]) > _SILENCE else 0.0
    s2 = state[1] if abs(state[1]) > _SILENCE else 0.0
    for i in range(size):
        # Each state needs one multiplication and one addition after the other: nothing else is waited for. Band-pass
        # and low-pass are the means of the states before and after.
        x, a1, a2, a3 = np.float64(source[i]), coefficient_1[i], coefficient_2[i], coefficient_3[i]
        after_1 = a1 * s1 + (a2 * x - a2 * s2)
        after_2 = (1.0 - a3) * s2 + (a3 * x + a2 * s1)
        target[i] += _F(through * x + band_weight * (s1 + after_1) + low_weight * (s2 + after_2))
        s1, s2 = after_1, after_2
    state[0], state[1] = s1, s2


@no_type_check
@compiled("boolean(float64[::1], float32[::1])")
def is_still(state, source):
    """Returns whether nothing goes into a block and nothing that is heard is left of what went in before."""
    if abs(state[0]) > _SILENCE or abs(state[1]) > _SILENCE:
        return False
    loudest = _I(0)
    for i in range(source.size):
        loudest |= _I(_F(source[i]).view(_I) & _I(0x7FFFFFFF))
    return loudest == _I(0)
