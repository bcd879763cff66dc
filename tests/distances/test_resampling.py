import math

import numpy as np
import pytest
import soxr
import torch

from nebula.distances.resampling import resample

RATES_HZ = [8000, 11_025, 16_000, 22_050, 44_056, 44_100, 88_200, 96_000, 192_000, 44_099]


def tone(frequency_hz, rate_hz, seconds=0.2):
    time = torch.arange(round(seconds * rate_hz), dtype=torch.float64) / rate_hz
    return torch.sin(2 * math.pi * frequency_hz * time)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_tone_in_the_pass_band_stays_that_tone(rate_hz):
    frequency = 0.4 * min(rate_hz, 48_000)
    found = resample(tone(frequency, rate_hz)[None], rate_hz, 48_000)[0]
    expected = tone(frequency, 48_000)
    # The ends hear the silence beyond them, for as long as the filter reaches: 64 samples of the lower rate.
    margin = math.ceil(65 * 48_000 / min(rate_hz, 48_000))
    end = min(len(found), len(expected)) - margin
    # Straight lines between 512 values a crossing: (pi / 512)^2 / 8 = 5e-6 and a little more near the band's end.
    torch.testing.assert_close(found[margin:end], expected[margin:end], rtol=0, atol=2e-5)


@pytest.mark.parametrize("rate_hz", [88_200, 96_000, 192_000])
def test_a_tone_above_the_new_band_is_gone(rate_hz):
    found = resample(tone(26_000, rate_hz)[None], rate_hz, 48_000)[0]
    assert found[200:-200].abs().max() < 1e-5


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_it_agrees_with_soxr_in_the_pass_band(rate_hz):
    generator = np.random.default_rng(0)
    # Noise without the highest octave, where filters may differ.
    noise = soxr.resample(generator.normal(size=4000), min(rate_hz, 48_000) // 2, rate_hz, quality="VHQ")
    found = resample(torch.from_numpy(noise)[None], rate_hz, 48_000)[0].numpy()
    expected = soxr.resample(noise, rate_hz, 48_000, quality="VHQ")
    size = min(len(found), len(expected))
    margin = math.ceil(400 * 48_000 / min(rate_hz, 48_000))
    # Both ripple a little; samples are of order 1, at most 4.
    np.testing.assert_allclose(found[margin : size - margin], expected[margin : size - margin], rtol=0, atol=5e-4)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("samples", [0, 1, 2, 159, 160, 161, 5000])
def test_lengths_are_rounded_down(rate_hz, samples):
    found = resample(torch.ones(2, samples), rate_hz, 48_000)
    assert found.shape == (2, samples * 48_000 // rate_hz)
    assert found.isfinite().all()


def test_the_same_rate_changes_nothing():
    audio = torch.randn(2, 77)
    assert torch.equal(resample(audio, 48_000.2, 48_000), audio)


def test_what_the_filter_does_not_reach_stays_exactly_silent():
    audio = torch.zeros(1, 44_100)
    audio[0, 0] = 1
    found = resample(audio, 44_100, 48_000)[0]
    assert found[:60].abs().min() >= 0
    assert found[5].abs() > 0
    assert torch.equal(found[80:], torch.zeros(len(found) - 80))


def test_it_is_linear_and_does_not_depend_on_the_batch():
    first, second = torch.randn(2, 3000, dtype=torch.float64)
    both = resample(torch.stack([first, second]), 44_100, 48_000)
    torch.testing.assert_close(resample((first + 2 * second)[None], 44_100, 48_000)[0], both[0] + 2 * both[1])


def test_gradient_agrees_with_differences():
    audio = torch.randn(1, 40, dtype=torch.float64, requires_grad=True)
    for rate_hz in (44_100, 96_000):
        assert torch.autograd.gradcheck(lambda sound, rate_hz=rate_hz: resample(sound, rate_hz, 48_000), (audio,))
