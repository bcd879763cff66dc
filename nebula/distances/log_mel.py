"""The log-mel distance: how much of which frequency at which time, on scales close to hearing."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from nebula.distances.base import Distance, Settings, magnitude, require, require_number, working_dtype

#: Rate at which `LogMelSettings.fft_samples` is counted.
REFERENCE_RATE_HZ = 44_100

#: Bands multiplied together. High bands are wide and low ones narrow, so a group needs a part of the bins only; of the
#: sizes tried, 16 is the fastest.
BANDS_PER_GROUP = 16

#: Length of the window, that of the default settings at 44,100 Hz, for which there are compiled loops.
FUSED_WINDOW_SAMPLES = 2048


@dataclass(frozen=True, kw_only=True)
class LogMelSettings(Settings):
    """Settings of the log-mel distance.

    Args:
        bands: Number of mel bands.
        lowest_hz: Where the lowest band begins.
        highest_hz: Where the highest band ends. What lies above half the sample rate counts as silent.
        fft_samples: Length of the window at 44,100 Hz. At other rates it lasts as long, rounded to whole samples.
        hop_seconds: From one frame to the next, rounded to whole samples.
        log_floor: Added to a band's magnitude before the logarithm; what is well below it counts as silence.

    Raises:
        ArgumentError: If a setting is outside what is allowed, or the lowest band would hold no bin.
    """

    bands: int = 64
    lowest_hz: float = 20.0
    highest_hz: float = 20_000.0
    fft_samples: int = 2048
    hop_seconds: float = 0.04
    log_floor: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("bands", self.bands, 1, 4096)
        require_number("lowest_hz", self.lowest_hz, 0, 100_000)
        require_number("highest_hz", self.highest_hz, 1, 400_000)
        require(self.highest_hz > self.lowest_hz, "highest_hz", self.highest_hz, f"above lowest_hz ({self.lowest_hz})")
        require_number("fft_samples", self.fft_samples, 64, 65_536)
        require_number("hop_seconds", self.hop_seconds, 0.001, 60)
        require_number("log_floor", self.log_floor, 1e-9, 1)
        edges = band_edges_hz(self.bands, float(self.lowest_hz), float(self.highest_hz))
        spacing = REFERENCE_RATE_HZ / self.fft_samples
        # Bands widen upwards, and an open interval wider than the spacing always holds a bin.
        allowed = f"fewer: the lowest band, {edges[2] - edges[0]:.1f} Hz wide, needs more than one bin of {spacing:.1f}"
        require(bool(edges[2] - edges[0] > spacing), "bands", self.bands, f"{allowed} Hz")


class LogMel(Distance):
    """The mean difference of log mel magnitudes, frame by frame and band by band.

    With X the short-time spectrum, w_b the triangle of band b and D the number of frames times bands, the vector is
    log(sum_f w_b(f) |X(t, f)| + 1e-3) / D. The window is a periodic Hann one with peak 1, the transform is not scaled,
    and the triangles have peak 1, so a band's magnitude is a sum over bins. Frame k is centred at k times the hop, the
    first one at time 0; beyond its ends a sound is silent. Frames come one after the other, each with its bands from
    low to high, and keep their places: a sound that starts later is another sound.

    At rates other than 44,100 Hz the window lasts as long and magnitudes are scaled by the inverse of its samples, so
    that vectors of one sound at several rates compare. Bands above half the sample rate hold log(1e-3), as they would
    had the sound been resampled.

    It has a known weakness: the floor lies 90 dB below a pure tone's peak, so the side lobes of the window count, and
    steps of less than a band in the pitch of a tone below 5 kHz do not always give a greater distance.

    Args:
        settings: The defaults give 101 frames of 64 bands.

    Example:
        >>> LogMel().embed(torch.zeros(2, 44100), 44100).shape
        torch.Size([2, 6464])
    """

    name = "log-mel"
    is_quick = True
    version = 1

    def __init__(self, settings: LogMelSettings | None = None) -> None:
        self.settings: LogMelSettings = LogMelSettings() if settings is None else settings

    def vectors(
        self, audio: Float[Tensor, "batch time"], samples: int, sample_rate_hz: float
    ) -> Float[Tensor, "batch dimension"]:
        """What `embed` returns, of at least one sound; compiled where that is possible.

        Args:
            audio: Sounds of any level and length, not yet known to be finite.
            samples: Length that is compared.
            sample_rate_hz: Any rate that `embed` allows.

        Raises:
            ArgumentError: If a sample is NaN or infinite.
        """
        single = audio.device.type == "cpu" and working_dtype(audio.dtype) == torch.float32
        gradient = audio.requires_grad and torch.is_grad_enabled()
        if not single or gradient or _window_samples(self.settings, sample_rate_hz) != FUSED_WINDOW_SAMPLES:
            return super().vectors(audio, samples, sample_rate_hz)
        # Imported here, because loading compiled code takes a second that other commands need not spend.
        from nebula.distances import fused_log_mel

        return fused_log_mel.vectors(audio.detach(), self.settings, samples, sample_rate_hz)

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        bands = self.magnitudes(audio, sample_rate_hz)
        return (bands + self.settings.log_floor).log().flatten(1) / bands[0].numel()

    def magnitudes(
        self, audio: Float[Tensor, "batch time"], sample_rate_hz: float
    ) -> Float[Tensor, "batch frame band"]:
        """Magnitude in each band of each frame, of sounds as they are: not aligned in level, not cut to length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        settings = self.settings
        window, groups = _window_and_bands(settings, float(sample_rate_hz), audio.dtype, audio.device)
        frames, hop = frames_and_hop(settings, audio.shape[1], sample_rate_hz)
        before = len(window) // 2
        after = (frames - 1) * hop + len(window) - before - audio.shape[1]
        windows = torch.nn.functional.pad(audio, (before, after)).unfold(1, len(window), hop)
        spectrum = torch.fft.rfft(windows * window)
        highest_bin = max(high for _, high, _ in groups)
        bins = magnitude(spectrum[..., :highest_bin])
        return torch.cat([bins[..., low:high] @ weights for low, high, weights in groups], dim=-1)


