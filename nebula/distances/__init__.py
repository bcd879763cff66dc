"""Audio to vectors: what "distance between two sounds" means. It is the l1 distance of their vectors.

- `base`: the contract, `Distance`, and the settings that all of them share
- `level`: alignment of loudness, which no distance hears
- `log_mel`: `LogMel`, log magnitudes in mel bands, time-aligned
- `multi_scale_spectrogram`: `MultiScaleSpectrogram`, linear and log spectra at window lengths from 4096 to 64

`get` gives a distance with its default settings by name; one with other settings is made from its class:

    >>> import torch
    >>> get("log-mel").embed(torch.zeros(1, 176400), 44100).shape
    torch.Size([1, 6464])
    >>> LogMel(LogMelSettings(duration_seconds=1)).embed(torch.zeros(1, 44100), 44100).shape
    torch.Size([1, 1664])
"""

from collections.abc import Callable

from nebula.distances.base import Distance, Settings
from nebula.distances.log_mel import LogMel, LogMelSettings
from nebula.distances.multi_scale_spectrogram import MultiScaleSpectrogram, MultiScaleSpectrogramSettings
from nebula.errors import ArgumentError

__all__ = [
    "REGISTRY",
    "Distance",
    "LogMel",
    "LogMelSettings",
    "MultiScaleSpectrogram",
    "MultiScaleSpectrogramSettings",
    "Settings",
    "get",
    "names",
]

#: What makes the distance of each name with its default settings.
REGISTRY: dict[str, Callable[[], Distance]] = {
    LogMel.name: LogMel,
    MultiScaleSpectrogram.name: MultiScaleSpectrogram,
}


def names() -> tuple[str, ...]:
    """The names that `get` knows, in alphabetical order."""
    return tuple(sorted(REGISTRY))


def get(name: str) -> Distance:
    """The distance of that name, with its default settings.

    Args:
        name: One of `names()`.

    Raises:
        ArgumentError: If there is no such distance.
    """
    if name not in REGISTRY:
        raise ArgumentError(f"distance: got {name!r}, expected one of {', '.join(names())}")
    return REGISTRY[name]()
