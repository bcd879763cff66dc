import io
import os

import numpy as np
import pytest
import soundfile
import torch

from nebula.audio.decode import Change, decode, decoded, is_sound_name, sample_count
from nebula.errors import ArgumentError, SoundError


def encoded(samples, rate_hz=44100, **format_):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, **{"format": "WAV", **format_})
    file.seek(0)
    return file


def amplitude_and_frequency(audio, rate_hz, near_hz):
    """Measures a tone by projecting its middle on a complex tone of the frequency it should have, twice.

    The windows are Hann, so the image at minus the frequency leaks less than 1e-7; the phase between the two windows'
    projections gives the frequency.
    """
    samples = audio.double().numpy()
    length = len(samples) // 3
    window = np.hanning(length + 1)[:-1]
    first, second = (
        np.sum(window * samples[start : start + length] * np.exp(-2j * np.pi * near_hz / rate_hz * np.arange(length)))
        for start in (length // 2, length)
    )
    steps = length - length // 2
    turns = np.angle(second / first * np.exp(-2j * np.pi * near_hz * steps / rate_hz)) / (2 * np.pi)
    return 2 * abs(first) / window.sum(), near_hz + turns * rate_hz / steps


class CountingFile(io.BytesIO):
    """Counts the bytes that are read from it."""

    bytes_read = 0

    def readinto(self, buffer):
        count = super().readinto(buffer)
        self.bytes_read += count
        return count

    def read(self, size=-1):
        data = super().read(size)
        self.bytes_read += len(data)
        return data


@pytest.mark.parametrize(
    ("format_", "subtype", "rate_hz", "tolerance"),
    [  # lossless forms to their last bit; lossy ones to a hundredth of the tone
        ("WAV", "PCM_U8", 44100, 2**-7),
        ("WAV", "PCM_16", 44100, 2**-15),
        ("WAV", "PCM_24", 48000, 2**-23),
        ("WAV", "FLOAT", 44100, 1e-7),
        ("WAV", "DOUBLE", 44100, 1e-7),
        ("AIFF", "PCM_16", 44100, 2**-15),
        ("FLAC", "PCM_16", 44100, 2**-15),
        ("OGG", "VORBIS", 44100, 0.005),
        ("OGG", "OPUS", 48000, 0.005),
        ("MP3", "MPEG_LAYER_III", 44100, 0.005),
    ],
)
def test_every_format_keeps_length_amplitude_and_frequency_of_a_tone(tone, format_, subtype, rate_hz, tolerance):
    file = encoded(tone(1000, rate_hz), rate_hz, format=format_, subtype=subtype)
    audio = decode(file, rate_hz)
    assert audio.dtype == torch.float32
    assert len(audio) == rate_hz
    amplitude, frequency_hz = amplitude_and_frequency(audio, rate_hz, 1000)
    assert amplitude == pytest.approx(0.5, abs=tolerance)
    assert frequency_hz == pytest.approx(1000, abs=0.01)


@pytest.mark.parametrize("target_hz", [16000, 44100, 48000])
@pytest.mark.parametrize("source_hz", [8000, 22050, 44100, 48000, 96000, 192000])
def test_resampling_keeps_frequency_level_and_duration(tone, source_hz, target_hz):
    # 24 bit samples are 6e-8 coarse; soxr's pass band is flat to below 1e-4.
    audio = decode(encoded(tone(997, source_hz), source_hz, subtype="FLOAT"), target_hz)
    assert len(audio) == target_hz
    amplitude, frequency_hz = amplitude_and_frequency(audio, target_hz, 997)
    assert amplitude == pytest.approx(0.5, rel=1e-4)
    assert frequency_hz == pytest.approx(997, rel=1e-6)


def test_a_tone_above_the_new_band_is_removed(tone):
    audio = decode(encoded(tone(15000, 48000), 48000, subtype="FLOAT"), 16000)
    assert float(audio[1000:-1000].abs().max()) < 1e-5  # -94 dB; the edges ring


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_channels_are_averaged(channels):
    samples = np.random.default_rng(0).uniform(-1, 1, (5000, channels)).astype(np.float32)
    audio = decode(encoded(samples, subtype="FLOAT"), 44100)
    np.testing.assert_allclose(audio.numpy(), samples.mean(axis=1, dtype=np.float64), atol=1e-7)


@pytest.mark.parametrize("rest", [1e-4, 0.005])
def test_where_channels_cancel_the_loudest_is_heard(tone, rest):
    left, right = tone(), -(1 - rest) * tone()
    found = decoded(encoded(np.stack([right, left], axis=1), subtype="FLOAT"), 44100)
    np.testing.assert_allclose(found.audio.numpy(), left, atol=1e-7)
    assert found.changes == ((Change.CHANNEL, "is heard in channel 2 alone: the mean of all is next to silence"),)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("format_", ["WAV", "FLAC"])
def test_channels_that_are_not_mixed_stay_as_they_are(channels, format_):
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, (9000, channels)).astype(np.int16)
    found = decoded(encoded(samples, format=format_, subtype="PCM_16"), 44100, mixed=False)
    np.testing.assert_array_equal(found.audio.numpy(), samples.T / np.float32(2**15))
    assert (found.changes, found.is_cut) == ((), False)


