"""Sounds as the content of files: what is read back, and what a file says about itself."""

import io

import numpy as np
import pytest
import soundfile
from scipy.io import wavfile

from nebula.audio import encoded


@pytest.mark.parametrize("format_", ["flac", "wav"])
@pytest.mark.parametrize("bits", [16, 24])
def test_integers_are_read_back_as_they_were(format_, bits):
    full_scale = 2 ** (bits - 1)
    samples = np.random.default_rng(0).integers(-full_scale, full_scale, (500, 2))
    content = encoded(samples, 22050, format_, bits=bits, compression=1.0, comment="made of noise")
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.format, file.samplerate, file.subtype) == (format_.upper(), 22050, f"PCM_{bits}")
        assert file.comment == "made of noise"
        np.testing.assert_array_equal(file.read(dtype="int32") >> (32 - bits), samples)


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floating_point_is_rounded_to_the_nearest_step_in_both_formats(bits, dtype):
    full_scale = 2 ** (bits - 1)
    # Between two steps and on them, of both signs, up to the ends of the range and beyond.
    samples = np.random.default_rng(0).uniform(-1.1, 1.1, 5000).astype(dtype)
    samples[:6] = [1.0, -1.0, 0.0, 0.5 / full_scale, 1.5 / full_scale, -0.5 / full_scale]
    expected = np.clip(np.rint(samples.astype(np.float64) * full_scale), -full_scale, full_scale - 1)
    for format_ in ("flac", "wav"):
        read, _ = soundfile.read(io.BytesIO(encoded(samples, 44100, format_, bits=bits)), dtype="int32")
        np.testing.assert_array_equal(read >> (32 - bits), expected)


@pytest.mark.parametrize("channels", [1, 2])
def test_floating_point_of_a_wav_file_is_kept_to_the_bit_and_the_same_whenever_written(channels):
    samples = np.random.default_rng(0).standard_normal((501, channels)).astype(np.float32)
    samples = samples[:, 0] if channels == 1 else samples
    content = encoded(samples, 22050, "wav", bits=32, comment="made of noise")
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.format, file.samplerate, file.subtype, file.channels) == ("WAV", 22050, "FLOAT", channels)
        assert file.comment == "made of noise"
        np.testing.assert_array_equal(file.read(dtype="float32"), samples)
    rate, read = wavfile.read(io.BytesIO(encoded(samples, 22050, "wav", bits=32)))
    assert rate == 22050
    np.testing.assert_array_equal(read, samples)
    # libsndfile's own has the time in it.
    assert b"PEAK" not in content


def test_what_lies_beyond_full_scale_is_clipped():
    read, _ = soundfile.read(io.BytesIO(encoded(np.array([2.0, -2.0, 0.5, 0.0]), 44100)))
    np.testing.assert_allclose(read, [1.0, -1.0, 0.5, 0.0], atol=2**-15)
