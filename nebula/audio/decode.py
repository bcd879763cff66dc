"""Decoding: the bytes of one sound file to mono samples at one rate.

libsndfile reads the formats, soxr changes the rate. Only as much of a file is decoded as the wanted duration needs, so
that an hour-long recording costs no more than a short one.
"""

import math
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BufferedIOBase

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.errors import ArgumentError, SoundError

#: Names with these endings, in any case, are taken for sounds; what a file really holds is found out by decoding it.
SUFFIXES = (".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc")

#: soxr's "VHQ": 28 bits of precision, so resampling is never what limits a distance; 9 ms for 4 s at 192 kHz.
RESAMPLING_QUALITY = "VHQ"

#: Read beyond the wanted end, so that the resampler's filter meets the sound there and not an edge. Its half length is
#: about 200 samples at the lower of the two rates: 25 ms at 8 kHz.
RESAMPLING_MARGIN_SECONDS = 0.25

#: Rates outside this range appear in damaged headers only, and would make the margin above tiny or memory huge.
SAMPLE_RATE_RANGE_HZ = (1_000, 1_536_000)

#: Floats scaled like 32 bit integers still pass; beyond that a file is damaged, and its squares leave float32.
MAXIMUM_PEAK = 2.0**31

#: Values decoded at a time, over all channels: 1 MiB of float32, whatever the file's length and channel count.
BLOCK_VALUES = 2**18

_STANDARD_ERROR = 2
_standard_error_lock = threading.Lock()


def is_sound_name(name: str) -> bool:
    """Returns whether a file name ends like one of the formats that can be decoded."""
    return name.lower().endswith(SUFFIXES)


def sample_count(duration_seconds: float, sample_rate_hz: int) -> int:
    """Returns the number of samples in a duration, rounded to the nearest.

    Raises:
        ArgumentError: duration or rate is outside what can be decoded to.
    """
    low, high = SAMPLE_RATE_RANGE_HZ
    if not low <= sample_rate_hz <= high:
        raise ArgumentError(f"sample_rate_hz: {sample_rate_hz} is outside {low} to {high}")
    if not (math.isfinite(duration_seconds) and round(duration_seconds * sample_rate_hz) >= 1):
        raise ArgumentError(f"duration_seconds: {duration_seconds} is not a positive, finite number of seconds")
    return round(duration_seconds * sample_rate_hz)


def decode(
    file: BufferedIOBase, sample_rate_hz: int, duration_seconds: float | None = None, name: str = "sound"
) -> Float[Tensor, " time"]:
    """Returns a sound's samples as float32, mixed to mono and resampled, at most `duration_seconds` of them.

    Channels are averaged. A shorter sound is returned at its own length: padding is the caller's.

    Args:
        file: the sound's bytes, seekable, read from the beginning.
        sample_rate_hz: rate to return, 1,000 to 1,536,000.
        duration_seconds: longest duration to return; None decodes the whole file.
        name: what errors call the sound.

    Raises:
        SoundError: the file is empty, not sound, damaged before the wanted end, without samples or not finite.
        ArgumentError: rate or duration is outside what is allowed.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.zeros((960, 2)), 48000, format="WAV")
        >>> decode(file, 44100).shape
        torch.Size([882])
    """
    wanted_samples = None if duration_seconds is None else sample_count(duration_seconds, sample_rate_hz)
    sample_count(1.0, sample_rate_hz)
    file.seek(0)
    opening = file.read(3)
    if not opening:
        raise SoundError(f"{name}: is empty (0 bytes)")
    file.seek(0)
    is_mp3 = opening == b"ID3" or (len(opening) > 1 and opening[0] == 0xFF and opening[1] & 0xE0 == 0xE0)
    with _mpg123_silenced() if is_mp3 else nullcontext():
        mono, source_rate_hz = _read_mono(file, duration_seconds, name)
    if not len(mono):
        raise SoundError(f"{name}: holds no samples")
    peak = float(np.max(np.abs(mono)))
    if not math.isfinite(peak):
        raise SoundError(f"{name}: holds samples that are not finite numbers (NaN or infinity)")
    if peak > MAXIMUM_PEAK:
        raise SoundError(f"{name}: holds samples up to {peak:.3g} where full scale is 1")
    if source_rate_hz != sample_rate_hz:
        mono = soxr.resample(mono, source_rate_hz, sample_rate_hz, quality=RESAMPLING_QUALITY)
        if not len(mono):
            raise SoundError(f"{name}: is shorter than one sample at {sample_rate_hz} Hz")
    # A copy where it is cut, so that the margin's memory is freed with the rest.
    return torch.from_numpy(mono if wanted_samples is None else mono[:wanted_samples].copy())


