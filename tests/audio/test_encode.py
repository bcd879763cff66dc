"""Sounds as the content of files: what is read back, and what a file says about itself."""

import io

import numpy as np
import pytest
import soundfile

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


def test_what_lies_beyond_full_scale_is_clipped():
    read, _ = soundfile.read(io.BytesIO(encoded(np.array([2.0, -2.0, 0.5, 0.0]), 44100)))
    np.testing.assert_allclose(read, [1.0, -1.0, 0.5, 0.0], atol=2**-15)