def test_channels_that_cancel_are_both_kept_where_they_are_not_mixed(tone):
    found = decoded(encoded(np.stack([tone(), -tone()], axis=1), 44100, subtype="FLOAT"), 48000, mixed=False)
    assert found.audio.shape == (2, 48000)
    assert torch.equal(found.audio[0], -found.audio[1])
    assert float(found.audio[0].abs().max()) == pytest.approx(0.5, abs=0.01)
    assert found.changes == ()


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("source_hz", [44100, 48000])
def test_what_is_cut_is_said(tone, source_hz, mixed):
    file = encoded(tone(1000, source_hz), source_hz)
    assert [decoded(file, 44100, seconds, mixed=mixed).is_cut for seconds in (0.5, 0.999, 1.0, 2.0, None)] == [
        *(True, True),
        *(False, False, False),
    ]


@pytest.mark.parametrize(
    ("channels", "format_", "message"),
    [
        (7, "WAV", "x: has 7 channels, expected at most 6"),
        (6, "OGG", "x: has 6 channels in the order of Ogg, expected a WAV or FLAC file"),
    ],
)
def test_channels_that_nobody_could_tell_apart_are_refused_unless_they_are_mixed(channels, format_, message):
    file = encoded(0.1 * np.ones((9000, channels)), format=format_)
    with pytest.raises(SoundError) as caught:
        decoded(file, 44100, name="x", mixed=False)
    assert str(caught.value) == message
    assert decoded(file, 44100, name="x").audio.ndim == 1


