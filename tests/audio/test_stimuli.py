"""Sounds made comparable: time, level and offset, each where the right answer is known."""

import dataclasses
import math

import pytest
import torch

from nebula.audio import align_loudness, level_lufs, relative_level_lufs
from nebula.audio.anchors import low_pass
from nebula.audio.layouts import laid_out, total_weight
from nebula.audio.stimuli import (
    PEAK,
    PEAK_TO_LOUDNESS_DB,
    align_edges,
    align_levels,
    fit_peaks,
    peak_to_loudness_db,
    spread,
)
from nebula.errors import ArgumentError

RATE = 44100


def burst(onset_seconds, length_seconds, total_seconds=2.0, frequency_hz=330.0, rate_hz=RATE, offset=0.0):
    """A tone between two moments, on top of an offset."""
    time = torch.arange(round(total_seconds * rate_hz), dtype=torch.float64) / rate_hz
    sounding = (time >= onset_seconds) & (time < onset_seconds + length_seconds)
    return (offset + 0.3 * sounding * torch.sin(2 * torch.pi * frequency_hz * (time - onset_seconds))).unsqueeze(0)


@pytest.mark.parametrize("rate_hz", [8000, 22050, 44100, 96000])
@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_bursts_begin_and_end_together(rate_hz, offset):
    frequencies_hz = (55.0, 330.0, 3000.0)
    sounds = [
        burst(onset, length, total, frequency_hz, rate_hz, offset)
        for (onset, length, total), frequency_hz in zip(
            [(0.0, 0.7, 1.0), (0.31, 0.5, 1.5), (0.5, 1.4, 2.0)], frequencies_hz, strict=True
        )
    ]
    aligned = align_edges(sounds, rate_hz)
    # The shortest lasts half a second; the lead, the fade and a millisecond or two of search come on top.
    assert aligned.shape[-1] / rate_hz == pytest.approx(0.507, abs=0.004)
    left = spread(aligned, rate_hz)
    assert left.onset_seconds <= 0.01
    assert left.tail_seconds <= 0.01
    assert left.offset < 1e-12


def test_natural_tails_are_kept():
    sounds = [burst(0.1, 0.4), burst(0.3, 1.2)]
    aligned = align_edges(sounds, RATE, tails="natural")
    left = spread(aligned, RATE)
    assert left.onset_seconds <= 0.01
    assert left.tail_seconds == pytest.approx(0.8, abs=0.004)
    assert aligned.shape[-1] / RATE == pytest.approx(1.207, abs=0.004)


def test_a_sound_that_pauses_ends_with_the_others():
    paused = burst(0.0, 0.2) + burst(1.0, 0.5)
    left = spread(align_edges([paused, burst(0.0, 0.6)], RATE), RATE)
    assert left.tail_seconds <= 0.01


def test_versions_of_one_sound_stay_synchronous():
    generator = torch.Generator().manual_seed(0)
    reference = torch.cat(
        [torch.zeros(9000), torch.randn(30000, generator=generator) * torch.linspace(1, 0, 30000) ** 3]
    ).unsqueeze(0)
    versions = [reference, low_pass(reference, RATE, 3500), low_pass(reference, RATE, 7000)]
    aligned = align_edges(versions, RATE)[:, 0].double().numpy()
    for version in aligned[1:]:
        correlation = torch.fft.irfft(
            torch.fft.rfft(torch.tensor(version), 2**17) * torch.fft.rfft(torch.tensor(aligned[0]), 2**17).conj()
        )
        assert int(correlation.argmax()) == 0


def test_what_lies_between_the_fades_is_not_touched():
    sound = burst(0.5, 0.5, frequency_hz=400.0)
    sound, aligned = sound[0], align_edges([sound], RATE)[0, 0]
    start = int(torch.nonzero(aligned.abs() > 1e-4)[0]) - int(torch.nonzero(sound.abs() > 1e-4)[0])
    inside = slice(300, 21000)
    # 200 whole periods have no mean but for the search's millisecond, of which the mean takes a share.
    torch.testing.assert_close(aligned[inside], sound.roll(start)[inside], rtol=0, atol=1e-3)


