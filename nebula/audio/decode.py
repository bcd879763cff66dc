"""Decoding: the bytes of one sound file to samples at one rate, mixed to mono or channel by channel.

libsndfile reads the formats, soxr changes the rate. Only as much of a file is decoded as the wanted duration needs, so
that an hour-long recording costs no more than a short one.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from io import BufferedIOBase

import numpy.typing as npt
import soundfile
import soxr

from nebula.audio.containers import Mended, foreign_format, mended
from nebula.audio.layouts import CHANNELS
from nebula.errors import ArgumentError, SoundError
from nebula.tensors import Float, Tensor, np, torch

#: Names with these endings, in any case, are taken for sounds; what a file really holds is found out by decoding it.
SUFFIXES = (
    *(".wav", ".wave", ".w64", ".rf64", ".bw64", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".aif", ".aiff", ".aifc", ".caf", ".au", ".snd"),
)

#: So are these, which hardly anybody has; messages do not list them.
RARE_SUFFIXES = (
    *(".mp1", ".mp2", ".mpga", ".iff", ".8svx", ".svx"),
    *(".voc", ".sph", ".nist", ".ircam", ".sds", ".avr"),
)

#: So are these, which as a rule hold what cannot be decoded: they are counted, and skipped with a reason.
FOREIGN_SUFFIXES = (
    *(".m4a", ".m4b", ".m4p", ".m4r", ".aac", ".ac3", ".wma", ".ape", ".wv", ".mpc", ".spx"),
    *(".tta", ".amr", ".3ga", ".dsf", ".dff", ".mka", ".weba", ".ra", ".rex", ".rx2"),
)

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

#: The same where a file is damaged: libsndfile gives nothing of the block that the damage lies in.
SMALL_BLOCK_VALUES = 2**8

#: An MP3 that ends before so much of what its header counts has broken off.
COUNTED = 0.9

#: A sound that never gets louder, two steps of 16 bits, is silence with dither at most.
SILENT_PEAK = 2.0**-14

#: What has to be heard within the wanted duration; where less is, the sound begins at its onset instead.
SHORTEST_HEARD_SECONDS = 0.01

#: Channels up to which all formats have them in one order.
STEREO = 2

#: Energy of the mean over that of the loudest channel, -40 dB: less is what remains where channels cancel.
CANCELLED = 1e-4

_STANDARD_ERROR = 2
_standard_error_lock = threading.Lock()


class Change(StrEnum):
    """What is done to a sound so that it can be used."""

    ONSET = "trimmed to their onset, being silent before"
    CHANNEL = "heard in one channel alone, since their channels cancel"
    BROKEN = "used as far as they can be read, being damaged or broken off"

    def remark(self, count: int, name: str, how: str) -> str:
        """Returns a sentence about so many sounds, the first of which is called so and was changed so."""
        return f"{name} {how}" if count == 1 else f"{count} sounds are {self}, the first: {name} {how}"


def is_sound_name(name: str) -> bool:
    """Returns whether a file name ends like a sound's, of a format that can be decoded or of another."""
    return name.lower().endswith((*SUFFIXES, *RARE_SUFFIXES, *FOREIGN_SUFFIXES))


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


@dataclass(frozen=True, eq=False)
class Decoded:
    """A sound's samples, and what was done to have them.

    Attributes:
        audio: As `decode` returns them, or channels first where they are not mixed.
        changes: What is not as in the file, each with a sentence's end that tells it.
        is_cut: Whether the file has more samples than were wanted.
    """

    audio: Float[Tensor, "*channel time"]
    changes: tuple[tuple[Change, str], ...]
    is_cut: bool


def decode(
    file: BufferedIOBase, sample_rate_hz: int, duration_seconds: float | None = None, name: str = "sound"
) -> Float[Tensor, " time"]:
    """Returns a sound's samples as float32, mixed to mono and resampled, at most `duration_seconds` of them.

    Channels are averaged; where they cancel each other, the loudest is used alone. A sound that is silent as long as
    the duration begins at its onset. A file that breaks off or is damaged, in any format, is used as far as it can be
    read. A shorter sound is returned at its own length: padding is the caller's.

    Args:
        file: the sound's bytes, seekable, read from the beginning.
        sample_rate_hz: rate to return, 1,000 to 1,536,000.
        duration_seconds: longest duration to return; None decodes the whole file.
        name: what errors call the sound.

    Raises:
        SoundError: the file is empty, not sound, without samples, silent throughout or not finite.
        ArgumentError: rate or duration is outside what is allowed.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.ones((960, 2)), 48000, format="WAV")
        >>> decode(file, 44100).shape
        torch.Size([882])
    """
    return decoded(file, sample_rate_hz, duration_seconds, name).audio