@pytest.mark.parametrize("source_hz", [44100, 48000])
def test_a_sound_that_would_be_silent_begins_at_its_onset(tone, source_hz):
    # Dither of one step of 16 bits is silence, too.
    lead_in = np.tile([2.0**-15, 0.0], source_hz * 5 // 2)
    samples = np.concatenate([lead_in, tone(1000, source_hz)])
    found = decoded(encoded(samples, source_hz, subtype="FLOAT"), 44100, 0.5)
    assert found.changes == ((Change.ONSET, "begins at its onset, 5.00 s in: all before is silent"),)
    expected = decode(encoded(tone(1000, source_hz), source_hz, subtype="FLOAT"), 44100, 0.5)
    # The tone's first sample is 0, so its onset is one sample later: 0.07 of an amplitude of 0.5.
    np.testing.assert_allclose(found.audio.numpy()[100:], expected.numpy()[100:], atol=0.08)
    assert len(found.audio) == 22050
    # Where something is heard within the duration, nothing is moved.
    assert decoded(encoded(samples, source_hz, subtype="FLOAT"), 44100, 5.1).changes == ()


@pytest.mark.parametrize("duration_seconds", [None, 0.5])
@pytest.mark.parametrize("level", [0.0, 2.0**-15])
def test_silence_is_named(level, duration_seconds):
    with pytest.raises(SoundError) as caught:
        decode(encoded(np.full((44100, 2), level), subtype="FLOAT"), 44100, duration_seconds, name="x")
    assert str(caught.value) == "x: is silent throughout"


def test_eight_channels_at_192_khz(tone):
    samples = np.stack([tone(440 * (i + 1), 192000, amplitude=0.8) for i in range(8)], axis=1)
    audio = decode(encoded(samples, 192000, subtype="PCM_24"), 44100, duration_seconds=0.5)
    assert len(audio) == 22050
    assert amplitude_and_frequency(audio, 44100, 440)[0] == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("rate_hz", [8000, 44100, 192000])
def test_a_part_equals_the_beginning_of_the_whole(rate_hz):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, rate_hz * 2)
    part = decode(encoded(noise, rate_hz, subtype="FLOAT"), 44100, duration_seconds=1.0)
    whole = decode(encoded(noise, rate_hz, subtype="FLOAT"), 44100)
    assert len(part) == 44100
    assert len(whole) == 88200
    # The margin hides the cut from the resampler's filter: what remains is float32 rounding.
    torch.testing.assert_close(part, whole[:44100], atol=1e-6, rtol=0)


def test_an_hour_is_decoded_only_as_far_as_it_is_wanted():
    hour = encoded(np.full(8000 * 3600, 2**14, np.int16), 8000, subtype="PCM_U8").getvalue()
    file = CountingFile(hour)
    audio = decode(file, 44100, duration_seconds=4.0)
    assert len(audio) == 4 * 44100
    # 4 s and the margin of 0.25 s are 34,000 bytes; header and buffering add some thousands.
    assert file.bytes_read < 50_000 < len(hour) / 500


