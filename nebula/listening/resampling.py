"""Intervals that hold for other listeners and other sounds: a bootstrap over both.

Listeners and sounds are crossed: answers of one listener resemble each other, and so do answers about one sound.
Drawing both anew counts the noise of single answers three times (Owen). Here that gives the shape of the distribution,
and its width is set by the variance that counts everything once: that of listeners drawn anew, plus that of sounds
drawn anew, less that of answers drawn anew, which is in both (Cameron, Gelbach and Miller).

The bounds are quantiles of what was drawn, so that a figure on a scale has bounds on that scale. What widens them, or
makes them narrower, is which quantiles are taken: Hesterberg's expanded percentile interval. Scaling the distances
between the bounds and the figure instead would carry bounds of few listeners beyond the scale.

Sources: Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007; Cameron, Gelbach and Miller, "Robust
inference with multiway clustering", Journal of Business and Economic Statistics 29, 2011; Hesterberg, "What teachers
should know about the bootstrap", The American Statistician 69, 2015.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from nebula.errors import ArgumentError

#: Of weights with a row for each draw and a column for each answer, figures with a row for each draw.
Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: With so many draws the bounds of a 95 % interval move by a few percent of its width from seed to seed.
RESAMPLES = 2000

# Weights held at a time: 16 MB in float64.
_WEIGHTS = 2**21


@dataclass(frozen=True)
class Estimate:
    """A figure between two confidence bounds.

    Attributes:
        value: the figure.
        low: lower bound; none where the interval is withheld.
        high: upper bound, or none.
        level: the share of such intervals that cover what ever more listeners and sounds would give.
        withheld: why there are no bounds, such as "2 listeners; an interval takes 6"; empty where there are.
    """

    value: float
    low: float | None
    high: float | None
    level: float
    withheld: str = ""


@dataclass(frozen=True)
class Resampling:
    """How intervals are made.

    Attributes:
        level: confidence in (0, 1).
        resamples: how many draws, at least 2.
        seed: 0 or more; decides the draws.

    Raises:
        ArgumentError: a number is outside its range.
    """

    level: float = 0.95
    resamples: int = RESAMPLES
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ArgumentError(f"level: got {self.level}, expected above 0 and below 1")
        if self.resamples < 2:
            raise ArgumentError(f"resamples: got {self.resamples}, expected 2 or more")
        if self.seed < 0:
            raise ArgumentError(f"seed: got {self.seed}, expected 0 or more")


def least_listeners(level: float) -> int:
    """Returns how many listeners an interval takes; so many sounds, too, if it is to speak for other sounds.

    Between the smallest and the largest of n values lies the median of where they come from, whatever that is, with a
    probability of 1 - 2^(1-n). Of fewer listeners not even all that they said, from end to end, would cover often
    enough.

    Args:
        level: confidence of the interval, in (0, 1).

    Example:
        >>> least_listeners(0.95)
        6

    Source: Thompson, "On confidence ranges for the median", Annals of Mathematical Statistics 7, 1936.
    """
    # Rounded, because 1 - 0.75 and the like are no exact powers of two for every level that is.
    return max(2, math.ceil(round(1 - math.log2(1 - level), 9)))


def two_way_intervals(
    statistic: Statistic,
    listener: NDArray[np.int64],
    item: NDArray[np.int64],
    resampling: Resampling,
    bounds: tuple[float, float] | None = (-np.inf, np.inf),
    concerned: NDArray[np.bool_] | None = None,
) -> list[Estimate]:
    """Returns each figure of a statistic with an interval over listeners and sounds.

    Of fewer than `least_listeners` listeners there is no interval. Of fewer sounds than that it is over listeners
    alone, and holds for those sounds. It is a little wide: of nominal 95 % intervals of a mean, 91 to 99 % cover, for 6
    to 20 listeners, 6 to 24 sounds, figures on a scale or not, and any mixture of what differs between listeners,
    between sounds and between answers.

    Where everything that was said is alike, nothing can be learned from drawing it anew. If a share p of listeners says
    it, n of them all do with a probability of p^n; shares of less than `((1 - level) / 2)^(1 / n)` are ruled out, and
    the others may be anywhere on the scale. At an end of the scale this is Clopper and Pearson's interval. A median is
    settled by it, for of `least_listeners` and more that share is more than half.

    Args:
        statistic: what the figures are, by the weight of each answer. A draw where a figure has no value is left out.
        listener: of each answer, counted from 0.
        item: of each answer, counted from 0.
        resampling: how intervals are made.
        bounds: ends of the scale of figures that are means, infinite where it has none; nothing for medians.
        concerned: which answers (rows) each figure (columns) is made of; all by default.
    """
    values = statistic(np.ones((1, len(listener))))[0]
    if concerned is None:
        concerned = np.ones((len(listener), len(values)), dtype=bool)
    listeners = _distinct(listener, concerned)
    items = _distinct(item, concerned)
    least = least_listeners(resampling.level)
    withheld = [
        f"{_counted(count)}; an interval takes {least}" if count < least else "" for count in listeners.tolist()
    ]
    if all(withheld):
        return [
            Estimate(float(value), None, None, resampling.level, reason)
            for value, reason in zip(values, withheld, strict=True)
        ]
    low, high = _bounds(statistic, listener, item, resampling, listeners, items)
    found = []
    for value, below, above, count, reason in zip(values, low, high, listeners.tolist(), withheld, strict=True):
        if bounds is not None and math.isclose(below, above, rel_tol=1e-9, abs_tol=1e-12):
            share = ((1 - resampling.level) / 2) ** (1 / count)
            below, above = (share * value + (1 - share) * end for end in bounds)
        if not reason and not (math.isfinite(below) and math.isfinite(above)):
            reason = f"all of {_counted(count)} said the same"
        found.append(
            Estimate(float(value), None, None, resampling.level, reason)
            if reason
            else Estimate(float(value), float(below), float(above), resampling.level)
        )
    return found


def _bounds(
    statistic: Statistic,
    listener: NDArray[np.int64],
    item: NDArray[np.int64],
    resampling: Resampling,
    listeners: NDArray[np.int64],
    items: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns lower and upper bounds of figures made by so many listeners and items each, two and one at least."""
    number_of_listeners, number_of_items = int(listener.max()) + 1, int(item.max()) + 1
    cells, cell = np.unique(listener * number_of_items + item, return_inverse=True)
    generator = np.random.default_rng(resampling.seed)
    draws: dict[str, list[NDArray[np.float64]]] = {"both": [], "listeners": [], "items": [], "answers": []}
    step = max(1, _WEIGHTS // len(listener))
    for start in range(0, resampling.resamples, step):
        count = min(step, resampling.resamples - start)
        by_listener = _multinomial(generator, number_of_listeners, count)[:, listener]
        by_item = _multinomial(generator, number_of_items, count)[:, item]
        draws["both"].append(statistic(by_listener * by_item))
        draws["listeners"].append(statistic(by_listener))
        draws["items"].append(statistic(by_item))
        # Poisson weights are multinomial ones whose sum varies, which no figure here notices, and far cheaper.
        draws["answers"].append(statistic(generator.poisson(1.0, (count, len(cells))).astype(float)[:, cell]))
    drawn = {name: np.concatenate(parts) for name, parts in draws.items()}
    variances = {name: np.nanvar(figures, axis=0) for name, figures in drawn.items()}
    # A bootstrap's variance of a mean of n falls short by 1/n of it.
    of_listeners = variances["listeners"] * listeners / np.maximum(listeners - 1, 1)
    of_items = variances["items"] * items / np.maximum(items - 1, 1)
    of_both = np.maximum(np.maximum(of_listeners, of_items), of_listeners + of_items - variances["answers"])
    speaks_for_items = items >= least_listeners(resampling.level)
    shape = np.where(speaks_for_items, drawn["both"], drawn["listeners"])
    variance = np.where(speaks_for_items, of_both, of_listeners)
    freedom = np.where(speaks_for_items, np.minimum(listeners, items), listeners) - 1
    # Of few resamples all may be alike, and then say nothing of how much too wide they are.
    spread = np.nanvar(shape, axis=0)
    alike = (variance > 0).astype(variance.dtype)
    ratio = np.divide(variance, spread, out=alike, where=(spread > 0) & (variance > 0))
    upper = (1 + resampling.level) / 2
    # Quantiles of the normal distribution stand for those of the draws: Hesterberg's adjusted level.
    quantile = scipy.special.ndtr(np.sqrt(ratio) * scipy.special.stdtrit(np.maximum(freedom, 1), upper))
    bounds = [np.nanquantile(shape[:, k], [1 - q, q]) for k, q in enumerate(quantile)]
    low, high = np.array(bounds).T
    return low, high


def _distinct(numbers: NDArray[np.int64], concerned: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([len(np.unique(numbers[column])) for column in concerned.T], dtype=np.int64)


def _counted(listeners: int) -> str:
    return f"{listeners} listener" + ("" if listeners == 1 else "s")


def weighted_means(values: NDArray[np.float64], groups: NDArray[np.int64], count: int) -> Statistic:
    """Returns the statistic of means, one for each group of answers.

    Args:
        values: of the answers.
        groups: of the answers, counted from 0.
        count: of groups.
    """
    member = (groups[:, None] == np.arange(count)).astype(np.float64)

    def means(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        total = weights @ member
        found: NDArray[np.float64] = np.full_like(total, np.nan)
        np.divide(weights @ (member * values[:, None]), total, out=found, where=total > 0)
        return found

    return means


def weighted_medians(values: NDArray[np.float64], groups: NDArray[np.int64], count: int) -> Statistic:
    """Returns the statistic of medians, one for each group of answers; between two middle values it lies half way.

    Args:
        values: of the answers.
        groups: of the answers, counted from 0.
        count: of groups.
    """
    members = [np.flatnonzero(groups == group) for group in range(count)]
    ordered = [indices[np.argsort(values[indices], kind="stable")] for indices in members]

    def medians(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.full((len(weights), count), np.nan)
        for group, indices in enumerate(ordered):
            reached = np.cumsum(weights[:, indices], axis=1)
            total = reached[:, -1]
            # The first value at which half of the weight is reached, and the first at which it is exceeded.
            lower = (reached >= total[:, None] / 2).argmax(axis=1)
            upper = (reached > total[:, None] / 2).argmax(axis=1)
            middle = (values[indices[lower]] + values[indices[upper]]) / 2
            found[:, group] = np.where(total > 0, middle, np.nan)
        return found

    return medians


def _multinomial(generator: np.random.Generator, size: int, count: int) -> NDArray[np.float64]:
    return np.asarray(generator.multinomial(size, np.full(size, 1 / size), size=count), dtype=np.float64)
