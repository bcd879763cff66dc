import doctest
import math

import numpy as np
import pytest
import torch
from scipy import signal

from nebula import distances
from nebula.distances import LogMel, LogMelSettings, level, mel
from nebula.distances.log_mel import distance as log_mel
from nebula.errors import ArgumentError

RATE_HZ = 44_100
EDGES_HZ = mel.band_edges_hz(64, 20.0, 20_000.0)


def noise(*shape, dtype=torch.float64, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def tones(frequencies_hz, duration_seconds, rate_hz=RATE_HZ):
    time = torch.arange(round(duration_seconds * rate_hz), dtype=torch.float64) / rate_hz
    return torch.sin(2 * math.pi * torch.as_tensor(frequencies_hz, dtype=torch.float64)[:, None] * time)


def frames(distance, audio, rate_hz=RATE_HZ):
    """Logarithms as (batch, frame, band)."""
    vectors = distance.embed(audio, rate_hz)
    return (vectors * vectors.shape[1]).unflatten(1, (-1, distance.settings.bands))


def test_agrees_with_scipy_and_the_formula_of_the_vector():
    audio = level.align(noise(1, 4 * RATE_HZ))
    spectrum = signal.ShortTimeFFT(signal.windows.hann(2048, sym=False), 1764, RATE_HZ).stft(audio[0].numpy(), p0=0)
    bands = np.abs(spectrum[:, :101]).T @ mel.filterbank(np.arange(1025) * RATE_HZ / 2048, EDGES_HZ)
    expected = np.log(bands + 1e-3).ravel() / (101 * 64)
    # Two implementations in double precision, whose logarithms are of order 1.
    np.testing.assert_allclose(LogMel().embed(audio, RATE_HZ)[0].numpy(), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_the_dimension_is_the_same_at_every_rate(rate_hz):
    assert LogMel().embed(torch.zeros(1, 4 * rate_hz), rate_hz).shape == (1, 101 * 64)


@pytest.mark.parametrize(("duration_seconds", "count"), [(0.039, 1), (0.04, 2), (0.1, 3), (1.0, 26), (4.0, 101)])
def test_a_frame_begins_each_hop_and_one_stands_at_the_end(duration_seconds, count):
    distance = LogMel(LogMelSettings(duration_seconds=duration_seconds))
    assert distance.embed(torch.zeros(1, 10), RATE_HZ).shape == (1, count * 64)


def test_a_click_lights_the_frames_whose_window_holds_it_and_no_other():
    distance = LogMel(LogMelSettings(duration_seconds=0.4))
    samples = torch.arange(0, 17_640, 441)
    clicks = torch.zeros(len(samples), 17_640, dtype=torch.float64)
    clicks[torch.arange(len(samples)), samples] = 1
    # A window's second sample is sin^2(pi / 2048) = 2e-6, which lifts the floor by a thousandth and more; silence lifts
    # it by 1e-7, from what is added under the root.
    lit = frames(distance, clicks).amax(2) > math.log(1e-3) + 1e-5
    centres = torch.arange(11) * 1764
    # The window is zero at its first sample and positive on the 2047 after it.
    assert torch.equal(lit, (samples[:, None] - centres).abs() < 1024)


def test_a_click_on_a_frame_is_flat_with_the_width_of_the_bands():
    distance = LogMel(LogMelSettings(duration_seconds=0.4))
    click = torch.zeros(1, 17_640, dtype=torch.float64)
    click[0, 5 * 1764] = 1
    # At level 0.05 the click has amplitude 0.05 sqrt(17640), its spectrum is that everywhere.
    weights = mel.filterbank(np.arange(1025) * RATE_HZ / 2048, EDGES_HZ).sum(0)
    expected = np.log(0.05 * math.sqrt(17_640) * weights + 1e-3)
    np.testing.assert_allclose(frames(distance, click)[0, 5].numpy(), expected, rtol=1e-10)


def test_a_tone_on_a_peak_is_loudest_in_that_band_over_the_whole_range():
    distance = LogMel(LogMelSettings(duration_seconds=0.2))
    values = frames(distance, tones(EDGES_HZ[1:-1], 0.2))[:, 1:-1]
    # Below 800 Hz a band is narrower than the window's main lobe, and the sums of coarse bins may favour the
    # neighbour; above, the answer is exact.
    loudest = values.mean(1).argmax(1)
    expected = torch.arange(64)
    assert (loudest - expected).abs().max() <= 1
    assert torch.equal(loudest[16:], expected[16:])


def test_a_tone_between_two_peaks_lights_both_alike():
    distance = LogMel(LogMelSettings(duration_seconds=0.2))
    for band in range(40, 63):
        # Halfway in frequency both triangles weigh one half; side lobes and the grid of bins leave 0.6 %.
        middle = (EDGES_HZ[band + 1] + EDGES_HZ[band + 2]) / 2
        value = frames(distance, tones([middle], 0.2))[0, 2]
        assert float(value[band]) == pytest.approx(float(value[band + 1]), abs=1e-2)


def test_a_tone_has_its_analytic_magnitude():
    # Bin 400, far inside a wide band: a Hann-windowed sine of amplitude A has bins A n / 8, A n / 4, A n / 8, which
    # the straight side of a triangle weighs to A n / 2 times the weight of the middle.
    frequency = 400 * RATE_HZ / 2048
    bands = frames(LogMel(LogMelSettings(duration_seconds=0.2)), tones([frequency], 0.2))[0, 2].exp() - 1e-3
    amplitude = 0.05 * math.sqrt(2)
    weights = mel.filterbank(np.array([frequency]), EDGES_HZ)[0]
    band = int(weights.argmax())
    assert float(bands[band]) == pytest.approx(amplitude * 2048 / 2 * weights[band], rel=1e-3)


def swells(frequencies_hz):
    """Tones of half a second under a Gaussian envelope, so that no edge is heard."""
    time = torch.arange(RATE_HZ // 2, dtype=torch.float64) / RATE_HZ
    return tones(frequencies_hz, 0.5) * torch.exp(-(((time - 0.25) / 0.08) ** 2))


@pytest.mark.parametrize("band", range(40, 63))
def test_the_distance_grows_with_every_step_of_detuning_from_one_peak_to_the_next(band):
    # Above 5 kHz bands are wide against the window's main lobe. Below, the grid of bins and the side lobes make small
    # steps of a pure tone come out in no certain order, which is this distance's known weakness.
    distance = LogMel(LogMelSettings(duration_seconds=0.5))
    vectors = distance.embed(swells(np.linspace(EDGES_HZ[band + 1], EDGES_HZ[band + 2], 6)), RATE_HZ)
    assert ((vectors - vectors[0]).abs().sum(1).diff() > 0).all()


def test_over_the_whole_range_a_neighbouring_band_is_nearer_than_one_four_bands_up():
    distance = LogMel(LogMelSettings(duration_seconds=0.5))
    vectors = distance.embed(swells(EDGES_HZ[1:-1]), RATE_HZ)
    neighbour = (vectors[1:] - vectors[:-1]).abs().sum(1)[:-3]
    farther = (vectors[4:] - vectors[:-4]).abs().sum(1)
    assert (neighbour < farther).all()


def test_a_later_start_is_a_greater_distance():
    distance = LogMel(LogMelSettings(duration_seconds=1.0))
    burst = noise(2000)
    audio = torch.stack([torch.nn.functional.pad(burst, (start, 42_100 - start)) for start in range(0, 17_641, 1764)])
    vectors = distance.embed(audio, RATE_HZ)
    # Shifts by whole hops move the same frames: no distance once they no longer overlap, so it stays where it is.
    apart = (vectors - vectors[0]).abs().sum(1)
    assert apart[1] > 0.1
    torch.testing.assert_close(apart[5:], apart[5].expand(6), rtol=1e-9, atol=0)


@pytest.mark.parametrize("rate_hz", [22_050, 32_000, 48_000, 96_000])
def test_one_sound_at_two_rates_has_one_vector(rate_hz):
    distance = LogMel(LogMelSettings(duration_seconds=0.5))
    frequencies = torch.tensor([110.0, 440.0, 997.0, 3000.0, 7000.0], dtype=torch.float64)

    def chord(rate):
        # A Gaussian swell has no edges, so nothing of it lies above half of any of the rates.
        time = torch.arange(rate // 2, dtype=torch.float64) / rate
        return (tones(frequencies, 0.5, rate) * torch.exp(-(((time - 0.25) / 0.04) ** 2))).sum(0)

    here = distance.embed(chord(RATE_HZ)[None], RATE_HZ)
    there = distance.embed(chord(rate_hz)[None], rate_hz)
    other = distance.embed(chord(RATE_HZ)[None].roll(4000), RATE_HZ)
    # Windows and hops are rounded to whole samples: a five-hundredth of a true change.
    assert (here - there).abs().sum() < (here - other).abs().sum() / 500


def test_bands_above_half_the_sample_rate_hold_the_floor():
    distance = LogMel(LogMelSettings(duration_seconds=0.2))
    values = frames(distance, noise(2, 1600), 8000)
    silent = EDGES_HZ[:-2] > 4000
    assert silent.sum() == 27
    torch.testing.assert_close(
        values[..., silent], torch.full_like(values[..., silent], math.log(1e-3)), rtol=1e-9, atol=0
    )
    assert (values[:, 1:-1][..., ~silent] > math.log(1e-3) + 0.1).all()


def test_silence_is_the_floor_divided_by_the_dimension():
    vector = LogMel().embed(torch.zeros(1, 100, dtype=torch.float64), RATE_HZ)
    torch.testing.assert_close(vector, torch.full_like(vector, math.log(1e-3) / 6464), rtol=1e-8, atol=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bands": 0}, "bands: got 0, expected a finite number from 1 to 4096"),
        (
            {"bands": 256},
            "bands: got 256, expected fewer: the lowest band, 19.1 Hz wide, needs more than one bin of 21.5 Hz",
        ),
        ({"lowest_hz": -1.0}, "lowest_hz: got -1.0, expected a finite number from 0 to 100000"),
        ({"highest_hz": 20.0}, "highest_hz: got 20.0, expected above lowest_hz (20.0)"),
        ({"fft_samples": 63}, "fft_samples: got 63, expected a finite number from 64 to 65536"),
        ({"hop_seconds": 0.0}, "hop_seconds: got 0.0, expected a finite number from 0.001 to 60"),
        ({"log_floor": 0.0}, "log_floor: got 0.0, expected a finite number from 1e-09 to 1"),
    ],
)
def test_settings_outside_the_limits_are_refused(settings, message):
    with pytest.raises(ArgumentError) as error:
        LogMelSettings(**settings)
    assert str(error.value) == message


def test_every_band_has_a_bin_with_as_many_bands_as_are_allowed():
    for fft_samples in (1024, 2048, 4096):
        allowed = 1
        for bands in range(1, 600):
            try:
                LogMelSettings(bands=bands, fft_samples=fft_samples)
            except ArgumentError:
                break
            allowed = bands
        bins = np.arange(fft_samples // 2 + 1) * RATE_HZ / fft_samples
        assert (mel.filterbank(bins, mel.band_edges_hz(allowed, 20.0, 20_000.0)).sum(0) > 0).all()


@pytest.mark.parametrize("module", [distances, log_mel, level])
def test_examples_in_the_documentation_run(module):
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
