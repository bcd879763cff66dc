"""The loops of `nebula.modules.fm`."""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled

_F = np.float32
_FULL_TURN = 2.0**32


@no_type_check
@compiled("int64(float32[::1], int64[::1], float32[::1], float64, float64, int64)")
def write_modulated_phase(phase, steps, modulator, increment, depth, turned):
    """Writes the phase, in [-0.5, 0.5) turns, of a carrier whose frequency is modulated; returns the last one.

    Phase is counted in 2^-32 turns: such sums are exact, and wrap for free.

    Args:
        phase: Where it goes.
        steps: Room for as many numbers.
        modulator: The modulating signal.
        increment: Turns a sample where the modulator is 0.
        depth: Modulation index.
        turned: Phase before, in 2^-32 turns.
    """
    for i in range(phase.size):
        turns = min(max(increment * (1.0 + depth * modulator[i]), 0.0), 0.5)
        steps[i] = np.int64(turns * _FULL_TURN + 0.5)
    for i in range(phase.size):
        turned += steps[i]
        phase[i] = _F(np.int32(turned)) * _F(1.0 / _FULL_TURN)
    return np.int64(np.int32(turned))
