"""Intervals by bootstrap: how far a mean would move with other presets, or other sounds, of the same kind."""

import math

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from nebula.discrepancy import Interval
from nebula.errors import ArgumentError

#: With so many resamples the bounds of a 95 % interval move by a few percent of its width from seed to seed.
RESAMPLES = 4000

# Values drawn at a time: 32 MB in float64.
_DRAWN_VALUES = 2**22


def bootstrap_interval(
    values: ArrayLike,
    level: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    groups: ArrayLike | None = None,
) -> Interval:
    """Returns the mean of values between the percentiles of the means of their resamples.

    Unlike a normal interval it stays within the range of the values. It is too narrow for few of them: of nominal 95 %
    intervals of normal values, about 83 % cover the mean with 5, 90 % with 10, and 94 % with 40.

    Args:
        values: One number for each preset or sound, at least one. One alone gives an unbounded interval.
        level: Confidence in (0, 1).
        seed: Decides the resamples.
        resamples: How many, at least 1.
        groups: Values with equal numbers depend on each other, such as takes of one hit, and are drawn together; what
            is said above of few values then holds for few groups. None: all values are independent.

    Raises:
        ArgumentError: If `values` is empty, not flat or not finite, `groups` is of another length, or a number is
            outside its range.

    Example:
        >>> interval = bootstrap_interval([1.0, 1.0, 1.0])
        >>> interval.low, interval.mean, interval.high
        (1.0, 1.0, 1.0)

    Source:
        Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not len(numbers) or not np.isfinite(numbers).all():
        raise ArgumentError(f"values: got shape {numbers.shape}, expected a flat sequence of finite numbers")
    if not 0 < level < 1:
        raise ArgumentError(f"level: got {level}, expected above 0 and below 1")
    if resamples < 1:
        raise ArgumentError(f"resamples: got {resamples}, expected 1 or more")
    places = np.arange(len(numbers)) if groups is None else np.asarray(groups)
    if places.shape != numbers.shape:
        raise ArgumentError(f"groups: got shape {places.shape}, expected {numbers.shape} as values have")
    members = np.unique(places, return_inverse=True)[1]
    sums, sizes = np.bincount(members, numbers), np.bincount(members)
    mean, count = float(numbers.mean()), len(sums)
    if count == 1:
        return Interval(mean, -math.inf, math.inf, level)
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWN_VALUES // count)
    means = []
    for first in range(0, resamples, step):
        drawn = generator.integers(count, size=(min(step, resamples - first), count))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, float(low), float(high), level)


def balanced_shares(
    labels: Int[np.ndarray, " sound"],
    groups: Int[np.ndarray, " sound"],
    generator: np.random.Generator | None,
    resamples: int = RESAMPLES,
) -> Float[np.ndarray, "resample sound"]:
    """Returns what each sound counts in a mean over classes of means over their sounds; each row adds up to 1.

    The product with numbers of the sounds is a balanced mean of each resample, and with those of another classifier the
    same resamples of that one, so that differences vary less than their parts.

    Args:
        labels: The class of each sound.
        groups: Sounds with equal numbers are takes of one thing and are drawn together, within each class.
        generator: Draws groups with replacement, as many of each class as there are. None: one row, each group once.
        resamples: Rows.

    Source:
        Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.
    """
    kinds = np.unique(labels)
    shares = np.zeros((1 if generator is None else resamples, len(labels)))
    for kind in kinds:
        rows = np.flatnonzero(labels == kind)
        members: Int[np.ndarray, " sound"] = np.unique(groups[rows], return_inverse=True)[1]
        count = members.max() + 1
        if generator is None:
            times = np.ones((1, count))
        else:
            times = generator.multinomial(count, np.full(count, 1 / count), size=resamples)
        drawn = times[:, members]
        shares[:, rows] = drawn / drawn.sum(axis=1, keepdims=True) / len(kinds)
    return shares
