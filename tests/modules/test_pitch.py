"""Pitch, frequency and phase against closed forms."""

import math

import numpy as np
import pytest
import torch

from nebula.modules.pitch import midi_to_hz, pitch_to_hz, turns

RATE = 44100.0


def column(value):
    return torch.tensor([value], dtype=torch.float64)


@pytest.mark.parametrize("midi", [0.0, 69.0, 127.0])
def test_midi_69_is_440_hz_and_12_semitones_double(midi):
    assert float(midi_to_hz(column(midi))) == pytest.approx(440 * 2 ** ((midi - 69) / 12), rel=1e-12)
    assert float(midi_to_hz(column(midi + 12)) / midi_to_hz(column(midi))) == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_phase_of_a_constant_frequency_is_exact_to_the_end(dtype):
    # 12 kHz for 4 s is 48,000 turns: accumulated in float32 the phase would be off by thousandths of a turn.
    frequency = torch.full((1, 176400), 12000.0, dtype=dtype)
    phase = turns(frequency, RATE, torch.zeros(1, dtype=dtype))[0].double()
    expected = (12000.0 * np.arange(1, 176401) / RATE) % 1.0
    distance = np.abs((phase.numpy() - expected + 0.5) % 1.0 - 0.5)
    assert distance.max() < (1e-7 if dtype == torch.float32 else 1e-9)


def test_phase_starts_one_increment_after_the_initial_phase():
    phase = turns(torch.full((1, 4), 10.0, dtype=torch.float64), 100.0, column(math.pi))
    torch.testing.assert_close(phase, torch.tensor([[0.6, 0.7, 0.8, 0.9]], dtype=torch.float64))


def test_pitch_is_held_within_midi_0_and_127():
    modulation = torch.tensor([[-1.0, 0.0, 1.0]], dtype=torch.float64)
    low_high = pitch_to_hz(column(60.0), column(0.0), column(96.0), modulation)[0]
    expected = [midi_to_hz(column(value)).item() for value in (0.0, 60.0, 127.0)]
    np.testing.assert_allclose(low_high.numpy(), expected, rtol=1e-12)
