"""The loops of `nebula.modules.fm`."""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled

_F = np.float32
_I = np.int32
_FULL_TURN = 2.0**32
_QUARTER_TURN = 2**30


@no_type_check
@compiled("int64(float32[::1], int32[::1], float32[::1], float64, float64, int64)")
def write_modulated_phase(phase, turns, modulator, increment, depth, turned):
    """Writes the phase, in [-0.5, 0.5) turns, of a carrier whose frequency is modulated; returns the last one.

    Phase is counted in 2^-32 turns: such sums are exact, and 32 bits wrap for free. Sums are a loop of their own, since
    nothing else has to be done one after the other.

    Args:
        phase: Where it goes.
        turns: Room for as many numbers.
        modulator: The modulating signal.
        increment: Turns a sample where the modulator is 0.
        depth: Modulation index.
        turned: Phase before, in 2^-32 turns.
    """
    for i in range(phase.size):
        # Less a quarter turn, which is added again below: half a turn does not fit into 32 bits with a sign.
        step = min(max(increment * (1.0 + depth * modulator[i]), 0.0), 0.5) - 0.25
        turns[i] = _I(np.floor(step * _FULL_TURN + 0.5))
    here = _I(turned)
    for i in range(phase.size):
        here = _I(here + turns[i] + _QUARTER_TURN)
        turns[i] = here
    for i in range(phase.size):
        phase[i] = _F(turns[i]) * _F(1.0 / _FULL_TURN)
    return np.int64(here)