def _read_mono(file: BufferedIOBase, duration_seconds: float | None, name: str) -> tuple[npt.NDArray[np.float32], int]:
    """Returns the mean of the channels and the file's rate, up to the wanted duration and the resampler's margin."""
    try:
        sound = soundfile.SoundFile(file)
    except soundfile.SoundFileError as error:
        raise SoundError(f"{name}: is not sound in a format that can be read{_detail(error)}") from error
    with sound:
        rate_hz = int(sound.samplerate)
        low, high = SAMPLE_RATE_RANGE_HZ
        if not low <= rate_hz <= high:
            raise SoundError(f"{name}: has a sample rate of {rate_hz} Hz, outside {low} to {high}")
        # The header's count of frames may be wrong (a cut MP3 keeps the count of the whole), so it bounds nothing.
        remaining: float = math.inf
        if duration_seconds is not None:
            remaining = math.ceil((duration_seconds + RESAMPLING_MARGIN_SECONDS) * rate_hz)
        block_frames = max(1, BLOCK_VALUES // sound.channels)
        blocks: list[npt.NDArray[np.float32]] = []
        while remaining > 0:
            try:
                block = sound.read(int(min(block_frames, remaining)), dtype="float32", always_2d=True)
            except soundfile.SoundFileError as error:
                raise SoundError(f"{name}: is damaged or breaks off{_detail(error)}") from error
            if not len(block):
                break
            # Infinities of both signs have no mean; the result says so as NaN and is refused by the caller.
            with np.errstate(invalid="ignore", over="ignore"):
                blocks.append(block.mean(axis=1, dtype=np.float64).astype(np.float32))
            remaining -= len(block)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32), rate_hz


def _detail(error: Exception) -> str:
    """Returns libsndfile's own words in brackets, or nothing where they would mislead."""
    words = " ".join(str(getattr(error, "error_string", error)).split()).rstrip(".").removeprefix("Error : ")
    # libsndfile's answer to an MP3 without a whole frame; the file does exist.
    return "" if not words or words.startswith("File does not exist") else f" ({words})"


@contextmanager
def _mpg123_silenced() -> Iterator[None]:
    """Keeps the MP3 decoder's remarks off the terminal; what anybody else writes meanwhile follows at the end.

    libmpg123 writes to file descriptor 2 and libsndfile offers no switch, so the descriptor itself is turned aside.
    """
    with _standard_error_lock, tempfile.TemporaryFile() as aside:
        try:
            sys.stderr.flush()
            kept = os.dup(_STANDARD_ERROR)
        except (OSError, ValueError, AttributeError):  # a process without standard error has nothing to keep clean
            yield
            return
        try:
            os.dup2(aside.fileno(), _STANDARD_ERROR)
            try:
                yield
            finally:
                os.dup2(kept, _STANDARD_ERROR)
        finally:
            os.close(kept)
        aside.seek(0)
        for line in aside.read().splitlines(keepends=True):
            if line.strip() and b"mpg123" not in line and not line.lstrip().startswith((b"Warning:", b"Note:")):
                os.write(_STANDARD_ERROR, line)
