"""Repeated draws and the intervals of what they give."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy
from numpy.typing import NDArray

from nebula.discrepancy.l1 import mmd
from nebula.discrepancy.pairs import l1_distances
from nebula.discrepancy.vectors import check_pair, checked
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, np, torch

# All pairwise distances of this many sounds take 128 MB in float64.
_MATRIX_SOUNDS = 4096
# A distance between two sounds costs about 0.75 ns per dimension, a trial by sorting about 30 ns per sound.
_MATRIX_GAIN = 40


@dataclass(frozen=True)
class Interval:
    """A mean between two confidence bounds.

    Attributes:
        mean: The estimate.
        low: Lower bound, -infinity when a single value leaves the spread unknown.
        high: Upper bound.
        level: The share of such intervals, in (0, 1), that cover the true mean.
    """

    mean: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Trials:
    """The outcomes of repeated draws.

    Attributes:
        values: One per trial, in the order drawn, in the unit of the embedding.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over trials."""
        return float(np.mean(self.values))

    @property
    def standard_deviation(self) -> float:
        """Standard deviation over trials (n - 1 in the denominator), the paper's "std"."""
        return float(np.std(self.values, ddof=1))

    def interval(self, level: float = 0.95) -> Interval:
        """Interval of the value that ever more trials on the same sounds would average to.

        It narrows with the number of trials; it says nothing about other sounds of the same corpora.
        """
        return mean_interval(self.values, level)


def mean_interval(
    values: tuple[float, ...] | list[float] | NDArray[np.floating], level: float = 0.95, least: float = -math.inf
) -> Interval:
    """Student-t interval of the mean of independent values, such as a finalist's scores on fresh seeds.

    Args:
        values: At least one finite number. One alone gives an unbounded interval.
        level: Confidence in (0, 1). Exact for normal values, approximate for others.
        least: What no value is below by its nature, such as 0 for a distance; the interval ends there.

    Raises:
        ArgumentError: If `values` is empty, not flat or not finite, or `level` is outside (0, 1).

    Example:
        >>> interval = mean_interval([1.0, 2.0, 3.0])
        >>> round(interval.low, 3), interval.mean, round(interval.high, 3)
        (-0.484, 2.0, 4.484)

    Source:
        Student, "The probable error of a mean", Biometrika 6, 1908.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or len(numbers) == 0:
        raise ArgumentError(f"values: got shape {numbers.shape}, expected a flat sequence of at least one number")
    if not np.isfinite(numbers).all():
        raise ArgumentError(f"values: got {numbers[~np.isfinite(numbers)][0]}, expected finite numbers")
    if not 0 < level < 1:
        raise ArgumentError(f"level: got {level}, expected a number above 0 and below 1")
    mean, count = float(numbers.mean()), len(numbers)
    if count == 1:
        return Interval(mean, least, math.inf, level)
    half = float(scipy.special.stdtrit(count - 1, (1 + level) / 2) * numbers.std(ddof=1) / math.sqrt(count))
    # A mean below it by the rounding of its values is within its own interval all the same.
    return Interval(mean, min(mean, max(mean - half, least)), mean + half, level)


def mmd_trials(
    x: Float[Tensor, "sounds_x dimension"],
    y: Float[Tensor, "sounds_y dimension"],
    subset_size: int,
    trials: int = 1000,
    seed: int = 0,
) -> Trials:
    """The paper's trials: biased l1 `mmd` between random subsets of `x` and of `y`, each drawn without replacement.

    Args:
        x: One row per sound, in the unit of the embedding. Not modified.
        y: The other set.
        subset_size: Sounds drawn from each set in a trial, from 1 to the size of the smaller set; the paper takes
            1,000 of 2,000.
        trials: At least 2.
        seed: Non-negative. Trial i draws the same subsets whatever `trials` is.

    Raises:
        ArgumentError: If an argument is outside these ranges.

    Example:
        >>> x, y = torch.zeros(8, 3), torch.ones(8, 3)
        >>> mmd_trials(x, y, subset_size=4, trials=10).mean
        6.0

    Source:
        Turian et al. 2021, section 5 and table 3.
    """
    x, y = checked("x", x), checked("y", y)
    check_pair(x, y)
    _check_trials(trials, seed)
    smaller = min(len(x), len(y))
    if not 1 <= subset_size <= smaller:
        raise ArgumentError(f"subset_size: got {subset_size}, expected 1 to {smaller}, the smaller set's size")
    generator = np.random.default_rng(seed)
    draws = []
    for _ in range(trials):
        first = generator.permutation(len(x))[:subset_size]
        draws.append((first, len(x) + generator.permutation(len(y))[:subset_size]))
    return _trials(torch.cat([x.to(torch.promote_types(x.dtype, y.dtype)), y]), draws)


def diversity_by_partitions(x: Float[Tensor, "sounds dimension"], partitions: int = 1000, seed: int = 0) -> Trials:
    """The paper's diversity: biased l1 `mmd` between the halves of random splits. `diversity` is its expectation.

    Args:
        x: One row per sound, in the unit of the embedding, at least two. An odd number splits into halves that differ
            by one sound. Not modified.
        partitions: Number of independent random splits, at least 2.
        seed: Non-negative.

    Raises:
        ArgumentError: If an argument is outside these ranges.

    Example:
        >>> diversity_by_partitions(torch.tensor([[0.0], [1.0]]), partitions=3).values
        (2.0, 2.0, 2.0)

    Source:
        Turian et al. 2021, section 5.
    """
    x = checked("x", x, 2)
    _check_trials(partitions, seed, "partitions")
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(len(x)) for _ in range(partitions)]
    return _trials(x, [(order[: len(x) // 2], order[len(x) // 2 :]) for order in orders])


def _check_trials(trials: int, seed: int, name: str = "trials") -> None:
    if trials < 2:
        raise ArgumentError(f"{name}: got {trials}, expected 2 or more")
    if seed < 0:
        raise ArgumentError(f"seed: got {seed}, expected 0 or more")


def _trials(sounds: Tensor, draws: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Trials:
    drawn = sum(len(first) + len(second) for first, second in draws)
    if len(sounds) > _MATRIX_SOUNDS or len(sounds) ** 2 > _MATRIX_GAIN * drawn:
        return Trials(tuple(float(mmd(sounds[first], sounds[second])) for first, second in draws))
    # With w = 1/a on one draw, -1/b on the other and 0 elsewhere, equation (2) is -w' D w: distances serve all trials.
    distances = l1_distances(sounds)
    values = []
    for first, second in draws:
        weights = distances.new_zeros(len(sounds))
        weights[first], weights[second] = 1 / len(first), -1 / len(second)
        values.append(float(-(weights @ distances @ weights)))
    return Trials(tuple(values))
