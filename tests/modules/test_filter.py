"""The state variable filter against the analogue filter that it is, and under cutoffs that jump."""

import math

import numpy as np
import pytest
import torch

from nebula.modules.filter import HIGHEST_TURNS, TYPES, cutoff_gain, state_variable

RATE = 44100


def column(value):
    return torch.tensor([value], dtype=torch.float64)


def still(cutoff_hz, samples, rate=RATE):
    return cutoff_gain(column(cutoff_hz), torch.zeros((1, samples), dtype=torch.float64), rate)


def impulse(samples):
    signal = torch.zeros((1, samples), dtype=torch.float64)
    signal[0, 0] = 1.0
    return signal


def response(kind, cutoff_hz, q, samples=4096, rate=RATE):
    """Frequencies in Hz, and the complex gain there."""
    heard = state_variable(impulse(samples), still(cutoff_hz, samples, rate), column(1 / q), column(float(kind)))
    return np.fft.rfftfreq(samples, 1 / rate), np.fft.rfft(heard[0].numpy())


@pytest.mark.parametrize("q", [0.5, 2.0])
@pytest.mark.parametrize("cutoff_hz", [200.0, 1000.0, 15000.0])
@pytest.mark.parametrize("kind", range(len(TYPES)), ids=TYPES)
def test_a_still_filter_is_the_bilinear_transform_of_the_analogue_one(kind, cutoff_hz, q):
    frequency_hz, gain = response(kind, cutoff_hz, q)
    # The Nyquist frequency is infinity there.
    frequency_hz, gain = frequency_hz[:-1], gain[:-1]
    s = 1j * np.tan(math.pi * frequency_hz / RATE) / math.tan(math.pi * cutoff_hz / RATE)
    numerator = [1.0, s, s * s, s * s + 1][kind]
    # What rings on after 4,096 samples is below e^-29.
    np.testing.assert_allclose(gain, numerator / (s * s + s / q + 1), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("kind", "steps"), [(0, -12.04), (1, -6.02), (2, 0.0)], ids=TYPES[:3])
def test_far_above_the_cutoff_it_falls_by_12_or_6_db_an_octave(kind, steps):
    # So far below the Nyquist frequency and above the cutoff that neither bends the slope by 0.1 dB.
    frequency_hz, gain = response(kind, 100.0, 0.7, samples=2**15, rate=176_400)
    octave = [20 * np.log10(abs(gain[np.abs(frequency_hz - hz).argmin()])) for hz in (2000.0, 4000.0)]
    assert octave[1] - octave[0] == pytest.approx(steps, abs=0.1)


def moving(samples, seed=3):
    """Noise, cutoffs that jump anywhere at every sample, and a damping."""
    generator = torch.Generator().manual_seed(seed)
    signal = 2 * torch.rand((3, samples), generator=generator, dtype=torch.float64) - 1
    octaves = 11 * torch.rand((3, samples), generator=generator, dtype=torch.float64)
    gain = cutoff_gain(torch.full((3,), 10.0, dtype=torch.float64), octaves, RATE)
    return signal, gain, torch.tensor([0.25, 1.0, 2.0], dtype=torch.float64)


@pytest.mark.parametrize("samples", [1, 2, 3, 50, 997])
def test_stretches_side_by_side_are_the_recursion_one_sample_after_the_other(samples):
    signal, gain, damping = moving(samples)
    for kind in range(len(TYPES)):
        heard = state_variable(signal, gain, damping, torch.full((3,), float(kind), dtype=torch.float64))
        for x, g, k, ours in zip(signal.tolist(), gain.tolist(), damping.tolist(), heard.tolist(), strict=True):
            s1 = s2 = 0.0
            for number in range(samples):
                a1 = 1 / (1 + g[number] * (g[number] + k))
                a2 = g[number] * a1
                a3 = g[number] * a2
                v1 = a1 * s1 + a2 * (x[number] - s2)
                v2 = s2 + a2 * s1 + a3 * (x[number] - s2)
                s1, s2 = 2 * v1 - s1, 2 * v2 - s2
                expected = (v2, v1, x[number] - k * v1 - v2, x[number] - k * v1)[kind]
                assert ours[number] == pytest.approx(expected, abs=1e-12)


def test_low_band_and_high_add_up_to_what_went_in():
    signal, gain, damping = moving(500)
    low, band, high, notch = (
        state_variable(signal, gain, damping, torch.full((3,), float(kind), dtype=torch.float64)) for kind in range(4)
    )
    torch.testing.assert_close(low + damping.unsqueeze(1) * band + high, signal, rtol=0, atol=1e-12)
    torch.testing.assert_close(low + high, notch, rtol=0, atol=1e-12)


def test_cutoffs_that_jump_at_every_sample_do_not_make_it_ring_louder():
    _, gain, damping = moving(8820)
    # After an impulse the states are at most 2 long, and can only get shorter; band and low are means of two of them.
    hit = impulse(8820).expand(3, -1)
    low, band = (
        state_variable(hit, gain, damping, torch.full((3,), float(kind), dtype=torch.float64)) for kind in (0, 1)
    )
    loudness = (low.square() + band.square()).sqrt()
    assert float(loudness[:, 1:].max()) <= 2.0
    assert float(loudness[:, 4410:].max()) < 1e-6


def test_the_cutoff_is_held_between_10_hz_and_what_the_rate_allows():
    octaves = torch.tensor([[-30.0, 0.0, 30.0]], dtype=torch.float64)
    for rate, highest_hz in ((96000, 20_000.0), (16000, HIGHEST_TURNS * 16000)):
        hz = torch.atan(cutoff_gain(column(440.0), octaves, rate)) / math.pi * rate
        np.testing.assert_allclose(hz[0].numpy(), [10.0, 440.0, highest_hz], rtol=1e-9)


def test_gradients_are_the_slopes():
    signal, gain, damping = moving(17)

    def heard(signal, gain, damping):
        return state_variable(signal, gain, damping, torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64))

    inputs = tuple(value.requires_grad_() for value in (signal, gain.clamp(max=3.0), damping))
    assert torch.autograd.gradcheck(heard, inputs)