def decoded(
    file: BufferedIOBase,
    sample_rate_hz: int,
    duration_seconds: float | None = None,
    name: str = "sound",
    mixed: bool = True,
) -> Decoded:
    """Returns a sound as `decode` does, and what had to be done for it.

    Args:
        file: as for `decode`, and so all but the last one.
        sample_rate_hz: of what is returned.
        duration_seconds: the longest.
        name: what errors call the sound.
        mixed: whether channels are mixed to mono. Otherwise the sound has its own, 1 to 6, channels first, and none is
            left out where they cancel.

    Raises:
        SoundError: as `decode`; and not mixed, there are too many channels, or more than two in the order of Vorbis and
            Opus, which is another one than that of WAV files.
        ArgumentError: as `decode`.
    """
    wanted_samples = None if duration_seconds is None else sample_count(duration_seconds, sample_rate_hz)
    sample_count(1.0, sample_rate_hz)
    file.seek(0)
    if not file.read(1):
        raise SoundError(f"{name}: is empty (0 bytes)")
    whole = mended(file)
    opening = whole.file.read(3) or b""
    is_mp3 = opening == b"ID3" or (len(opening) > 1 and opening[0] == 0xFF and opening[1] & 0xE0 == 0xE0)
    with _mpg123_silenced() if is_mp3 else nullcontext():
        heard = _heard(whole, duration_seconds, name, _mean if mixed else _all)
    frames = heard.frames
    if heard.rate_hz != sample_rate_hz:
        frames = soxr.resample(frames, heard.rate_hz, sample_rate_hz, quality=RESAMPLING_QUALITY)
        if not len(frames):
            raise SoundError(f"{name}: is shorter than one sample at {sample_rate_hz} Hz")
    # A copy where it is cut, so that the margin's memory is freed with the rest.
    kept = frames if wanted_samples is None else frames[:wanted_samples].copy()
    audio = torch.from_numpy(kept[:, 0] if mixed else np.ascontiguousarray(kept.T))
    return Decoded(audio, heard.changes, len(kept) < len(frames))


