"""Sounds as WAV."""

import io

import numpy as np
import soundfile

from nebula.audio import encoded
from service.api.forms import SoundForm, SoundForms

RATE_HZ = 44100


def test_a_wav_holds_the_same_samples():
    samples = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4410) / RATE_HZ)
    flac = encoded(samples, RATE_HZ)
    content = SoundForms().of(flac, SoundForm.WAV)
    assert content.startswith(b"RIFF")
    found, rate_hz = soundfile.read(io.BytesIO(content), dtype="int16")
    expected, _ = soundfile.read(io.BytesIO(flac), dtype="int16")
    assert rate_hz == RATE_HZ
    np.testing.assert_array_equal(found, expected)