def test_silence_follows_the_others_and_stays_silence():
    aligned = align_edges([torch.full((1, RATE), 0.1), burst(0.2, 0.5).float()], RATE)
    assert aligned[0].abs().max() < 1e-7
    assert aligned.shape[-1] / RATE == pytest.approx(0.507, abs=0.004)
    assert align_edges([torch.zeros(1, 10), torch.zeros(1, 20)], RATE).abs().max() == 0


@pytest.mark.parametrize("samples", [1, 5, 100])
def test_sounds_shorter_than_the_fades_are_taken(samples):
    aligned = align_edges([torch.rand(1, samples, generator=torch.Generator().manual_seed(0))], RATE)
    assert aligned.double().mean().abs() < 1e-7


def test_the_same_gain_for_all_keeps_them_equal_where_one_would_clip():
    click = torch.zeros(RATE, dtype=torch.float64)
    click[::4410] = 1.0  # a crest factor of 36 dB
    sounds = [click.unsqueeze(0), burst(0.0, 0.2, total_seconds=0.2)]
    sounds.append(torch.sin(torch.arange(2 * RATE, dtype=torch.float64)).reshape(2, 1, RATE))
    levelled, loudness_lufs = align_levels(sounds, RATE, -14.0)
    assert max(float(sound.abs().max()) for sound in levelled) == pytest.approx(PEAK, rel=1e-12)
    assert loudness_lufs < -14.0
    levels = torch.cat([level_lufs(sound, RATE).flatten() for sound in levelled])
    torch.testing.assert_close(levels, torch.full((4,), loudness_lufs, dtype=torch.float64), atol=1e-4, rtol=0)
    # One gain: against the loudness wanted, every sound is down by the same number of decibels.
    ratios = [
        float(after.abs().max() / align_loudness(before, RATE, -14.0).abs().max())
        for before, after in zip(sounds, levelled, strict=True)
    ]
    assert ratios == pytest.approx([10 ** ((loudness_lufs + 14) / 20)] * 3, rel=1e-9)


def test_where_all_fit_nothing_is_turned_down():
    sounds = [burst(0.0, 1.0), torch.zeros(1, RATE, dtype=torch.float64)]
    levelled, loudness_lufs = align_levels(sounds, RATE)
    assert loudness_lufs == -23.0
    assert float(relative_level_lufs(levelled[0], RATE)) == pytest.approx(-23.0, abs=1e-9)
    assert levelled[1].abs().max() == 0


@pytest.mark.parametrize("peak", [1e-6, 0.5, PEAK, 1.0, 40.0])
def test_levels_that_are_left_alone_are_turned_down_together_where_one_would_clip(peak):
    loud, quiet = peak * torch.tensor([[0.5, -1.0]]), 0.01 * peak * torch.ones(2, 1, 3)
    fitted, gain_db = fit_peaks([loud, quiet])
    assert gain_db == pytest.approx(min(0.0, 20 * math.log10(PEAK / peak)), abs=1e-6)
    for before, after in zip((loud, quiet), fitted, strict=True):
        torch.testing.assert_close(after, before * 10 ** (gain_db / 20))
    assert float(fitted[0].abs().max()) <= PEAK * (1 + 1e-6)


def test_sounds_with_quiet_tails_stay_equal_however_far_they_are_turned_down():
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(4 * RATE, dtype=torch.float64) / RATE
    decays = [
        torch.randn(len(time), generator=generator, dtype=time.dtype) * torch.exp(-rate * time) for rate in (2, 9)
    ]
    click = torch.zeros_like(time)
    click[100] = 1.0
    levelled, loudness_lufs = align_levels([sound.unsqueeze(0) for sound in (*decays, click)], RATE)
    assert loudness_lufs < -35
    assert spread(torch.stack(levelled), RATE).loudness_lu < 1e-9
    assert float(peak_to_loudness_db(click[None, None], RATE)) > PEAK_TO_LOUDNESS_DB
    assert float(peak_to_loudness_db(decays[0][None, None], RATE)) < PEAK_TO_LOUDNESS_DB
    assert torch.isinf(peak_to_loudness_db(torch.zeros(1, 1, RATE), RATE)).all()


