"""The loops of `nebula.modules.modes` and `nebula.modules.click`."""

import math
from typing import no_type_check

import numpy as np

from nebula.compilation import compiled
from nebula.modules.modes import HIGHEST_TURNS, MODES, RATIOS
from nebula.modules.strike import SILENCE

_F = np.float32
_RATIOS = np.array(list(RATIOS.values()))
_NEPERS = -3.0 * math.log(10.0)
_SILENT = math.log(SILENCE)

#: Samples of a mode that are one multiple of the same samples.
CHUNK = 64

#: Numbers that a body keeps of a sound: turns a sample, height and nepers a sample of each mode.
MEMORY = 3 * MODES

#: Rows of samples that a body keeps of a sound: of each mode a cosine and a sine, as they decay.
TABLE_ROWS = 2 * MODES


@no_type_check
@compiled("void(float64[::1], float32[:, ::1], float64[::1], float64, float64)")
def prepare_modes(memory, table, settings, midi_f0, rate_hz) -> None:
    """Sets turns a sample, height and nepers a sample of each mode, and its first chunk at a height of 1.

    Modes that are left out have a height of 0.
    """
    tuning, decay, damping, tilt, position = settings[1], settings[2], settings[3], settings[4], settings[5]
    lowest = 440.0 * 2.0 ** ((midi_f0 + tuning - 69.0) / 12.0) / rate_hz
    body = int(settings[0])
    total = 0.0
    for k in range(MODES):
        ratio = _RATIOS[body, k]
        height = math.sin(math.pi * (k + 1) * position) * ratio**-tilt
        total += abs(height)
        memory[k] = lowest * ratio
        memory[MODES + k] = height if lowest * ratio < HIGHEST_TURNS else 0.0
        memory[2 * MODES + k] = _NEPERS / (decay * ratio**-damping * rate_hz)
    for k in range(MODES):
        memory[MODES + k] /= total
        if memory[MODES + k] == 0.0:
            continue
        shrink, turn = math.exp(memory[2 * MODES + k]), 2.0 * math.pi * memory[k]
        across, along = shrink * math.cos(turn), shrink * math.sin(turn)
        real, imaginary = 1.0, 0.0
        for i in range(CHUNK):
            table[2 * k, i], table[2 * k + 1, i] = _F(real), _F(imaginary)
            real, imaginary = across * real - along * imaginary, along * real + across * imaginary


@no_type_check
@compiled("void(float32[::1], float64, float64[::1], float32[:, ::1], int64, float32[::1])")
def add_modes(target, weight, memory, table, begin, sum_) -> None:
    """Adds a block of the modes, times a weight.

    A mode is the imaginary part of a complex number that turns and shrinks, so that each of its chunks is the first
    one times a number. Each block begins at exact values: errors do not grow.

    Args:
        target: What it is added to.
        weight: What the modes are multiplied by.
        memory: From `prepare_modes`.
        table: From `prepare_modes`.
        begin: The block's first sample.
        sum_: Room for the block, rounded up to whole chunks.
    """
    chunks = (target.size + CHUNK - 1) // CHUNK
    added = False
    for k in range(MODES):
        turns, height, nepers = memory[k], memory[MODES + k], memory[2 * MODES + k]
        # How many of the samples to come are heard.
        left = math.ceil(_SILENT / nepers) - begin
        if height == 0.0 or left <= 0:
            continue
        if not added:
            sum_[:] = _F(0.0)
            added = True
        phase = turns * begin
        angle = 2.0 * math.pi * (phase - np.floor(phase))
        amplitude = weight * height * math.exp(nepers * begin)
        real, imaginary = amplitude * math.cos(angle), amplitude * math.sin(angle)
        shrink, turn = math.exp(nepers * CHUNK), 2.0 * math.pi * turns * CHUNK
        across, along = shrink * math.cos(turn), shrink * math.sin(turn)
        cosine, sine = table[2 * k], table[2 * k + 1]
        for c in range(chunks):
            part, x, y = sum_[c * CHUNK : (c + 1) * CHUNK], _F(real), _F(imaginary)
            count = min(CHUNK, left - c * CHUNK)
            if count <= 0:
                break
            for i in range(count):
                part[i] += x * sine[i] + y * cosine[i]
            real, imaginary = across * real - along * imaginary, along * real + across * imaginary
    if added:
        for i in range(target.size):
            target[i] += sum_[i]


@no_type_check
@compiled("void(float32[::1], float64, float64, int64)")
def add_click(target, weight, contact_samples, begin) -> None:
    """Adds a block of the pulse, times a weight."""
    for i in range(min(target.size, math.ceil(contact_samples - 0.5) - begin)):
        target[i] += _F(weight * math.sin(math.pi * (begin + i + 0.5) / contact_samples))
