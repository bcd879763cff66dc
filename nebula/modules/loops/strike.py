"""The loops of `nebula.modules.strike`."""

import math
from typing import no_type_check

from nebula.compilation import compiled
from nebula.modules.strike import SILENCE

_NEPERS = -3.0 * math.log(10.0)


@no_type_check
@compiled("void(float64[::1], float64[::1], float64)")
def fill_strike(envelope, settings, rate_hz) -> None:
    """Fills an envelope, as `strike` does."""
    attack, fast, slow, balance = settings[0], settings[1], settings[2], settings[3]
    i = 0
    while i < envelope.size and i / rate_hz < attack:
        rise = i / rate_hz / attack
        envelope[i] = rise if rise > SILENCE else 0.0
        i += 1
    while i < envelope.size:
        since = i / rate_hz - attack
        value = (1.0 - balance) * math.exp(_NEPERS * since / fast) + balance * math.exp(_NEPERS * since / slow)
        if value <= SILENCE:
            break
        envelope[i] = value
        i += 1
    envelope[i:] = 0.0


@no_type_check
@compiled("void(float64[::1], float64, float64)")
def fill_fade(signal, decay, rate_hz) -> None:
    """Fills a decay, as `fade` does."""
    i = 0
    while i < signal.size:
        value = math.exp(_NEPERS * (i / rate_hz) / decay)
        if value <= SILENCE:
            break
        signal[i] = value
        i += 1
    signal[i:] = 0.0
