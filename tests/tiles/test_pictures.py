"""Pictures of sounds, read as the PNG specification has it."""

import struct
import zlib

import numpy as np
import pytest

from nebula.audio import encoded
from nebula.tiles import picture
from nebula.tiles.pictures import BANDS, COLUMNS, HIGHEST_HZ, LOWEST_HZ, WAVE_ROWS

RATE_HZ = 44100


def tone(frequency_hz, seconds=4.0):
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return 0.5 * np.sin(2 * np.pi * frequency_hz * time)


def seen(samples):
    """Returns how opaque each pixel of a sound's picture is."""
    content = picture(encoded(samples, RATE_HZ))
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, rest = {}, content[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        chunks[kind] = rest[8 : 8 + length]
        assert struct.unpack(">I", rest[8 + length : 12 + length])[0] == zlib.crc32(rest[4 : 8 + length])
        rest = rest[12 + length :]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (width, height, depth, colour) == (COLUMNS, BANDS + WAVE_ROWS, 8, 4)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 2 * width)
    assert not rows[:, 0].any()
    return rows[:, 2::2]


@pytest.mark.parametrize("frequency_hz", [440.0, 1000.0, 5000.0])
def test_a_tone_is_a_line_at_its_height(frequency_hz):
    spectrogram = seen(tone(frequency_hz))[:BANDS]
    band = int(BANDS * np.log(frequency_hz / LOWEST_HZ) / np.log(HIGHEST_HZ / LOWEST_HZ))
    loudest = BANDS - 1 - spectrogram[:, 20:140].argmax(axis=0)
    assert np.abs(loudest - band).max() <= 1


def test_the_waveform_is_as_high_as_the_sound_is_loud_and_where_it_is():
    samples = np.concatenate([tone(300, 2.0), 0.5 * tone(300, 1.0), np.zeros(RATE_HZ)])
    heights = (seen(samples)[BANDS:] > 0).sum(axis=0)
    assert set(heights[2:78]) == {WAVE_ROWS}
    assert set(heights[82:118]) == {WAVE_ROWS // 2}
    # Silence is a thin line, on two rows about the middle.
    assert set(heights[122:]) == {2}


def test_silence_has_a_picture_too():
    assert not seen(np.zeros(RATE_HZ))[:BANDS].any()


def test_noise_takes_a_few_kilobytes():
    noise = np.random.default_rng(0).uniform(-1, 1, 4 * RATE_HZ)
    assert len(picture(encoded(noise, RATE_HZ))) < 6000


def test_channels_in_opposite_phase_are_seen_as_each_of_them_is():
    left = tone(440)
    np.testing.assert_array_equal(seen(np.stack([left, -left], axis=1)), seen(left))