def _mean(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # Infinities of both signs have no mean; the peak says so.
    with np.errstate(invalid="ignore", over="ignore"):
        means: npt.NDArray[np.float64] = frames.mean(axis=1, dtype=np.float64, keepdims=True)
        return means.astype(np.float32)


def _all(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return frames


def _one(channel: int, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # A copy, so that the memory of the others is freed.
    return frames[:, channel : channel + 1].copy()


#: What is kept of the channels: a column for each of them becomes one, or stays.
_Keep = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class _Heard:
    frames: npt.NDArray[np.float32]
    rate_hz: int
    changes: tuple[tuple[Change, str], ...]


def _heard(whole: Mended, duration_seconds: float | None, name: str, keep: _Keep) -> _Heard:
    """Returns a sound at the file's rate, up to the wanted duration and the resampler's margin."""
    taken = _take(whole, duration_seconds, name, keep)
    if not len(taken.frames):
        if taken.broken is not None:
            raise SoundError(f"{name}: is damaged or breaks off before its first sample{taken.broken}")
        raise SoundError(f"{name}: holds no samples")
    if not math.isfinite(taken.peak):
        raise SoundError(f"{name}: holds samples that are not finite numbers (NaN or infinity)")
    if taken.peak > MAXIMUM_PEAK:
        raise SoundError(f"{name}: holds samples up to {taken.peak:.3g} where full scale is 1")
    if taken.peak <= SILENT_PEAK:
        raise SoundError(f"{name}: is silent throughout")
    changes = []
    if taken.lead_in_seconds:
        changes.append((Change.ONSET, f"begins at its onset, {taken.lead_in_seconds:.2f} s in: all before is silent"))
    if taken.broken is not None:
        seconds = taken.lead_in_seconds + len(taken.frames) / taken.rate_hz
        changes.append((Change.BROKEN, f"is damaged or breaks off after {seconds:.2f} s{taken.broken}"))
    loudest = int(np.argmax(taken.energies))
    if np.square(taken.frames, dtype=np.float64).sum() <= CANCELLED * taken.energies[loudest]:
        changes.append((Change.CHANNEL, f"is heard in channel {loudest + 1} alone: the mean of all is next to silence"))
        taken = _take(whole, duration_seconds, name, partial(_one, loudest))
    return _Heard(taken.frames, taken.rate_hz, tuple(changes))


@dataclass(frozen=True, eq=False)
class _Taken:
    """What was read of a file: `energies` by channel; `broken` says why it could not be read on, in brackets."""

    frames: npt.NDArray[np.float32]
    rate_hz: int
    energies: npt.NDArray[np.float64]
    peak: float
    lead_in_seconds: float
    broken: str | None


def _take(
    whole: Mended,
    duration_seconds: float | None,
    name: str,
    keep: _Keep,
    block_values: int = BLOCK_VALUES,
) -> _Taken:
    """Reads what is kept of the channels."""
    whole.file.seek(0)
    try:
        sound = soundfile.SoundFile(whole.file)
    except soundfile.SoundFileError as error:
        if what := foreign_format(whole.file):
            raise SoundError(f"{name}: holds {what}, which is not read; convert it to WAV or FLAC") from error
        if whole.breaks_off:
            raise SoundError(f"{name}: is damaged or breaks off before its first sample{_detail(error)}") from error
        raise SoundError(f"{name}: is not sound in a format that can be read{_detail(error)}") from error
    with sound:
        rate_hz = int(sound.samplerate)
        low, high = SAMPLE_RATE_RANGE_HZ
        if not low <= rate_hz <= high:
            raise SoundError(f"{name}: has a sample rate of {rate_hz} Hz, outside {low} to {high}")
        if keep is _all and sound.channels > CHANNELS:
            raise SoundError(f"{name}: has {sound.channels} channels, expected at most {CHANNELS}")
        if keep is _all and sound.channels > STEREO and sound.format == "OGG":
            raise SoundError(f"{name}: has {sound.channels} channels in the order of Ogg, expected a WAV or FLAC file")
        # The header's count of frames may be wrong (a cut MP3 keeps the count of the whole), so it bounds nothing.
        wanted = window = math.inf
        if duration_seconds is not None:
            wanted = math.ceil((duration_seconds + RESAMPLING_MARGIN_SECONDS) * rate_hz)
            window = (duration_seconds - SHORTEST_HEARD_SECONDS) * rate_hz
        block_frames = max(1, block_values // sound.channels)
        blocks: list[npt.NDArray[np.float32]] = []
        energies, peak, broken = np.zeros(sound.channels), 0.0, None
        position = lead_in = 0
        # Silence is read on beyond the wanted end, and let go of, until something is heard.
        while position < wanted or peak <= SILENT_PEAK:
            is_beyond = position >= wanted
            count = block_frames if is_beyond else int(min(block_frames, wanted - position))
            try:
                block = sound.read(count, dtype="float32", always_2d=True)
            except soundfile.SoundFileError as error:
                if block_values > SMALL_BLOCK_VALUES:  # what is whole of this block is read in a second attempt
                    return _take(whole, duration_seconds, name, keep, SMALL_BLOCK_VALUES)
                broken = _detail(error)
                break
            if not len(block):
                # A cut MP3 keeps the count of the whole; where it has none, the count is a near guess.
                if whole.breaks_off or (sound.format == "MP3" and position < COUNTED * sound.frames):
                    broken = ""
                break
            start, position = position, position + len(block)
            level = float(np.max(np.abs(block)))
            if peak <= SILENT_PEAK and not level <= SILENT_PEAK:
                onset = int(np.argmax(~(np.abs(block).max(axis=1) <= SILENT_PEAK)))
                if start + onset > window:
                    lead_in, blocks, block = start + onset, [], block[onset:]
                    wanted += lead_in
            elif is_beyond and peak <= SILENT_PEAK:
                continue
            peak = peak if level <= peak else level
            energies += np.square(block, dtype=np.float64).sum(axis=0)
            blocks.append(keep(block))
    frames = np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
    return _Taken(frames, rate_hz, energies, peak, lead_in / rate_hz, broken)


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
