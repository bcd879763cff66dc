"""OpenL3's front ends: one second of sound to a picture in decibels, as each release computed it.

| front end | frames | mel scale and filters | of |
| --- | --- | --- | --- |
| 0.4.2 | from the window's beginning on, zeros behind its end | Slaney, area 1 | magnitudes |
| 0.3.1 | centred on the window, zeros on both sides | HTK, area 1 | powers, then the square root |

The released weights were trained with the front end of 0.3.1. The linear picture is the same in both: no zeros, no
filters, magnitudes. All of them: periodic Hann windows, a hop of 242 samples, ten times the decimal logarithm of the
amplitude (not twenty), no less than 80 below the loudest point of the window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from nebula.distances.mel import band_edges_hz, filterbank, slaney_hz, slaney_mel
from nebula.tensors import Float, Float64, Tensor, np, torch

SAMPLE_RATE_HZ = 48_000

#: Samples of a window.
WINDOW_SAMPLES = SAMPLE_RATE_HZ

HOP_SAMPLES = 242
DYNAMIC_RANGE = 80.0
SMALLEST_AMPLITUDE = 1e-10

FRONTENDS = ("0.4.2", "0.3.1")

#: Mel bands of each kind of picture; none where its rows are the bins of the transform.
BANDS = {"mel256": 256, "mel128": 128, "linear": 0}


@dataclass(frozen=True)
class Picture:
    """How a window becomes a picture.

    Args:
        frontend: One of `FRONTENDS`.
        input_repr: One of `BANDS`.
    """

    frontend: str
    input_repr: str

    @property
    def fft_samples(self) -> int:
        """Length of the transform."""
        return 2048 if BANDS[self.input_repr] else 512

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, which are frequencies, and columns, which are frames."""
        before, after = self.padding
        frames = (WINDOW_SAMPLES + before + after - self.fft_samples) // HOP_SAMPLES + 1
        return BANDS[self.input_repr] or self.fft_samples // 2 + 1, frames

    @property
    def padding(self) -> tuple[int, int]:
        """Zeros before and behind the window."""
        if not BANDS[self.input_repr]:
            return 0, 0
        # As many frames as hops begin in the window, the last one of them complete.
        missing = (math.ceil(WINDOW_SAMPLES / HOP_SAMPLES) - 1) * HOP_SAMPLES + self.fft_samples - WINDOW_SAMPLES
        return (0, missing) if self.frontend == "0.4.2" else (missing // 2, missing - missing // 2)

    def of(self, windows: Float[Tensor, "window 48000"]) -> Float[Tensor, "window frequency frame"]:
        """The pictures of windows, in decibels from -80 to 0.

        Args:
            windows: One second of sound each, at 48 kHz, float32.
        """
        size = self.fft_samples
        hann, filters = _hann_and_filters(self, windows.device)
        frames = torch.nn.functional.pad(windows, self.padding).unfold(1, size, HOP_SAMPLES)
        spectrum = torch.fft.rfft(frames * hann)
        # With a finite gradient at zero: 1e-24 is far below the smallest amplitude that counts.
        power = spectrum.real.square() + spectrum.imag.square() + 1e-24
        if filters is None:
            amplitude = power.sqrt()
        elif self.frontend == "0.4.2":
            amplitude = power.sqrt() @ filters
        else:
            amplitude = (power @ filters).sqrt()
        decibels = 10 * amplitude.clamp(min=SMALLEST_AMPLITUDE).log10()
        relative: Tensor = decibels - decibels.amax((1, 2), keepdim=True)
        return relative.clamp(min=-DYNAMIC_RANGE).transpose(1, 2)


def mel_filters(bands: int, fft_samples: int, frontend: str) -> Float64[np.ndarray, "frequency band"]:
    """Triangles of area 1 over frequency in hertz, their corners equally far in mel from 0 to 24 kHz.

    Args:
        bands: How many.
        fft_samples: Length of the transform, whose bins are the rows.
        frontend: One of `FRONTENDS`; says which mel scale.
    """
    highest = SAMPLE_RATE_HZ / 2
    if frontend == "0.4.2":
        corners = slaney_hz(np.linspace(0, slaney_mel(highest), bands + 2))
    else:
        corners = band_edges_hz(bands, 0, highest)
    frequencies = np.arange(fft_samples // 2 + 1) * (SAMPLE_RATE_HZ / fft_samples)
    return np.asarray(filterbank(frequencies, corners) * (2 / (corners[2:] - corners[:-2])))


@lru_cache(maxsize=32)
def _hann_and_filters(picture: Picture, device: torch.device) -> tuple[Tensor, Tensor | None]:
    # Kept for later calls, so they must not be inference tensors even if the first call is made in inference mode.
    with torch.inference_mode(False):
        hann = torch.hann_window(picture.fft_samples, dtype=torch.float64).to(device, torch.float32)
        bands = BANDS[picture.input_repr]
        if not bands:
            return hann, None
        filters = mel_filters(bands, picture.fft_samples, picture.frontend)
        return hann, torch.from_numpy(filters).to(device, torch.float32)
