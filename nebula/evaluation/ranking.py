"""Equation (1) of Turian et al. 2021 within one preset: does a distance put sounds in order?

From a sound s, every other sound of its preset has a distance, and a sign: negative where it is closer to a sound of
lower rank than s, positive where closer to one of higher rank. Equation (1) is the expected rank correlation of that
signed distance with the true rank. Two facts about it decide how a score reads:

- The lower and the higher sound are themselves among the others, on their right sides whatever the distance. So chance
  is not 0: with m others of distinct ranks it is 3m / (2 (m^2 - 1)), which is 1 for m = 2 and 0.05 for m = 30.
- A sound just below s is often closer to a near higher sound than to a far lower one. So even distances that are
  exactly the differences in rank score less than 1 from five sounds on.

Both yardsticks are therefore measured on the same draws as the score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nebula.errors import ArgumentError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PresetOrdering:
    """Equation (1) within one preset.

    Attributes:
        name: Of the preset.
        spearman: Mean rank correlation over the draws, in [-1, 1].
        chance: What independent random distances would score on the same draws, in expectation.
        ideal: What differences in rank, taken for distances, score on the same draws.
        sounds: In the preset.
    """

    name: str
    spearman: float
    chance: float
    ideal: float
    sounds: int


@dataclass(frozen=True)
class Draws:
    """Choices of s and of one sound below and above it, by position in the preset; their weights add up to 1."""

    middle: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight: Array


def draw_triples(ranks: Sequence[float] | Array, limit: int = 200, seed: int = 0) -> Draws:
    """Returns the choices (s, s_l, s_h) that equation (1) averages over; they do not depend on the distance.

    Every sound that has one below and one above counts the same, then every pair of those. All choices are returned
    where there are at most `limit`, else `limit` random ones.

    Args:
        ranks: Of the sounds of one preset; equal ones allowed.
        limit: 1 or more.
        seed: Decides the random choices, together with nothing else.

    Raises:
        ArgumentError: Fewer than three different ranks, or a limit below 1.
    """
    order = np.asarray(ranks, dtype=np.float64)
    if len(np.unique(order)) < 3:
        raise ArgumentError(f"ranks: got {len(np.unique(order))} different ones, expected at least 3")
    if limit < 1:
        raise ArgumentError(f"limit: got {limit}, expected 1 or more")
    middles = np.flatnonzero((order > order.min()) & (order < order.max()))
    below = [np.flatnonzero(order < order[middle]) for middle in middles]
    above = [np.flatnonzero(order > order[middle]) for middle in middles]
    sizes = np.array([len(lower) * len(higher) for lower, higher in zip(below, above, strict=True)])
    if sizes.sum() <= limit:
        low = np.concatenate([np.repeat(lower, len(higher)) for lower, higher in zip(below, above, strict=True)])
        high = np.concatenate([np.tile(higher, len(lower)) for lower, higher in zip(below, above, strict=True)])
        return Draws(np.repeat(middles, sizes), low, high, np.repeat(1 / sizes, sizes) / len(middles))
    generator = np.random.default_rng(seed)
    # Every sound is taken as often as every other, the remainder at random.
    whole = np.tile(np.arange(len(middles)), limit // len(middles))
    chosen = np.concatenate([whole, generator.permutation(len(middles))[: limit % len(middles)]])
    low = np.array([generator.choice(below[place]) for place in chosen])
    high = np.array([generator.choice(above[place]) for place in chosen])
    return Draws(middles[chosen], low, high, np.full(limit, 1 / limit))


def signed_distances(distances: Array, middle: int, low: NDArray[np.int64], high: NDArray[np.int64]) -> Array:
    """Returns d(s, .) sgn(d(s_l, .) - d(s_h, .)) to every sound but s, one row for each choice of s_l and s_h.

    Equation (1) writes sgn(d(s_h, .) < d(s_l, .)) and leaves a tie open; here it is neither below nor above, 0.

    Args:
        distances: Between all sounds of the preset, symmetric.
        middle: Position of s.
        low: Positions of the lower sounds.
        high: Positions of the higher sounds, as many.
    """
    others = np.arange(len(distances)) != middle
    signs = np.sign(distances[low] - distances[high])
    signed: Array = (distances[middle] * signs)[:, others]
    return signed


def order_preset(
    distances: Array, ranks: Sequence[float] | Array, name: str = "", limit: int = 200, seed: int = 0
) -> PresetOrdering:
    """Returns equation (1) within one preset, with its two yardsticks.

    Where all signed distances are the same there is no order to correlate with, and the correlation counts as 0.

    Args:
        distances: Between all sounds of the preset, symmetric, zero on the diagonal.
        ranks: Of the same sounds, at least three different ones.
        name: Of the preset.
        limit: Most choices of s, s_l and s_h.
        seed: Decides the choices.

    Raises:
        ArgumentError: The shapes do not fit, or there are fewer than three different ranks.

    Example:
        >>> line = np.array([[0.0, 1, 2, 3], [1, 0, 1, 2], [2, 1, 0, 1], [3, 2, 1, 0]])
        >>> round(order_preset(line, [1, 2, 3, 4]).spearman, 6)
        1.0

    Source:
        Turian et al., "One Billion Audio Sounds from GPU-enabled Modular Synthesis", DAFx 2021, equation (1).
    """
    order, matrix = np.asarray(ranks, dtype=np.float64), np.asarray(distances, dtype=np.float64)
    if matrix.shape != (len(order), len(order)):
        raise ArgumentError(f"distances: got shape {matrix.shape}, expected {len(order)} by {len(order)} as the ranks")
    draws = draw_triples(ranks, limit, seed)
    spread = np.abs(order[:, None] - order)
    scores = (
        _mean(
            draws, lambda middle, low, high: _correlations(signed_distances(matrix, middle, low, high), middle, order)
        ),
        _mean(draws, lambda middle, low, high: _chance(middle, low, high, order)),
        _mean(
            draws, lambda middle, low, high: _correlations(signed_distances(spread, middle, low, high), middle, order)
        ),
    )
    return PresetOrdering(name, *scores, sounds=len(order))


def _mean(draws: Draws, score: Callable[[int, NDArray[np.int64], NDArray[np.int64]], Array]) -> float:
    total = 0.0
    for middle in np.unique(draws.middle):
        mine = draws.middle == middle
        total += float(draws.weight[mine] @ score(int(middle), draws.low[mine], draws.high[mine]))
    return total


def _correlations(signed: Array, middle: int, order: Array) -> Array:
    """Spearman's correlation of each row with the ranks: Pearson's of both as ranks, ties sharing their mean rank."""
    # Imported here, as below: it takes half as long to load as torch, and every command would wait for it.
    from scipy.stats import rankdata

    truth = rankdata(np.delete(order, middle))
    found = rankdata(signed, axis=1)
    truth, found = truth - truth.mean(), found - found.mean(axis=1, keepdims=True)
    norms = np.sqrt((found**2).sum(axis=1) * (truth**2).sum())
    correlations: Array = np.divide(found @ truth, norms, out=np.zeros(len(found)), where=norms > 0)
    return correlations


def _chance(middle: int, low: NDArray[np.int64], high: NDArray[np.int64], order: Array) -> Array:
    from scipy.stats import rankdata

    # Of m others, all but s_l and s_h have random signs and are symmetric about 0; each lies below s_l, which is
    # negative, with probability 1/4. So s_l and s_h are expected m/4 from the middle rank, the rest on it, and only
    # those two add to the covariance. Without ties the found ranks have a sum of squares of (m^3 - m) / 12.
    others = len(order) - 1
    truth = np.zeros(len(order))
    truth[np.arange(len(order)) != middle] = rankdata(np.delete(order, middle))
    squares = ((np.delete(truth, middle) - (others + 1) / 2) ** 2).sum()
    chance: Array = (truth[high] - truth[low]) * others / 4 / np.sqrt(squares * (others**3 - others) / 12)
    return chance
