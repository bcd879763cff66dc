"""Labelled sounds made on the spot, and distances that know exactly one thing about them."""

import numpy as np
import pytest
import soundfile
import torch

from nebula import distances
from nebula.distances import Distance
from nebula.distances.base import Settings

RATE_HZ = 44100


class Pitch(Distance):
    """Semitones above 1 Hz, read from zero crossings."""

    name, version = "pitch-only", 1

    def analyse(self, audio, sample_rate_hz):
        crossings = (audio[:, 1:] * audio[:, :-1] < 0).sum(dim=1)
        # Without the last sample's rounding a tone of n samples crosses zero 2 f n / rate times.
        return 12 * torch.log2(crossings / Length.samples(audio) * sample_rate_hz / 2)[:, None]


class Length(Distance):
    """Milliseconds from the start to the last sample that is not zero."""

    name, version = "length-only", 1

    def analyse(self, audio, sample_rate_hz):
        return self.samples(audio)[:, None] / sample_rate_hz * 1000

    @staticmethod
    def samples(audio):
        return audio.shape[1] - (audio != 0).flip(1).float().argmax(dim=1)


class Deaf(Distance):
    """The same for every sound."""

    name, version = "deaf", 1

    def analyse(self, audio, sample_rate_hz):
        return audio.new_zeros(len(audio), 3)


@pytest.fixture(autouse=True)
def known_distances(monkeypatch):
    for made in (Pitch, Length, Deaf):
        monkeypatch.setitem(distances.REGISTRY, made.name, lambda made=made: made(Settings()))


@pytest.fixture(scope="session")
def surge(tmp_path_factory):
    """Three patches in the layout of the Surge set, told apart by length; nine tones each, two semitones apart."""
    folder = tmp_path_factory.mktemp("sounds") / "surge"
    for patch, seconds in (("bass", 0.1), ("lead", 0.2), ("pad", 0.3)):
        for pitch in range(60, 78, 2):
            path = folder / f"{patch}-velocity64" / f"{pitch}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            phase = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
            soundfile.write(path, 0.5 * np.sin(phase + 0.1), RATE_HZ)
    return folder
