"""Functions of numbers, compiled to be inlined by loops.

Those for control signals are float64: control signals are a hundredth of the audio, and an error in them grows, since
pitch is summed into phase over seconds. Those for audio are float32.
"""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops import polynomials

_A0, _A1, _A2, _A3, _A4, _A5, _A6, _A7 = polynomials.sine_of_turns(7)
_B0, _B1, _B2, _B3, _B4, _B5, _B6, _B7, _B8, _B9, _B10 = polynomials.exp2(-0.5, 0.5, 10)
_D0, _D1, _D2, _D3, _D4, _D5, _D6, _D7 = polynomials.log2_of_ratio(7)

_F = np.float32
_I = np.int32

_S0, _S1, _S2, _S3, _S4 = (_F(c) for c in polynomials.sine_of_turns(4))
_E0, _E1, _E2, _E3, _E4, _E5 = (_F(c) for c in polynomials.exp2(-0.5, 0.5, 5))


@no_type_check
@compiled()
def sine_of_turns(v):
    """Returns sin(2 pi v), v in turns, |v| at most 1/4."""
    s = v * v
    return v * (_A0 + s * (_A1 + s * (_A2 + s * (_A3 + s * (_A4 + s * (_A5 + s * (_A6 + s * _A7)))))))


@no_type_check
@compiled()
def power(base, exponent):
    """Returns base ** exponent for a base in (0, 1], to 1e-14, and 0 for a base of 0."""
    safe = base if base > 0.0 else 1.0
    bits = np.float64(safe).view(np.int64)
    # The exponent that leaves a mantissa between the roots of 1/2 and of 2.
    shift = (bits - np.int64(0x3FE6A09E667F3BCD)) >> np.int64(52)
    m = np.int64(bits - (shift << np.int64(52))).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    log2 = s * (_D0 + z * (_D1 + z * (_D2 + z * (_D3 + z * (_D4 + z * (_D5 + z * (_D6 + z * _D7)))))))
    x = exponent * (log2 + np.float64(shift))
    i = np.floor(x + 0.5)
    f = x - i
    high = _B5 + f * (_B6 + f * (_B7 + f * (_B8 + f * (_B9 + f * _B10))))
    mantissa = _B0 + f * (_B1 + f * (_B2 + f * (_B3 + f * (_B4 + f * high))))
    power = mantissa * np.int64((np.int64(i) + np.int64(1023)) << np.int64(52)).view(np.float64)
    return power if base > 0.0 else 0.0


@no_type_check
@compiled()
def audio_sine(v):
    """sin(2 pi v) in float32, v in turns, |v| at most 1/4."""
    s = v * v
    return v * (_S0 + s * (_S1 + s * (_S2 + s * (_S3 + s * _S4))))


@no_type_check
@compiled()
def audio_tanh(octaves):
    """tanh(x) in float32 for x of 0 or more, given 2 x / ln 2: (1 - t) / (1 + t) with t = 2 ** -octaves."""
    a = -min(octaves, _F(40.0))
    i = np.floor(a + _F(0.5))
    f = a - i
    t = (_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * _E5))))) * _I((_I(i) + _I(127)) << _I(23)).view(_F)
    return (_F(1.0) - t) / (_F(1.0) + t)
