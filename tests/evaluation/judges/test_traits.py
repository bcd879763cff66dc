"""Traits of sounds whose traits are known."""

import math

import pytest
import torch

from nebula import distances
from nebula.evaluation.judges import Traits
from nebula.evaluation.judges.traits import DECAY_SECONDS, FLOOR_DB, NAMES

RATE_HZ = 44100


def traits(*sounds):
    batch = torch.zeros(len(sounds), 4 * RATE_HZ)
    for row, sound in zip(batch, sounds, strict=True):
        row[: len(sound)] = sound
    return [dict(zip(NAMES, values, strict=True)) for values in Traits().embed(batch, RATE_HZ).tolist()]


def seconds(length):
    return torch.arange(round(length * RATE_HZ)) / RATE_HZ


def tone(frequency_hz, length=2.0):
    return torch.sin(2 * math.pi * frequency_hz * seconds(length))


def noise(length=2.0, seed=0):
    return torch.rand(round(length * RATE_HZ), generator=torch.Generator().manual_seed(seed)) - 0.5


@pytest.mark.parametrize("frequency_hz", [55, 220, 440, 1000])
def test_a_sawtooth_has_its_pitch(frequency_hz):
    saw = 2 * ((frequency_hz * seconds(2.0)) % 1) - 1
    (found,) = traits(saw)
    # Lags are whole samples: at 1 kHz two of them are 0.03 octaves apart.
    assert found["pitch_mean_octaves"] == pytest.approx(math.log2(frequency_hz / 440), abs=0.03)
    assert found["pitch_spread_octaves"] == pytest.approx(0, abs=0.05)
    # At 55 Hz the window holds two and a half periods, and a period's correlation is of its faint ends.
    assert found["periodicity_mean"] > (0.85 if frequency_hz == 55 else 0.95)


def test_noise_is_flat_and_without_period():
    (found,) = traits(noise())
    # The mean of decibels of a band of noise lies up to 2.5 dB below the decibels of its mean.
    assert -3 < found["flatness_db_mean"] < 0
    assert found["periodicity_mean"] < 0.3
    assert traits(tone(440))[0]["flatness_db_mean"] < -30


def test_the_centroid_of_a_tone_is_its_pitch():
    low, high = traits(tone(250), tone(4000))
    # Within a band, which spans a fifth of an octave at 1 kHz.
    assert low["centroid_octaves_mean"] == pytest.approx(-2, abs=0.2)
    assert high["centroid_octaves_mean"] == pytest.approx(2, abs=0.2)
    assert (low["treble_share"], high["bass_share"]) == pytest.approx((0, 0), abs=1e-3)


def test_a_decay_is_read_in_decibels():
    decay_db_per_second = 60.0
    (found,) = traits(noise(4.0) * 10 ** (-decay_db_per_second * seconds(4.0) / 20))
    for after in DECAY_SECONDS:
        expected = max(-decay_db_per_second * after, FLOOR_DB)
        # A block of noise has 220 samples: its level is good to half a decibel, and the loudest is above its decay.
        assert found[f"after_{after:g}_seconds_db"] == pytest.approx(expected, abs=2.5)
    assert found["lasting_20_log_seconds"] == pytest.approx(math.log10(20 / 60), abs=0.03)
    assert found["lasting_40_log_seconds"] == pytest.approx(math.log10(40 / 60), abs=0.03)
    assert found["attack_log_seconds"] < math.log10(0.03)


def test_a_slow_attack_is_told_from_a_blow():
    # In power the ramp is within 20 dB of its peak from a tenth of its length on, within 1 dB at 0.89 of it.
    (found,) = traits(tone(440, 1.0) * seconds(1.0))
    assert found["attack_log_seconds"] == pytest.approx(math.log10(0.79), abs=0.02)


def test_neither_level_nor_silence_around_a_sound_counts():
    sound = noise(0.5) * torch.exp(-8 * seconds(0.5))
    plain, quiet = traits(sound, sound / 100)
    assert plain == pytest.approx(quiet, abs=1e-2)
    (late,) = traits(torch.cat([torch.zeros(RATE_HZ), sound]))
    names = [name for name in NAMES if name.startswith(("attack", "lasting", "after", "crest", "centroid", "pitch"))]
    # Frames and blocks fall elsewhere on the sound.
    assert {name: late[name] for name in names} == pytest.approx({name: plain[name] for name in names}, abs=1.0)


def test_judges_see_what_no_study_can_choose():
    assert isinstance(Traits(), distances.Embedder)
    assert not isinstance(Traits(), distances.Distance)
    assert Traits.name not in distances.names()


def test_silence_and_a_click_have_finite_traits():
    vectors = Traits().embed(torch.stack([torch.zeros(441), torch.eye(441)[0], torch.ones(441)]), RATE_HZ)
    assert vectors.shape == (3, len(NAMES))
    assert bool(vectors.isfinite().all())
    assert Traits().embed(torch.zeros(0, 441), RATE_HZ).shape == (0, len(NAMES))
