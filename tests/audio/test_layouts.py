"""Channels: what each counts for, and what is played where."""

import pytest
import torch

from nebula.audio.layouts import common, laid_out, loudspeakers, weights
from nebula.audio.loudness import relative_level_lufs
from nebula.errors import ArgumentError

RATE = 48000


def tone(seconds=2.0):
    time = torch.arange(round(seconds * RATE), dtype=torch.float64) / RATE
    return torch.sin(2 * torch.pi * 997 * time)


@pytest.mark.parametrize(
    ("channels", "place", "expected_lufs"),
    # ITU-R BS.1770-4: the sine of one front channel reads -3.01, of a surround one 1.49 dB more (a weight of 1.41), of
    # low frequencies nothing.
    [
        (1, 0, -3.01),
        (2, 1, -3.01),
        (3, 2, -3.01),
        (4, 3, -1.52),
        (5, 4, -1.52),
        (6, 2, -3.01),
        (6, 4, -1.52),
        (6, 3, -torch.inf),
    ],
)
@pytest.mark.parametrize("gain", [1.0, 1e-5])
@pytest.mark.parametrize("seconds", [2.0, 0.2])
def test_each_channel_counts_as_the_standard_says(channels, place, expected_lufs, gain, seconds):
    sound = torch.zeros(channels, round(seconds * RATE), dtype=torch.float64)
    sound[place] = gain * tone(seconds)
    expected_lufs += 20 * torch.tensor(gain).log10().item()
    assert float(relative_level_lufs(sound, RATE)) == pytest.approx(expected_lufs, abs=0.01)


def test_powers_of_channels_are_added_whatever_their_signs():
    stereo = torch.stack([tone(), -tone()])
    assert float(relative_level_lufs(stereo, RATE)) == pytest.approx(-3.01 + 3.01, abs=0.01)
    # Channels that have nothing in common, too.
    noise = torch.randn(2, 5 * RATE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    both, left, right = (10 ** (relative_level_lufs(sound, RATE) / 10) for sound in (noise, noise[:1], noise[1:]))
    torch.testing.assert_close(both, left + right, rtol=1e-6, atol=0)


@pytest.mark.parametrize("channels", [2, 4, 6])
def test_mono_is_played_on_all_but_that_of_low_frequencies(channels):
    mono = torch.rand(1, 9)
    played = laid_out(mono, channels)
    assert played.shape == (channels, 9)
    for channel, weight in zip(played, weights(channels), strict=True):
        assert torch.equal(channel, mono[0] if weight else torch.zeros(9))


def test_three_and_five_are_among_six_as_wav_files_have_them():
    three, five = torch.rand(3, 4), torch.rand(5, 4)
    silent = torch.zeros(4)
    assert [loudspeakers(count) for count in (1, 2, 3, 4, 5, 6)] == [1, 2, 6, 4, 6, 6]
    assert torch.equal(laid_out(three, 6), torch.stack([*three, silent, silent, silent]))
    assert torch.equal(laid_out(five, 6), torch.stack([*five[:3], silent, *five[3:]]))
    assert float(relative_level_lufs(laid_out(five, 6), RATE)) == pytest.approx(
        float(relative_level_lufs(five, RATE)), abs=1e-6
    )


@pytest.mark.parametrize(
    ("given", "expected"), [([1, 1], 1), ([1, 2, 2], 2), ([3, 1, 5, 6], 6), ([4], 4), ([2], 2), ([1], 1)]
)
def test_sounds_are_played_in_one_number_of_channels(given, expected):
    assert common(given) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weights(7), "channels: got 7, expected 1 to 6"),
        (lambda: weights(0), "channels: got 0, expected 1 to 6"),
        (lambda: common([2, 1, 6]), "channels: got 2 and 6, expected one number beside mono"),
        (lambda: laid_out(torch.zeros(2, 5), 6), "sound: got 2 channels, expected 1 or 6"),
        (lambda: relative_level_lufs(torch.zeros(8, 100), RATE), "channels: got 8, expected 1 to 6"),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert str(raised.value) == message
