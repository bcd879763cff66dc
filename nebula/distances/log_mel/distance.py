"""The log-mel distance: how much of which frequency at which time, on scales close to hearing."""

from __future__ import annotations

from functools import lru_cache

from nebula.distances.base import Distance, magnitude, working_dtype
from nebula.distances.log_mel.settings import FUSED_WINDOW_SAMPLES, LogMelSettings, frames_and_hop, window_samples
from nebula.distances.mel import band_edges_hz, filterbank
from nebula.tensors import Float, Tensor, np, torch

#: Bands multiplied together. High bands are wide and low ones narrow, so a group needs a part of the bins only; of the
#: sizes tried, 16 is the fastest.
BANDS_PER_GROUP = 16


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
        if not single or gradient or window_samples(self.settings, sample_rate_hz) != FUSED_WINDOW_SAMPLES:
            return super().vectors(audio, samples, sample_rate_hz)
        # Imported here, because loading compiled code takes a second that other commands need not spend.
        from nebula.distances.log_mel import fused

        return fused.vectors(audio.detach(), self.settings, samples, sample_rate_hz)

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


@lru_cache(maxsize=32)
def _window_and_bands(
    settings: LogMelSettings, sample_rate_hz: float, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, tuple[tuple[int, int, Tensor], ...]]:
    """The window, and groups of bands as (first bin, last bin + 1, weights of those bins)."""
    samples = window_samples(settings, sample_rate_hz)
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
