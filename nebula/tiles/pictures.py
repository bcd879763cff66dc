"""Pictures of sounds: over a waveform a spectrogram, small enough to stand beside every sound."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, UInt8

#: Of a picture, in pixels: a spectrogram, and a waveform below it.
COLUMNS, BANDS, WAVE_ROWS = 160, 44, 20

#: From the lowest to the highest band of the spectrogram.
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0

#: What lies further below the loudest is not seen.
RANGE_DB = 70.0

# Fewer shades than bytes have: files are half as large, and nobody sees the difference.
_SHADES = 15

_WINDOW = 2048


def picture(flac: bytes) -> bytes:
    """Returns a PNG of a sound from its begin to its end: over a waveform, a spectrogram of bands of equal ratio.

    It is black, and as opaque as the sound is strong, so that it suits any background.

    Of several channels it shows the mean of the spectrograms, and the largest of the waveforms.

    Args:
        flac: The sound, or any other file that libsndfile reads.
    """
    # Imported here, as below: a server that nobody listens to loads none of it.
    import numpy as np
    import soundfile

    samples, rate_hz = soundfile.read(io.BytesIO(flac), dtype="float64", always_2d=True)
    shades = np.vstack([_spectrogram(samples.T, rate_hz), _waveform(samples.T)])
    alpha = (np.rint(shades * _SHADES) * (255 // _SHADES)).astype(np.uint8)
    return _png(np.dstack([np.zeros_like(alpha), alpha]))


def _spectrogram(samples: Float[np.ndarray, "channel time"], rate_hz: int) -> Float[np.ndarray, "band column"]:
    """Returns the strength of each band over time, from 0 to 1, the highest band first."""
    import numpy as np

    padded = np.pad(samples, ((0, 0), (_WINDOW // 2, _WINDOW)))
    starts = np.linspace(0, max(0, samples.shape[1] - 1), COLUMNS).astype(int)
    frames = padded[:, starts[:, None] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    power = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0)
    edges = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate_hz / 2), BANDS + 1) * _WINDOW / rate_hz
    # What lies in a band, also where it is narrower than a bin: the rise of the sum of all bins below.
    below = np.concatenate([np.zeros((COLUMNS, 1)), np.cumsum(power, axis=1)], axis=1)
    sums = np.stack([np.interp(edges, np.arange(below.shape[1]), row) for row in below])
    level = 10 * np.log10(np.diff(sums, axis=1) + 1e-20)
    strength = np.clip(1 + (level - level.max()) / RANGE_DB, 0, 1) if power.any() else np.zeros_like(level)
    return strength.T[::-1]


def _waveform(samples: Float[np.ndarray, "channel time"]) -> Float[np.ndarray, "row column"]:
    """Returns the largest sample of each stretch of time as a bar about the middle, 1 where it is and 0 elsewhere."""
    import numpy as np

    ends = np.linspace(0, samples.shape[1], COLUMNS + 1).astype(int)
    peaks = np.array([np.abs(samples[:, a : max(b, a + 1)]).max(initial=0.0) for a, b in pairwise(ends)])
    heights = peaks / (peaks.max() or 1.0) * WAVE_ROWS / 2
    distance = np.abs(np.arange(WAVE_ROWS) - (WAVE_ROWS - 1) / 2)
    bars: Float[np.ndarray, "row column"] = (distance[:, None] < np.maximum(heights, 0.6)).astype(np.float64)
    return bars


def _png(pixels: UInt8[np.ndarray, "row column 2"]) -> bytes:
    """Returns grey and alpha as a PNG file (RFC 2083)."""
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 4, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)
