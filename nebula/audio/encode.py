"""Sounds as the content of files, made in memory so that a file can be written whole."""

import io
import struct

import numpy as np
import soundfile
from jaxtyping import Num

# Of a WAV file's samples: IEEE floating point.
_FLOATING_POINT = 3


def encoded(
    samples: Num[np.ndarray, "time ..."],
    sample_rate_hz: int,
    format: str = "flac",  # noqa: A002 - soundfile's name
    *,
    bits: int = 16,
    compression: float | None = None,
    comment: str = "",
) -> bytes:
    """Returns the content of a sound file; equal bytes for equal arguments.

    Args:
        samples: One column for each channel, or one channel alone: floating point, where 1 is full scale and what lies
            beyond is clipped, or integers of `bits` bits.
        sample_rate_hz: Written into the file; FLAC ends at 655,350.
        format: `flac` or `wav`.
        bits: A sample's, 16 or 24; or 32 for floating point as it is, which WAV alone holds.
        compression: Of FLAC, from 0, fastest, to 1, smallest; libsndfile's own choice if None.
        comment: What the file says about itself; empty for nothing.

    Example:
        >>> encoded(np.zeros(100, np.int16), 44100)[:4]
        b'fLaC'
    """
    if bits == 32:
        return _floating_point_wav(samples, sample_rate_hz, comment)
    if not np.issubdtype(samples.dtype, np.integer):
        # libsndfile rounds for FLAC and cuts off for WAV; this way both hold the same numbers.
        full_scale = 2 ** (bits - 1)
        scaled = np.rint(samples * samples.dtype.type(full_scale))
        samples = np.clip(scaled, -full_scale, full_scale - 1).astype(np.int32)
    # libsndfile takes the upper bits of 32, and 16 as they are in half the time.
    samples = samples.astype(np.int16) if bits == 16 else samples.astype(np.int32) << (32 - bits)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        sample_rate_hz,
        channels,
        format=format.upper(),
        subtype=f"PCM_{bits}",
        compression_level=compression if format == "flac" else None,
    ) as sound:
        if comment:
            sound.comment = comment
        sound.write(samples)
    return file.getvalue()


def _floating_point_wav(samples: Num[np.ndarray, "time ..."], sample_rate_hz: int, comment: str) -> bytes:
    """A WAV file of float32; libsndfile's own says when it was written, so that no two are equal.

    Source: IBM and Microsoft, "Multimedia programming interface and data specifications 1.0", 1991, and Microsoft, "New
    multimedia data types and data techniques", 1994.
    """
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    form = struct.pack(
        "<HHIIHHH", _FLOATING_POINT, channels, sample_rate_hz, 4 * channels * sample_rate_hz, 4 * channels, 32, 0
    )
    chunks = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", len(samples)))
    if comment:
        chunks += _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", comment.encode() + b"\0"))
    return _chunk(b"RIFF", b"WAVE" + chunks + _chunk(b"data", samples.astype("<f4").tobytes()))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
