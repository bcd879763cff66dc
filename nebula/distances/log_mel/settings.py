"""Settings of the log-mel distance, and what follows from them at a sample rate."""

import math
from dataclasses import dataclass

from nebula.distances.base import Settings, require, require_number
from nebula.distances.mel import band_edges_hz

#: Rate at which `LogMelSettings.fft_samples` is counted.
REFERENCE_RATE_HZ = 44_100

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


def window_samples(settings: LogMelSettings, sample_rate_hz: float) -> int:
    """How long the window is at a sample rate.

    Args:
        settings: Those of the distance.
        sample_rate_hz: Any rate that `embed` allows.
    """
    return round(settings.fft_samples * sample_rate_hz / REFERENCE_RATE_HZ)