def test_spread_reads_what_was_put_in():
    sounds = torch.stack([burst(0.10, 1.0), 2 * burst(0.25, 1.35, frequency_hz=400.0, offset=0.1)])
    left = spread(sounds, RATE)
    assert left.onset_seconds == pytest.approx(0.15, abs=0.002)
    assert left.tail_seconds == pytest.approx(0.5, abs=0.002)
    assert left.offset == pytest.approx(0.2, abs=1e-4)
    assert left.peak == pytest.approx(0.8, abs=1e-3)
    same = spread(torch.stack([burst(0.1, 1.0), 0.5 * burst(0.1, 1.0)]), RATE)
    assert same.loudness_lu == pytest.approx(6.0206, abs=1e-6)
    silence = spread(torch.zeros(3, 1, 100), RATE)
    assert set(dataclasses.astuple(silence)) == {0.0}


def test_channels_begin_together_and_keep_what_lies_between_them():
    # Turned over, and louder on the right: what a mix to mono would take away, and what levels of their own would.
    left = burst(0.3, 0.5)[0]
    stereo = torch.stack([left, -2 * left + 0.05])
    late = torch.stack([burst(0.6, 0.5)[0], burst(0.9, 0.4)[0]])
    aligned = align_edges([stereo, late], RATE, tails="natural")
    assert aligned.shape[:2] == (2, 2)
    torch.testing.assert_close(aligned[0, 1], -2 * aligned[0, 0], rtol=0, atol=1e-6)
    left = spread(aligned, RATE)
    assert left.onset_seconds <= 0.01
    assert left.offset < 1e-12
    # The sound begins with its first channel; the second one stays as much later as it was.
    onsets = [int(torch.nonzero(channel.abs() > 0.01)[0]) / RATE for channel in aligned[1]]
    assert onsets[1] - onsets[0] == pytest.approx(0.3, abs=0.002)
    levelled, loudness_lufs = align_levels([aligned], RATE)
    assert loudness_lufs == -23.0
    assert spread(levelled[0], RATE).loudness_lu < 1e-9
    assert float(levelled[0][0].sum(dim=0).abs().max()) == pytest.approx(float(levelled[0][0, 0].abs().max()), rel=1e-6)


@pytest.mark.parametrize("channels", [2, 4, 6])
def test_mono_on_all_channels_is_judged_as_mono_is(channels):
    time = torch.arange(2 * RATE, dtype=torch.float64) / RATE
    generator = torch.Generator().manual_seed(0)
    mono = (torch.randn(len(time), generator=generator, dtype=time.dtype) * torch.exp(-5 * time)).unsqueeze(0)
    on_all = laid_out(mono, channels)
    assert float(peak_to_loudness_db(on_all[None], RATE)) == pytest.approx(
        float(peak_to_loudness_db(mono[None], RATE)), abs=1e-9
    )
    difference_lu = float(relative_level_lufs(on_all, RATE) - relative_level_lufs(mono, RATE))
    assert difference_lu == pytest.approx(10 * math.log10(total_weight(channels)), abs=1e-9)
    assert torch.equal(laid_out(align_edges([mono], RATE)[0], channels), align_edges([on_all], RATE)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: align_edges([], RATE), "sounds: got none, expected at least one"),
        (lambda: align_edges([torch.zeros(1, 5), torch.zeros(1, 0)], RATE), "sounds: number 1 has no samples"),
        (
            lambda: align_levels([torch.tensor([[0.0, torch.inf]])], RATE),
            "sounds: number 0 has a sample that is not a finite number",
        ),
        (
            lambda: align_edges([torch.zeros(1, 5)], RATE, tails="cut"),
            "tails: got 'cut', expected 'aligned' or 'natural'",
        ),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert str(raised.value) == message
