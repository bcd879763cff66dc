"""Distances between the sounds of every pair, a few dimensions at a time: a spectrogram has hundreds of thousands."""

from __future__ import annotations

from nebula.tensors import Float, Float64, Tensor, torch

#: Entries of a matrix of pairs, or values of a factorisation, held at once: 32 MB in float64.
ENTRIES = 2**22

#: The median of this many sounds' distances is as good a scale as that of all, and their 2 million pairs fit in memory.
MEDIAN_SOUNDS = 2048

_DIMENSIONS = 256


def l1_distances(x: Float[Tensor, "sounds dimension"]) -> Float64[Tensor, "sounds sounds"]:
    """Returns the l1 distances between all rows.

    Args:
        x: One row per sound.
    """
    total = x.new_zeros(len(x), len(x), dtype=torch.float64)
    for part in torch.split(x, _DIMENSIONS, dim=1):
        exact = part.double()
        total += torch.cdist(exact, exact, p=1)
    return total


def squared_distances(
    x: Float[Tensor, "sounds_x dimension"],
    y: Float[Tensor, "sounds_y dimension"],
    centre: Float64[Tensor, " dimension"],
) -> Float64[Tensor, "sounds_x sounds_y"]:
    """Returns squared Euclidean distances, as products, which cancel less when the sounds lie around the origin.

    Args:
        x: One row per sound.
        y: Likewise.
        centre: Taken off both.
    """
    total = centre.new_zeros(len(x), len(y))
    step = max(1, ENTRIES // (len(x) + len(y)))
    for start in range(0, len(centre), step):
        span = slice(start, start + step)
        one, other = x[:, span].double() - centre[span], y[:, span].double() - centre[span]
        total += one.square().sum(dim=1)[:, None] + other.square().sum(dim=1) - 2 * (one @ other.T)
    return total.clamp_(min=0)


def spread_rows(x: Float[Tensor, "sounds dimension"], most: int) -> Float[Tensor, "chosen dimension"]:
    """Returns all rows where there are no more than `most`, else so many, evenly spread over their order.

    Args:
        x: One row per sound.
        most: At least 1.
    """
    if len(x) <= most:
        return x
    return x[torch.linspace(0, len(x) - 1, most, device=x.device).round().long()]


def median_distance(x: Float[Tensor, "sounds dimension"]) -> float:
    """Returns the median Euclidean distance of distinct pairs, of 2,048 sounds at most; 0 where there is no pair.

    Args:
        x: One row per sound.
    """
    chosen = spread_rows(x, MEDIAN_SOUNDS)
    if len(chosen) < 2:
        return 0.0
    first, second = torch.triu_indices(len(chosen), len(chosen), offset=1, device=x.device)
    distances = squared_distances(chosen, chosen, x.mean(dim=0, dtype=torch.float64)).sqrt()
    # A quantile has half of the pairs on either side; torch's own median takes the lower of two middle values.
    return float(distances[first, second].quantile(0.5))
