"""The loops of `nebula.modules.mixer` and `nebula.modules.noise`, and of the sound's peak."""

from typing import no_type_check

import numpy as np

from nebula.compilation import compiled

_F = np.float32
_I = np.int32


@no_type_check
@compiled("void(float32[::1], float32[::1], float32[::1])")
def add_product(target, level, signal) -> None:
    """Adds level times signal."""
    for i in range(target.size):
        target[i] += level[i] * signal[i]


@no_type_check
@compiled("void(float32[::1], float32, float32[::1])")
def add_weighted(target, weight, signal) -> None:
    """Adds weight times signal."""
    for i in range(target.size):
        target[i] += weight * signal[i]


@no_type_check
@compiled("int32(float32[::1], int32)")
def peak_bits(audio, peak):
    """Returns the bits of the largest magnitude, or `peak` if that is larger; bits are ordered as the numbers are.

    Integers, because LLVM does not recognise a maximum of floats in a loop.
    """
    for i in range(audio.size):
        peak = max(peak, _I(_F(audio[i]).view(_I) & _I(0x7FFFFFFF)))
    return peak


@no_type_check
@compiled("void(float32[::1], int32)")
def limit(audio, peak) -> None:
    """Divides a sound by its peak, given by its bits, where that exceeds 1."""
    magnitude = _I(peak).view(_F)
    if magnitude > _F(1.0):
        # A shade below 1 / peak, so that rounding cannot lift the loudest sample above 1.
        scale = (_F(1.0) / magnitude) * _F(1.0 - 2.0**-23)
        for i in range(audio.size):
            audio[i] *= scale
