"""Sounds as the content of files, made in memory so that a file can be written whole."""

import io

import numpy as np
import soundfile
from jaxtyping import Num


def encoded(
    samples: Num[np.ndarray, "time ..."],
    sample_rate_hz: int,
    format: str = "flac",  # noqa: A002 - soundfile's name
    *,
    bits: int = 16,
    compression: float | None = None,
    comment: str = "",
) -> bytes:
    """Returns the content of a sound file.

    Args:
        samples: One column for each channel, or one channel alone: floating point, where 1 is full scale and what lies
            beyond is clipped, or integers of `bits` bits.
        sample_rate_hz: Written into the file; FLAC ends at 655,350.
        format: `flac` or `wav`.
        bits: A sample's, 16 or 24.
        compression: Of FLAC, from 0, fastest, to 1, smallest; libsndfile's own choice if None.
        comment: What the file says about itself; empty for nothing.

    Example:
        >>> encoded(np.zeros(100, np.int16), 44100)[:4]
        b'fLaC'
    """
    if np.issubdtype(samples.dtype, np.integer):
        # libsndfile takes the upper bits of 32.
        samples = samples.astype(np.int32) << (32 - bits)
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
