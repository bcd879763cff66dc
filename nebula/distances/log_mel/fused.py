"""The log-mel distance on the CPU, compiled to vector instructions, on every core that torch may use."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from nebula.compilation import on_every_core
from nebula.distances.base import check_finite
from nebula.distances.log_mel.kernels import bin_places, magnitudes
from nebula.distances.log_mel.settings import FUSED_WINDOW_SAMPLES, LogMelSettings, frames_and_hop
from nebula.distances.mel import band_edges_hz, filterbank


def vectors(
    audio: Float[Tensor, "batch time"], settings: LogMelSettings, samples: int, sample_rate_hz: float
) -> Float[Tensor, "batch dimension"]:
    """Returns what `LogMel` does in single precision, without gradients, to a few roundings.

    A sound's vector is the same bits in every batch and with any number of threads, of which it uses
    `torch.get_num_threads()`. The first call on a machine compiles for some seconds, see `nebula.compilation`.

    Args:
        audio: Sounds on the CPU of any level and length.
        settings: Those of the distance.
        samples: Length that is compared.
        sample_rate_hz: A rate at which the window is `FUSED_WINDOW_SAMPLES` long.

    Raises:
        ArgumentError: If a sample is NaN or infinite.
    """
    frames, hop = frames_and_hop(settings, samples, sample_rate_hz)
    window, place, segment, slopes = _window_and_slopes(settings, float(sample_rate_hz))
    found = np.empty((len(audio), frames * settings.bands), np.float32)
    floor, dimension = np.float32(settings.log_floor), np.float32(found.shape[1])

    def work(share: slice) -> None:
        sounds = audio[share].to(torch.float32).contiguous()
        finite = np.empty(len(sounds), np.bool_)
        part = found[share]
        magnitudes(
            part.reshape(len(part), frames, settings.bands), finite, sounds.numpy(), samples, float(settings.level_rms),
            window, hop, place, segment, slopes,
        )  # fmt: skip
        if not finite.all():
            check_finite(sounds, share.start)
        part += floor
        np.log(part, out=part)
        part /= dimension

    on_every_core(work, len(audio))
    return torch.from_numpy(found).to(audio.dtype)


@lru_cache(maxsize=32)
def _window_and_slopes(
    settings: LogMelSettings, sample_rate_hz: float
) -> tuple[
    Float64[np.ndarray, " time"],
    Int64[np.ndarray, " frequency"],
    Int64[np.ndarray, " frequency"],
    Float32[np.ndarray, "frequency 2"],
]:
    """The window; and of the bins within any band the places, the edges below them, and their weights on both sides."""
    samples = FUSED_WINDOW_SAMPLES
    window = torch.hann_window(samples, dtype=torch.float64).numpy() * (settings.fft_samples / samples)
    frequencies = np.arange(samples // 2 + 1) * (sample_rate_hz / samples)
    edges = band_edges_hz(settings.bands, float(settings.lowest_hz), float(settings.highest_hz))
    used = np.flatnonzero((frequencies >= edges[0]) & (frequencies < edges[-1]))
    segment = np.searchsorted(edges, frequencies[used], side="right") - 1
    # Between edges s and s + 1 band s - 1 ends and band s begins; the padding moves them to s and s + 1.
    weights = np.pad(filterbank(frequencies, edges), ((0, 0), (1, 1)))
    slopes = np.stack([weights[used, segment], weights[used, segment + 1]], axis=1)
    return window, bin_places()[used], segment, slopes.astype(np.float32)
