"""The multi-scale spectrogram distance: spectra from long windows to short ones, linear and logarithmic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from nebula.distances.base import Distance, Settings, magnitude, require, require_number
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True, kw_only=True)
class MultiScaleSpectrogramSettings(Settings):
    """Settings of the multi-scale spectrogram distance.

    Args:
        fft_sizes: Length of the window of each scale, in samples whatever the sample rate.
        frames_per_window: A window moves on by this part of itself; 4 means that windows overlap by three quarters.
        block_seconds: Shortest time over which frames are averaged. A block is never shorter than its window, and is
            rounded to whole hops. At 0 a block is as long as its window.
        linear_weight: Weight of the difference of magnitudes; at 0 they are left out.
        log_weight: Weight of the difference of logarithms; at 0 they are left out.
        log_floor: Added to a magnitude before the logarithm. At the default the rounding noise of 16-bit recordings
            counts as silence.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    fft_sizes: tuple[int, ...] = (4096, 2048, 1024, 512, 256, 128, 64)
    frames_per_window: int = 4
    block_seconds: float = 0.04
    linear_weight: float = 1.0
    log_weight: float = 1.0
    log_floor: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("frames_per_window", self.frames_per_window, 2, 16)
        require(len(self.fft_sizes) > 0, "fft_sizes", self.fft_sizes, "at least one size")
        for size in self.fft_sizes:
            require_number("fft_sizes", size, 32, 65_536)
            multiple = 2 * self.frames_per_window
            require(size % multiple == 0, "fft_sizes", size, f"a multiple of twice frames_per_window ({multiple})")
        require_number("block_seconds", self.block_seconds, 0, 60)
        require_number("linear_weight", self.linear_weight, 0, 1e6)
        require_number("log_weight", self.log_weight, 0, 1e6)
        require(
            self.linear_weight + self.log_weight > 0, "log_weight", self.log_weight, "above 0 if linear_weight is 0"
        )
        require_number("log_floor", self.log_floor, 1e-9, 1)


class MultiScaleSpectrogram(Distance):
    r"""The difference of spectra, summed over window lengths, of magnitudes plus of their logarithms.

    In the literature sounds differ by sum_n mean |S_n - S'_n| + mean |log S_n - log S'_n|, with S_n the magnitudes of
    the short-time spectrum of window length n, hop n / 4. As a vector that is 4.9 million numbers for 4 s, too many to
    keep for a corpus, and most of them say the same thing again: neighbouring frames overlap by three quarters, and
    the short windows follow single periods of a tone, whose phase nobody hears. So before sounds are compared, S_n and
    log S_n are each averaged over blocks of time: of n samples or 40 ms, whichever is longer, in whole hops. Where two
    sounds differ steadily within blocks this is the same distance; differences of phase that cancel within a block are
    forgiven, so it is never more. 4 s at 44,100 Hz take 0.56 million numbers.

    The window is a periodic Hann one with peak 1 and the transform is not scaled: a sine of amplitude A on a bin shows
    A n / 4 there and half as much beside it. The mean over bins and blocks then makes a tone weigh the same at each
    scale. Frames are centred on the middles of hops and a block holds the frames centred in it; beyond its ends a sound
    is silent. The vector holds, for each scale, the magnitudes of all blocks, each from low to high frequency, then the
    logarithms likewise.

    Vectors compare at one sample rate only, and their dimension depends on it: sizes count samples, as in the
    literature.

    Args:
        settings: The defaults are those of table 2 of "One billion audio sounds from GPU-enabled modular synthesis"
            (Turian et al., 2021): linear and log, 4096 to 64.

    Sources: Engel et al., "DDSP: Differentiable digital signal processing", 2020, section 4.2.1 (with a weight of 1);
    Yamamoto et al., "Parallel WaveGAN", 2020, section 2.2, who divide the linear part by its norm, which would be no
    distance between vectors.
    """

    name = "multi-scale-spectrogram"
    is_quick = True
    version = 1

    def __init__(self, settings: MultiScaleSpectrogramSettings | None = None) -> None:
        self.settings: MultiScaleSpectrogramSettings = MultiScaleSpectrogramSettings() if settings is None else settings

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        settings = self.settings
        parts = []
        for size in settings.fft_sizes:
            frames_per_block = self.frames_per_block(size, sample_rate_hz)
            bins = self.magnitudes(audio, size, frames_per_block)
            if settings.linear_weight > 0:
                parts.append(_block_means(bins, frames_per_block, float(settings.linear_weight)))
            if settings.log_weight > 0:
                logarithms = (bins + settings.log_floor).log()
                parts.append(_block_means(logarithms, frames_per_block, float(settings.log_weight)))
        return torch.cat(parts, dim=1)

    def frames_per_block(self, size: int, sample_rate_hz: float) -> int:
        """How many frames are averaged at one scale.

        Args:
            size: Length of the window in samples.
            sample_rate_hz: Any rate that `embed` allows.
        """
        hop = size // self.settings.frames_per_window
        return max(self.settings.frames_per_window, round(self.settings.block_seconds * sample_rate_hz / hop))

    def magnitudes(
        self, audio: Float[Tensor, "batch time"], size: int, frames_per_block: int = 1
    ) -> Float[Tensor, "batch frame frequency"]:
        """Magnitudes of one scale, of sounds as they are: not aligned in level, not cut to length, not averaged.

        Args:
            audio: Sounds.
            size: Length of the window in samples.
            frames_per_block: The number of frames is rounded up to a multiple of this, with silence at the end.
        """
        hop = size // self.settings.frames_per_window
        blocks = max(1, math.ceil(audio.shape[1] / (hop * frames_per_block)))
        before = (size - hop) // 2
        after = (blocks * frames_per_block - 1) * hop + size - before - audio.shape[1]
        windows = torch.nn.functional.pad(audio, (before, after)).unfold(1, size, hop)
        return magnitude(torch.fft.rfft(windows * _window(size, audio.dtype, audio.device)))


def _block_means(
    values: Float[Tensor, "batch frame frequency"], frames_per_block: int, weight: float
) -> Float[Tensor, "batch dimension"]:
    """Means over blocks of frames, weighted and divided by how many there are: l1 of it is a weighted mean."""
    batch, frames, frequencies = values.shape
    means = values.reshape(batch, frames // frames_per_block, frames_per_block, frequencies).mean(2)
    return means.flatten(1) * (weight / means[0].numel())


@lru_cache(maxsize=64)
def _window(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The periodic Hann window; never an inference tensor, since it is kept for later calls."""
    with torch.inference_mode(False):
        return torch.hann_window(size, dtype=torch.float64).to(device, dtype)