@pytest.mark.parametrize("format_", ["WAV", "AIFF", "FLAC", "OGG", "MP3", "AU", "CAF", "W64", "RF64"])
def test_a_file_that_breaks_off_is_used_as_far_as_it_goes(format_):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 44100 * 6)
    data = encoded(noise, format=format_).getvalue()
    whole = decode(io.BytesIO(data), 44100)
    part = decoded(io.BytesIO(data[: len(data) // 2]), 44100)
    # Half the bytes are half the sound, as noise has an even rate, less what an Ogg decoder holds back: 0.35 s.
    assert 0 <= len(whole) / 2 - len(part.audio) + 2000 < 0.35 * 44100 + 2000
    common = len(part.audio) - 4096  # the last frames of lossy formats lack what follows them
    torch.testing.assert_close(part.audio[:common], whole[:common], atol=1e-4, rtol=0)
    ((change, how),) = part.changes
    assert change is Change.BROKEN
    assert how.startswith(f"is damaged or breaks off after {len(part.audio) / 44100:.2f} s")
    assert decoded(io.BytesIO(data), 44100).changes == ()


@pytest.mark.parametrize("format_", ["OGG", "CAF"])
def test_a_file_that_breaks_off_before_its_first_sample_is_named(tone, format_):
    data = encoded(tone(), format=format_).getvalue()
    with pytest.raises(SoundError, match=r"^x: (is damaged or breaks off before its first sample|holds no samples)"):
        decode(io.BytesIO(data[: 60 if format_ == "OGG" else 4000]), 44100, name="x")


def test_damage_beyond_the_wanted_end_is_not_met():
    data = encoded(np.random.default_rng(0).uniform(-0.5, 0.5, 44100 * 20), format="FLAC").getvalue()
    found = decoded(io.BytesIO(data[: len(data) // 2]), 44100, duration_seconds=2.0)
    assert (len(found.audio), found.changes) == (88200, ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x: is empty (0 bytes)"),
        (b"hello, this is text\n" * 50, "x: is not sound in a format that can be read (Format not recognised)"),
        (b"RIFF", "x: is not sound in a format that can be read (Format not recognised)"),
    ],
)
def test_what_is_not_sound_is_named(content, message):
    with pytest.raises(SoundError) as caught:
        decode(io.BytesIO(content), 44100, name="x")
    assert str(caught.value) == message


def test_an_mp3_without_a_whole_frame_is_named_and_leaves_no_remark(tone, capfd):
    data = encoded(tone(), format="MP3").getvalue()
    with pytest.raises(SoundError) as caught:
        decode(io.BytesIO(data[:300]), 44100, name="x")
    assert str(caught.value) == "x: is not sound in a format that can be read"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "x: holds no samples"),
        ([0.0, np.nan, 0.5], "x: holds samples that are not finite numbers (NaN or infinity)"),
        ([0.0, np.inf, 0.5], "x: holds samples that are not finite numbers (NaN or infinity)"),
        ([[np.inf, -np.inf]], "x: holds samples that are not finite numbers (NaN or infinity)"),
        ([0.0, 1e20], "x: holds samples up to 1e+20 where full scale is 1"),
    ],
)
def test_samples_that_cannot_be_used_are_named(samples, message):
    with pytest.raises(SoundError) as caught:
        decode(encoded(np.array(samples), subtype="FLOAT"), 44100, name="x")
    assert str(caught.value) == message


def test_a_sound_shorter_than_one_new_sample_is_named():
    with pytest.raises(SoundError) as caught:
        decode(encoded(np.ones(3), 768000), 8000, name="x")
    assert str(caught.value) == "x: is shorter than one sample at 8000 Hz"


@pytest.mark.parametrize("rate_hz", [1, 2_000_000_000])
def test_absurd_rates_of_a_header_are_named(rate_hz):
    with pytest.raises(SoundError) as caught:
        decode(encoded(np.zeros(100), rate_hz), 44100, name="x")
    assert str(caught.value) == f"x: has a sample rate of {rate_hz} Hz, outside 1000 to 1536000"


@pytest.mark.parametrize(
    ("duration_seconds", "rate_hz", "message"),
    [
        (0.0, 44100, "duration_seconds: 0.0 is not a positive, finite number of seconds"),
        (-1.0, 44100, "duration_seconds: -1.0 is not a positive, finite number of seconds"),
        (float("nan"), 44100, "duration_seconds: nan is not a positive, finite number of seconds"),
        (float("inf"), 44100, "duration_seconds: inf is not a positive, finite number of seconds"),
        (4.0, 0, "sample_rate_hz: 0 is outside 1000 to 1536000"),
    ],
)
def test_arguments_out_of_range_are_named(duration_seconds, rate_hz, message):
    with pytest.raises(ArgumentError) as caught:
        sample_count(duration_seconds, rate_hz)
    assert str(caught.value) == message


def test_the_mp3_decoder_leaves_no_remark_and_loses_nobody_elses(tone, capfd):
    class TalkativeFile(io.BytesIO):
        def read(self, size=-1):
            os.write(2, b"progress 7 %\n")
            return super().read(size)

    data = encoded(tone(seconds=2), format="MP3").getvalue()
    audio = decode(TalkativeFile(data[: len(data) // 2]), 44100)
    assert 40_000 < len(audio) < 50_000
    remarks = capfd.readouterr().err
    assert set(remarks.splitlines()) == {"progress 7 %"}


def test_names_of_sounds_in_any_case():
    assert all(map(is_sound_name, ["a.wav", "A.WAV", "b.Flac", "c.ogg", "d.opus", "e.MP3", "f.aif", "g.AIFF", "h.M4A"]))
    assert all(map(is_sound_name, ["a.caf", "a.w64", "a.rf64", "a.au", "a.snd", "a.aac", "a.wma", "a.spx", "a.mp2"]))
    assert not any(map(is_sound_name, ["wav", "a.txt", "a.wav.bak", "a.mid", "manifest.csv"]))