def frames_and_hop(settings: LogMelSettings, samples: int, sample_rate_hz: float) -> tuple[int, int]:
    """How many frames a sound has, and how many samples it is from one to the next.

    Args:
        settings: Those of the distance.
        samples: Length of the sound.
        sample_rate_hz: Any rate that `embed` allows.
    """
    # The hundredth of a hop forgives a length that was rounded to whole samples.
    frames = math.floor(samples / (settings.hop_seconds * sample_rate_hz) + 0.01) + 1
    return frames, round(settings.hop_seconds * sample_rate_hz)


def mel(frequency_hz: np.ndarray | float) -> np.ndarray:
    """Pitch in mel on the scale of HTK, 2595 log10(1 + f / 700).

    Args:
        frequency_hz: At least 0.
    """
    return np.asarray(2595 * np.log10(1 + np.asarray(frequency_hz) / 700))


def band_edges_hz(bands: int, lowest_hz: float, highest_hz: float) -> np.ndarray:
    """Where the triangles begin, peak and end: band b spans edges b to b + 2 and peaks at b + 1, equally far in mel.

    Args:
        bands: Number of bands, at least 1.
        lowest_hz: First edge.
        highest_hz: Last edge.
    """
    return np.asarray(700 * (10 ** (np.linspace(mel(lowest_hz), mel(highest_hz), bands + 2) / 2595) - 1))


def filterbank(
    frequencies_hz: Float64[np.ndarray, " frequency"], edges_hz: Float64[np.ndarray, " edge"]
) -> Float64[np.ndarray, "frequency band"]:
    """Weight of each frequency in each band: triangles over frequency with peak 1.

    Between the first and the last peak the weights of every frequency add up to 1.

    Args:
        frequencies_hz: Where to take the triangles.
        edges_hz: Rising, two more than bands.
    """
    begin, peak, end = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (frequencies_hz[:, None] - begin) / (peak - begin)
    falling = (end - frequencies_hz[:, None]) / (end - peak)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def _window_samples(settings: LogMelSettings, sample_rate_hz: float) -> int:
    return round(settings.fft_samples * sample_rate_hz / REFERENCE_RATE_HZ)


@lru_cache(maxsize=32)
def _window_and_bands(
    settings: LogMelSettings, sample_rate_hz: float, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, tuple[tuple[int, int, Tensor], ...]]:
    """The window, and groups of bands as (first bin, last bin + 1, weights of those bins)."""
    samples = _window_samples(settings, sample_rate_hz)
    frequencies = np.arange(samples // 2 + 1) * (sample_rate_hz / samples)
    edges = band_edges_hz(settings.bands, float(settings.lowest_hz), float(settings.highest_hz))
    weights = filterbank(frequencies, edges)
    groups = []
    # Kept for later calls, so they must not be inference tensors even if the first call is made in inference mode.
    with torch.inference_mode(False):
        window = torch.hann_window(samples, dtype=torch.float64) * (settings.fft_samples / samples)
        for band in range(0, settings.bands, BANDS_PER_GROUP):
            group = weights[:, band : band + BANDS_PER_GROUP]
            used = np.flatnonzero(group.any(axis=1))
            low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)
            groups.append((low, high, torch.from_numpy(group[low:high]).to(device, dtype)))
        return window.to(device, dtype), tuple(groups)
