"""The loop of `nebula.modules.square_saw`."""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.loops.arithmetic import audio_sine, audio_tanh

_F = np.float32
_I = np.int32


@no_type_check
@compiled()
def square_saw_drive(highest_midi):
    """Returns what the sine is driven by, in octaves: tanh takes 2 / ln 2 of its argument."""
    highest_hz = 440.0 * 2.0 ** ((highest_midi - 69.0) / 12.0)
    partials = 12000.0 / (highest_hz * math.log10(highest_hz))
    return math.pi / math.log(2.0) * partials


@no_type_check
@compiled("void(float32[::1], float32[::1], float32[::1], float32, float32)")
def add_square_saw(target, level, phase, drive, shape) -> None:
    """Adds level times the wave without its factor 1 - shape / 2; phase is in [-0.5, 0.5] turns."""
    for i in range(target.size):
        turn = abs(phase[i])
        cosine = audio_sine(_F(0.25) - turn)
        square = audio_tanh(drive * audio_sine(min(turn, _F(0.5) - turn)))
        square = square if phase[i] > _F(0.0) else -square
        target[i] += level[i] * square * (_F(1.0) + shape * cosine)


@no_type_check
@compiled(
    "int32(float32[::1], float32[::1], float32[::1], float32, float32, float32[::1], float32[::1], float32[::1], "
    "float32[::1])"
)
def write_trio(target, second, phase_2, drive, shape, first, phase_1, third, noise):
    """Writes what `add_square_saw`, `add_sine` and `add_product` add to 0 one after the other, to the same bits.

    One loop takes a fifth less than three: the sine and the noise are worked out while a square waits for its division.
    Returns the bits of the largest magnitude, see `nebula.modules.loops.mixer.peak_bits`.

    Args:
        target: Where it goes.
        second: Level of the square-saw.
        phase_2: Its phase.
        drive: What its sine is driven by, in octaves.
        shape: Its shape.
        first: Level of the sine.
        phase_1: Its phase.
        third: Level of the noise.
        noise: The noise.
    """
    peak = _I(0)
    for i in range(target.size):
        cosine_1 = audio_sine(_F(0.25) - abs(phase_1[i]))
        turn = abs(phase_2[i])
        cosine_2 = audio_sine(_F(0.25) - turn)
        square = audio_tanh(drive * audio_sine(min(turn, _F(0.5) - turn)))
        square = square if phase_2[i] > _F(0.0) else -square
        value = first[i] * cosine_1 + second[i] * square * (_F(1.0) + shape * cosine_2) + third[i] * noise[i]
        target[i] = value
        peak = max(peak, _I(_F(value).view(_I) & _I(0x7FFFFFFF)))
    return peak
