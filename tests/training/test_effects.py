"""Effects by the laws that define them."""

import math

import numpy as np
import pytest
import torch

from nebula.training.effects import augment_audio, filtered, in_room, shifted, transposed

RATE = 16_000
TIME = torch.arange(RATE, dtype=torch.float64) / RATE


def tone(frequency_hz):
    return torch.sin(2 * math.pi * frequency_hz * TIME)[None]


def decibels(after, before):
    # Away from both ends, where a filter rings.
    part = slice(RATE // 4, 3 * RATE // 4)
    return 20 * math.log10(float(after[0, part].norm() / before[0, part].norm()))


@pytest.mark.parametrize("high_pass", [True, False])
def test_filters_take_3_db_at_the_cutoff_and_24_an_octave_beyond(high_pass):
    cutoff = torch.tensor([1000.0])
    for octaves in (-2, -1, 0, 1, 2):
        sound = tone(1000.0 * 2**octaves)
        beyond = -octaves if high_pass else octaves
        expected = -10 * math.log10(1 + 2.0 ** (8 * beyond))
        assert decibels(filtered(sound, RATE, cutoff, high_pass=high_pass), sound) == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize("semitones", [-2.0, -0.5, 0.0, 1.3, 2.0])
def test_transposing_moves_a_tone_by_its_interval_and_keeps_level_and_length(semitones):
    sounds = torch.cat([tone(440.0), tone(3000.0)])
    found = transposed(sounds, torch.tensor([semitones, semitones]))
    assert found.shape == sounds.shape
    part = found[:, RATE // 8 : RATE // 2].numpy() * np.hanning(3 * RATE // 8)
    spectrum = np.abs(np.fft.rfft(part, 8 * RATE))
    for row, frequency in zip(spectrum, (440, 3000), strict=True):
        assert row.argmax() / 8 == pytest.approx(frequency * 2 ** (semitones / 12), rel=2e-3)
    # Reading between samples along straight lines takes a decibel of what is as high as the second tone.
    before = sounds[:, RATE // 8 : RATE // 2].norm(dim=1)
    torch.testing.assert_close(found[:, RATE // 8 : RATE // 2].norm(dim=1), before, rtol=0.15, atol=0)


def test_each_sound_is_shifted_around_by_its_own_share():
    sounds = torch.arange(20.0).view(2, 10)
    found = shifted(sounds, torch.tensor([0.2, -0.1]))
    assert torch.equal(found, torch.stack([sounds[0].roll(2), sounds[1].roll(-1)]))


def test_a_room_keeps_the_level_and_dies_away_by_60_db_in_its_time():
    click = torch.zeros(2, RATE, dtype=torch.float64)
    click[:, 0] = 1
    noise = torch.randn(2, RATE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    seconds = torch.tensor([0.2, 0.6])
    heard = in_room(click, RATE, seconds, noise)
    torch.testing.assert_close(heard.norm(dim=1), click.norm(dim=1))
    for row, decay in zip(heard, seconds.tolist(), strict=True):
        # Energy of 1,600 numbers in each window: its estimate has a standard deviation of 0.15 dB.
        size, apart = RATE // 20, round(decay / 3 * RATE)
        early, late = (row[first : first + size].square().sum() for first in (1, 1 + apart))
        assert 10 * math.log10(early / late) == pytest.approx(20, abs=1)
    silence = torch.zeros(1, 1000)
    assert torch.equal(in_room(silence, RATE, torch.tensor([0.5]), noise[:1, :1000].float()), silence)


def test_each_effect_falls_to_half_of_the_sounds_and_all_follow_from_the_generator():
    sounds = 0.1 * torch.randn(200, RATE // 4, generator=torch.Generator().manual_seed(1))
    first, again = (augment_audio(sounds, RATE, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, again)
    assert bool(first.isfinite().all())
    # One sound in 32 has no effect at all: of 200 sounds, by the binomial law, 1 to 14 but in one of 200 cases.
    assert 1 <= int((first == sounds).all(1).sum()) <= 14
