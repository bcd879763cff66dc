"""Anchors against the mask of BS.1534-3, by the response to an impulse and to tones."""

import numpy as np
import pytest
import torch

from nebula.audio.anchors import ANCHOR_CUTOFFS_HZ, low_pass
from nebula.errors import ArgumentError

RATES_HZ = [16000, 22050, 44100, 48000, 96000]


def response(rate_hz, cutoff_hz, samples=2**15):
    """Returns frequencies and complex gains, time counted from the impulse."""
    impulse = torch.zeros(samples, dtype=torch.float64)
    impulse[samples // 2] = 1
    filtered = np.roll(low_pass(impulse, rate_hz, cutoff_hz).numpy(), -samples // 2)
    return np.fft.rfftfreq(samples, 1 / rate_hz), np.fft.rfft(filtered)


@pytest.mark.parametrize("cutoff_hz", ANCHOR_CUTOFFS_HZ)
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_mask_of_the_standard_holds_at_every_frequency(rate_hz, cutoff_hz):
    frequencies, gains = response(rate_hz, cutoff_hz)
    decibels = 20 * np.log10(np.abs(gains) + 1e-12)
    assert np.abs(decibels[frequencies <= cutoff_hz]).max() <= 0.1
    assert decibels[frequencies >= cutoff_hz * 4000 / 3500].max() <= -25
    assert decibels[frequencies >= cutoff_hz * 4500 / 3500].max(initial=-np.inf) <= -50
    # What the docstring says of this filter is more.
    assert np.abs(decibels[frequencies <= cutoff_hz]).max() <= 0.01
    assert decibels[frequencies >= cutoff_hz * 4000 / 3500].max() <= -59


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_no_frequency_is_delayed(rate_hz):
    _, gains = response(rate_hz, 3500)
    # A response without phase is a symmetric one about the impulse: not one sample of delay at any frequency.
    assert np.abs(gains.imag).max() < 1e-12


@pytest.mark.parametrize("cutoff_hz", ANCHOR_CUTOFFS_HZ)
def test_noise_and_its_anchor_agree_best_without_a_shift(cutoff_hz):
    noise = torch.randn(3, 20000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for sound, anchor in zip(noise.numpy(), low_pass(noise, 44100, cutoff_hz).numpy(), strict=True):
        correlation = np.correlate(anchor, sound, "full")
        assert int(correlation.argmax()) == len(sound) - 1


@pytest.mark.parametrize(("frequency_hz", "gain"), [(1000, 1.0), (3400, 1.0), (4100, 0.0), (9000, 0.0)])
def test_tones_pass_or_vanish(frequency_hz, gain):
    tone = torch.sin(2 * torch.pi * frequency_hz * torch.arange(44100, dtype=torch.float64) / 44100)
    middle = slice(1000, -1000)
    torch.testing.assert_close(low_pass(tone, 44100, 3500)[middle], gain * tone[middle], rtol=0, atol=1.5e-3)


@pytest.mark.parametrize("samples", [1, 7, 1000])
def test_shape_dtype_and_input_are_kept(samples):
    audio = torch.randn(2, 3, samples, generator=torch.Generator().manual_seed(0))
    before = audio.clone()
    anchor = low_pass(audio, 44100, 3500)
    assert (anchor.shape, anchor.dtype) == (audio.shape, audio.dtype)
    assert torch.equal(audio, before)


def test_a_cutoff_with_nothing_above_it_is_refused():
    with pytest.raises(ArgumentError) as raised:
        low_pass(torch.zeros(10), 8000, 7000)
    assert str(raised.value) == "cutoff_hz: got 7000, expected above 0 and at most 3500 at a rate of 8000 Hz"
