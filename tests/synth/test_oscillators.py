"""Oscillators against closed forms."""

import math

import numpy as np
import pytest
import torch
from nebula.synth.oscillators import lfo, midi_to_hz, noise, pitch_to_hz, square_saw, turns

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


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (0, lambda t: (1 - np.cos(2 * np.pi * t)) / 2),
        (1, lambda t: 1 - np.abs(1 - 2 * t)),
        (2, lambda t: t),
        (3, lambda t: 1 - t),
        (4, lambda t: (np.cos(2 * np.pi * t) < 0).astype(float)),
    ],
    ids=["sin", "tri", "saw", "rsaw", "sqr"],
)
def test_each_lfo_shape_is_its_closed_form(shape, expected):
    settings = torch.zeros((1, 8), dtype=torch.float64)
    # 1.7 Hz and an odd phase: no sample falls on a discontinuity.
    settings[0, 0], settings[0, 2], settings[0, 3 + shape] = 1.7, 0.1, 0.6
    result = lfo(settings, torch.zeros((1, 400), dtype=torch.float64), 100.0)[0].numpy()
    phase = (1.7 * np.arange(1, 401) / 100.0 + 0.1 / (2 * np.pi)) % 1.0
    np.testing.assert_allclose(result, expected(phase), atol=1e-9)


def test_lfo_weights_blend_by_the_power_of_e():
    settings = torch.zeros((3, 8), dtype=torch.float64)
    settings[:, 0], settings[:, 2] = 1.7, 0.1
    settings[0, 5], settings[1, 6] = 1.0, 1.0
    settings[2, 5], settings[2, 6] = 0.8, 0.4
    saw, reversed_saw, blend = lfo(settings, torch.zeros((3, 100), dtype=torch.float64), 100.0)
    share = 0.8**math.e / (0.8**math.e + 0.4**math.e)
    torch.testing.assert_close(blend, share * saw + (1 - share) * reversed_saw, rtol=1e-7, atol=1e-9)


def test_lfo_without_weights_is_the_even_blend_and_finite():
    settings = torch.zeros((2, 8), dtype=torch.float64)
    settings[:, 0] = 1.7
    settings[1, 3:] = 0.5
    silent, even = lfo(settings, torch.zeros((2, 100), dtype=torch.float64), 100.0)
    torch.testing.assert_close(silent, even)


def test_lfo_frequency_never_turns_negative():
    settings = torch.tensor([[5.0, -10.0, 0.3, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    result = lfo(settings, torch.ones((1, 50), dtype=torch.float64), 100.0)
    torch.testing.assert_close(result, torch.full((1, 50), 0.3 / (2 * math.pi), dtype=torch.float64))


def test_square_saw_is_odd_for_a_square_and_has_the_stated_drive():
    phase = torch.linspace(0, 1, 1001, dtype=torch.float64)[:-1].unsqueeze(0)
    square = square_saw(phase, column(0.0), column(60.0))[0].numpy()
    hz = 440 * 2 ** (-9 / 12)
    drive = np.pi / 2 * 12000 / (hz * np.log10(hz))
    np.testing.assert_allclose(square, np.tanh(drive * np.sin(2 * np.pi * phase[0].numpy())), atol=1e-12)
    saw = square_saw(phase, column(1.0), column(60.0))[0].numpy()
    np.testing.assert_allclose(saw, 0.5 * square * (1 + np.cos(2 * np.pi * phase[0].numpy())), atol=1e-12)


def test_noise_is_32_uniform_rows_that_do_not_repeat():
    rows = noise(torch.arange(32), 20_000)
    assert float(rows.min()) >= -1
    assert float(rows.max()) < 1
    correlation = np.corrcoef(rows.numpy()) - np.eye(32)
    # 496 pairs of 20,000 samples: 5 standard errors, a chance of 3e-4 for any of them.
    assert np.abs(correlation).max() < 5 / math.sqrt(20_000)
    np.testing.assert_allclose(rows.var(dim=1).numpy(), 1 / 3, rtol=0.05)
    assert torch.equal(noise(torch.tensor([31, 0]), 20_000), rows[[31, 0]])
