import math

import pytest
import torch

from nebula.audio.loudness import align_loudness, fit_loudness, integrated_loudness_lufs, level_lufs, rms_db
from nebula.errors import ArgumentError


def sine(amplitude=1.0, frequency_hz=997.0, rate_hz=48000, seconds=2.0):
    time = torch.arange(round(rate_hz * seconds), dtype=torch.float64) / rate_hz
    return amplitude * torch.sin(2 * torch.pi * frequency_hz * time)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
def test_a_full_scale_sine_of_997_hz_reads_minus_3_01(rate_hz):
    # BS.1770-4 states -3.01 and gives the filters for 48 kHz; designed for other rates they differ in the next decimal.
    tolerance_lu = 0.001 if rate_hz == 48000 else 0.02
    assert float(integrated_loudness_lufs(sine(rate_hz=rate_hz), rate_hz)) == pytest.approx(-3.0103, abs=tolerance_lu)


@pytest.mark.parametrize("gain_db", [-20.0, -3.0, 3.0, 12.0])
def test_decibels_become_loudness_units(gain_db):
    noise = torch.randn(96000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 0.1
    louder = integrated_loudness_lufs(noise * 10 ** (gain_db / 20), 48000) - integrated_loudness_lufs(noise, 48000)
    assert float(louder) == pytest.approx(gain_db, abs=1e-9)


def test_silence_before_and_after_is_gated_away():
    # Only blocks that overlap the edges may differ: 3 of 77 at each end, at most 10 dB down and so within 0.3 LU.
    padded = torch.cat([torch.zeros(480000), sine(seconds=8.0).float(), torch.zeros(480000)])
    assert float(integrated_loudness_lufs(padded, 48000)) == pytest.approx(-3.01, abs=0.3)


def test_no_loudness_for_silence_for_the_faint_and_for_the_short():
    sounds = torch.stack([torch.zeros(48000), sine(1e-5, seconds=1.0).float()])
    assert integrated_loudness_lufs(sounds, 48000).tolist() == [-math.inf, -math.inf]
    assert float(integrated_loudness_lufs(sine(seconds=0.399), 48000)) == -math.inf


@pytest.mark.parametrize("loudness_lufs", [-40.0, -23.0, 0.0])
def test_aligned_sounds_read_the_loudness_that_was_asked_for(loudness_lufs):
    generator = torch.Generator().manual_seed(0)
    sounds = torch.randn(4, 2, 48000, generator=generator) * torch.tensor([1e-2, 0.1, 1.0, 30.0])[:, None, None]
    before = sounds.clone()
    aligned = align_loudness(sounds, 48000, loudness_lufs)
    assert aligned.dtype == torch.float32
    torch.testing.assert_close(
        integrated_loudness_lufs(aligned, 48000), torch.full((4, 2), loudness_lufs), atol=1e-4, rtol=0
    )
    torch.testing.assert_close(sounds, before, atol=0, rtol=0)


@pytest.mark.parametrize("sound", [sine(seconds=0.1), sine(1e-5), torch.full((1,), 0.3)])
def test_the_short_and_the_faint_are_aligned_by_root_mean_square(sound):
    assert float(rms_db(align_loudness(sound.double(), 48000, -23.0))) == pytest.approx(-23.0, abs=1e-5)


@pytest.mark.parametrize("samples", [1, 100, 48000])
def test_silence_stays_silence(samples):
    silence = torch.zeros(2, samples)
    assert align_loudness(silence, 48000).abs().max() == 0


def test_root_mean_square_in_closed_form():
    square = torch.tensor([[1.0, -1.0, 1.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    assert rms_db(square).tolist() == [0.0, -math.inf]
    assert float(rms_db(sine())) == pytest.approx(-3.0103, abs=1e-4)


def test_the_level_is_loudness_where_there_is_one_and_root_mean_square_elsewhere():
    sounds = torch.stack([sine(), sine(1e-5), torch.zeros(96000)])
    levels = level_lufs(sounds, 48000)
    assert levels.tolist() == pytest.approx([-3.0103, -103.0103, -math.inf], abs=1e-3)
    assert float(level_lufs(sine(seconds=0.1), 48000)) == pytest.approx(-3.0103, abs=0.01)


def test_levels_that_are_not_numbers_are_refused():
    with pytest.raises(ArgumentError, match=r"^loudness_lufs: nan is not a finite number$"):
        align_loudness(sine(), 48000, float("nan"))


@pytest.mark.parametrize("level", [1e-6, 0.1, 100.0])
def test_a_sound_is_fitted_to_a_loudness_however_quiet_it_was(level):
    noise = level * torch.randn(48000, generator=torch.Generator().manual_seed(0))
    fitted, is_lowered = fit_loudness(noise, 48000, -23.0)
    assert not is_lowered
    assert float(integrated_loudness_lufs(fitted, 48000)) == pytest.approx(-23.0, abs=1e-3)


def test_a_sound_whose_peaks_would_not_fit_is_as_loud_as_they_allow():
    click = torch.zeros(48000)
    click[100] = 0.25
    fitted, is_lowered = fit_loudness(click, 48000, -23.0)
    assert is_lowered
    torch.testing.assert_close(fitted, 4 * click)


def test_silence_is_fitted_as_silence():
    fitted, is_lowered = fit_loudness(torch.zeros(48000), 48000, -23.0)
    assert not is_lowered
    assert float(fitted.abs().max()) == 0
