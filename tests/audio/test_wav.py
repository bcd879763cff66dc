"""WAV files: their chunks, their samples read back by libsndfile, and the laws of dither."""

import io
import struct

import numpy as np
import pytest
import soundfile
import torch

from nebula.audio.wav import wav_bytes
from nebula.errors import ArgumentError


def chunks(data):
    """Returns names and lengths of the chunks of a RIFF file."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, place = [], 12
    while place < len(data):
        name, length = struct.unpack("<4sI", data[place : place + 8])
        found.append((name, length))
        place += 8 + length + length % 2
    return found


def noise(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 1.8 - 0.9


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bits", [16, 24])
def test_there_are_a_format_and_the_samples_and_nothing_else(bits, channels):
    data = wav_bytes(noise(channels, 1001), 44100, seed=5, bits=bits)
    frames_bytes = 1001 * channels * bits // 8
    assert chunks(data) == [(b"fmt ", 16), (b"data", frames_bytes)]
    assert len(data) == 44 + frames_bytes + frames_bytes % 2


@pytest.mark.parametrize("rate_hz", [22050, 44100, 96000])
@pytest.mark.parametrize("bits", [16, 24])
def test_what_is_read_back_is_what_was_written_within_a_step_and_a_half(bits, rate_hz):
    audio = noise(2, 5000)
    read, rate = soundfile.read(io.BytesIO(wav_bytes(audio, rate_hz, seed=1, bits=bits)))
    assert rate == rate_hz
    assert np.abs(read.T - audio.numpy()).max() <= 1.5 / 2 ** (bits - 1)


def test_dither_makes_the_error_a_noise_that_does_not_know_the_sound():
    # Of triangular dither the total error has mean 0 and power a quarter of a squared step, wherever the sample lies
    # between two steps. 200,000 errors: the mean's standard error is 0.0011 steps, the power's about 0.0006.
    for offset in (0.0, 0.25, 0.5):
        audio = torch.full((200_000,), offset / 2**15, dtype=torch.float64)
        read, _ = soundfile.read(io.BytesIO(wav_bytes(audio, 44100, seed=2)))
        errors = read * 2**15 - offset
        assert errors.mean() == pytest.approx(0, abs=0.0045)
        assert (errors**2).mean() == pytest.approx(0.25, abs=0.0025)


@pytest.mark.parametrize("sound", [noise(4000), torch.zeros(4000)])
def test_slots_differ_in_their_bytes_and_not_in_their_length(sound):
    seeds = [*range(20), 2**127 + 1, 2**127 + 2]
    files = [wav_bytes(sound, 44100, seed) for seed in seeds]
    assert len(set(files)) == len(files)
    assert {len(file) for file in files} == {44 + 8000}
    assert wav_bytes(sound, 44100, seeds[-1]) == files[-1]


@pytest.mark.parametrize("bits", [16, 24])
def test_the_loudest_sample_allowed_does_not_clip(bits):
    steps = 2 ** (bits - 1)
    audio = torch.full((10_000,), (steps - 2) / steps, dtype=torch.float64)
    for sign in (1, -1):
        read, _ = soundfile.read(io.BytesIO(wav_bytes(sign * audio, 44100, seed=0, bits=bits)))
        assert set(np.round(read * steps * sign).astype(int)) == {steps - 3, steps - 2, steps - 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"audio": torch.ones(3)}, "audio: peak of 1, expected at most 0.999938965 for 16 bits with dither"),
        (
            {"audio": torch.tensor([0.0, torch.nan])},
            "audio: peak of nan, expected at most 0.999938965 for 16 bits with dither",
        ),
        ({"bits": 8}, "bits: got 8, expected 16 or 24"),
        ({"seed": -1}, "seed: got -1, expected 0 or more"),
    ],
)
def test_what_is_wrong_is_said(arguments, message):
    with pytest.raises(ArgumentError) as raised:
        wav_bytes(**{"audio": torch.zeros(3), "sample_rate_hz": 44100, "seed": 0} | arguments)
    assert str(raised.value) == message
