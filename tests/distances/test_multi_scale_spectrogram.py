import math

import numpy as np
import pytest
import torch
from scipy import signal

from nebula.distances import MultiScaleSpectrogram, MultiScaleSpectrogramSettings, level
from nebula.errors import ArgumentError

RATE_HZ = 44_100
SIZES = (4096, 2048, 1024, 512, 256, 128, 64)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sine(bin_number, size, samples, amplitude=1.0):
    return amplitude * torch.sin(2 * math.pi * bin_number / size * torch.arange(samples, dtype=torch.float64))[None]


def one(size, **settings):
    return MultiScaleSpectrogram(MultiScaleSpectrogramSettings(fft_sizes=(size,), **settings))


def test_the_dimension_is_that_of_blocks_times_bins_twice():
    # Frames in a block: four where a window is longer than 40 ms = 1764 samples, else 1764 / hop rounded.
    dimension = 0
    for size in SIZES:
        hop = size // 4
        block = hop * max(4, round(1764 / hop))
        dimension += 2 * math.ceil(4 * RATE_HZ / block) * (size // 2 + 1)
    assert MultiScaleSpectrogram().embed(torch.zeros(1, 10), RATE_HZ).shape == (1, dimension)
    assert dimension == 556_460


@pytest.mark.parametrize("size", SIZES)
def test_a_sine_on_a_bin_has_its_analytic_magnitudes(size):
    bin_number = size // 4 - 3
    bins = MultiScaleSpectrogram().magnitudes(sine(bin_number, size, 8 * size, amplitude=0.3), size)[0, 4:-4]
    expected = torch.zeros(size // 2 + 1, dtype=torch.float64)
    expected[bin_number - 1 : bin_number + 2] = 0.3 * size * torch.tensor([1 / 8, 1 / 4, 1 / 8], dtype=torch.float64)
    # The addend under the root, 1e-24, shows as 1e-12 where the spectrum is zero.
    torch.testing.assert_close(bins, expected.expand_as(bins), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_energy_is_that_of_the_sound(size):
    # Parseval with windows that add up to 3/2 when squared at three quarters' overlap: the sum of |X|^2 over all bins
    # and frames is n * 3/2 * sum x^2 for a sound that is silent near its ends.
    audio = torch.nn.functional.pad(noise(1, 10_000), (size, size))
    power = MultiScaleSpectrogram().magnitudes(audio, size).square()
    both_sides = 2 * power.sum() - power[..., 0].sum() - power[..., -1].sum()
    torch.testing.assert_close(both_sides, size * 1.5 * audio.square().sum(), rtol=1e-10, atol=0)


def test_agrees_with_scipy():
    audio = noise(1, 2000)
    window = signal.windows.hann(256, sym=False)
    # Frame i is centred at (i + 1/2) hops, so shifted by half a hop frame 0 stands at time 0.
    shifted = np.concatenate([audio[0].numpy()[32:], np.zeros(32)])
    expected = np.abs(signal.ShortTimeFFT(window, 64, RATE_HZ).stft(shifted, p0=1, p1=30)).T
    actual = MultiScaleSpectrogram().magnitudes(audio, 256)[0, 1:30]
    np.testing.assert_allclose(actual[3:].numpy(), expected[3:], rtol=0, atol=1e-10)


def test_the_vector_is_the_block_means_divided_by_their_number():
    distance = one(64, duration_seconds=0.1, block_seconds=0.01)
    audio = noise(1, 4410)
    aligned = audio * 0.05 / audio.square().mean().sqrt()
    per_block = round(0.01 * RATE_HZ / 16)
    bins = distance.magnitudes(aligned, 64, per_block)[0]
    blocks = bins.split(per_block)
    assert all(len(block) == per_block for block in blocks)
    count = len(blocks) * 33
    linear = torch.stack([block.mean(0) for block in blocks]).flatten() / count
    logarithmic = torch.stack([(block + 1e-3).log().mean(0) for block in blocks]).flatten() / count
    torch.testing.assert_close(
        distance.embed(audio, RATE_HZ)[0], torch.cat([linear, logarithmic]), rtol=1e-10, atol=1e-15
    )


def literature(distance, first, second, size):
    """The distance of two sounds frame by frame, without blocks."""
    per_block = distance.frames_per_block(size, RATE_HZ)
    bins = [distance.magnitudes(level.align(audio), size, per_block) for audio in (first, second)]
    logarithms = [(values + 1e-3).log() for values in bins]
    return float((bins[0] - bins[1]).abs().mean() + (logarithms[0] - logarithms[1]).abs().mean())


@pytest.mark.parametrize("size", SIZES)
def test_for_steady_sounds_it_is_the_distance_of_the_literature(size):
    distance = one(size, duration_seconds=1.0)
    first, second = sine(size // 8, size, RATE_HZ), sine(size // 4, size, RATE_HZ)
    vectors = distance.embed(torch.cat([first, second]), RATE_HZ)
    # Only the frames over the ends, four in each of two blocks, are not steady.
    assert float((vectors[0] - vectors[1]).abs().sum()) == pytest.approx(
        literature(distance, first, second, size), rel=0.01
    )


@pytest.mark.parametrize("size", SIZES)
def test_averaging_over_blocks_keeps_most_of_the_distance_and_adds_none(size):
    distance = one(size, duration_seconds=0.5)
    first, second = noise(2, RATE_HZ // 2) * torch.linspace(1, 0, RATE_HZ // 2) ** torch.tensor([[1.0], [6.0]])
    vectors = distance.embed(torch.stack([first, second]), RATE_HZ)
    whole = literature(distance, first[None], second[None], size)
    assert 0.5 * whole < float((vectors[0] - vectors[1]).abs().sum()) < whole


def test_averaging_never_makes_the_distance_greater():
    audio = noise(2, 8192)
    distances = []
    for block_seconds in (0.0, 8 * 128 / 44_100, 32 * 128 / 44_100):
        vectors = one(512, duration_seconds=8192 / 44_100, block_seconds=block_seconds).embed(audio, RATE_HZ)
        distances.append(float((vectors[0] - vectors[1]).abs().sum()))
    assert distances[0] > distances[1] > distances[2] > 0


def test_a_tone_weighs_the_same_at_every_scale():
    audio = sine(8, 64, 2 * RATE_HZ)
    for size in SIZES:
        linear = one(size, duration_seconds=2.0, log_weight=0.0).embed(audio, RATE_HZ).sum()
        # A n / 2 over n / 2 + 1 bins, but for the ends and for the last block's silence.
        assert float(linear) == pytest.approx(0.05 * math.sqrt(2), rel=0.06)


def test_scales_add_up():
    audio = noise(2, 4410)
    settings = {"duration_seconds": 0.1}

    def between(distance):
        vectors = distance.embed(audio, RATE_HZ)
        return float((vectors[0] - vectors[1]).abs().sum())

    parts = [
        between(one(size, linear_weight=linear, log_weight=1.0 - linear, **settings))
        for size in SIZES
        for linear in (0.0, 1.0)
    ]
    assert between(MultiScaleSpectrogram(MultiScaleSpectrogramSettings(**settings))) == pytest.approx(sum(parts))


def test_weights_scale_their_part():
    audio = noise(1, 4410)
    plain = one(256, duration_seconds=0.1).embed(audio, RATE_HZ)
    weighted = one(256, duration_seconds=0.1, linear_weight=3.0, log_weight=0.5).embed(audio, RATE_HZ)
    half = plain.shape[1] // 2
    torch.testing.assert_close(weighted[:, :half], 3 * plain[:, :half], rtol=1e-12, atol=0)
    torch.testing.assert_close(weighted[:, half:], 0.5 * plain[:, half:], rtol=1e-12, atol=0)


@pytest.mark.parametrize("size", [64, 256, 1024])
def test_a_click_lights_the_frames_whose_window_holds_it_and_no_other(size):
    hop = size // 4
    for sample in (0, hop - 1, 3 * hop, 1500, 4095):
        click = torch.zeros(1, 4096, dtype=torch.float64)
        click[0, sample] = 1
        lit = MultiScaleSpectrogram().magnitudes(click, size)[0].amax(1) > 1e-9
        centres = (torch.arange(4096 // hop) + 0.5) * hop
        assert torch.equal(lit, (sample - centres).abs() < size / 2)


def test_silence_is_zero_and_the_floor():
    vector = one(64, duration_seconds=0.1).embed(torch.zeros(1, 5, dtype=torch.float64), RATE_HZ)[0]
    count = len(vector) // 2
    torch.testing.assert_close(vector[:count], torch.zeros(count, dtype=torch.float64), rtol=0, atol=1e-12)
    torch.testing.assert_close(vector[count:].sum().item(), math.log(1e-3), rtol=1e-8, atol=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fft_sizes": ()}, "fft_sizes: got (), expected at least one size"),
        ({"fft_sizes": (512, 100)}, "fft_sizes: got 100, expected a multiple of twice frames_per_window (8)"),
        ({"fft_sizes": (16,)}, "fft_sizes: got 16, expected a finite number from 32 to 65536"),
        ({"frames_per_window": 1}, "frames_per_window: got 1, expected a finite number from 2 to 16"),
        ({"block_seconds": -0.1}, "block_seconds: got -0.1, expected a finite number from 0 to 60"),
        ({"linear_weight": -1.0}, "linear_weight: got -1.0, expected a finite number from 0 to 1e+06"),
        (
            {"linear_weight": 0.0, "log_weight": 0.0},
            "log_weight: got 0.0, expected above 0 if linear_weight is 0",
        ),
        ({"log_floor": 0.0}, "log_floor: got 0.0, expected a finite number from 1e-09 to 1"),
    ],
)
def test_settings_outside_the_limits_are_refused(settings, message):
    with pytest.raises(ArgumentError) as error:
        MultiScaleSpectrogramSettings(**settings)
    assert str(error.value) == message
