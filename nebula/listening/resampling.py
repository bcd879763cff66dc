"""Intervals that hold for other listeners and other sounds: a bootstrap over both.

Listeners and sounds are crossed: answers of one listener resemble each other, and so do answers about one sound.
Drawing both anew counts the noise of single answers three times (Owen). Here that gives the shape of the distribution,
and its width is set by the variance that counts everything once: that of listeners drawn anew, plus that of sounds
drawn anew, less that of answers drawn anew, which is in both.

Sources: Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007; Cameron, Gelbach and Miller, "Robust
inference with multiway clustering", Journal of Business and Economic Statistics 29, 2011.
"""

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
        low: lower bound; none where a single listener says nothing about others.
        high: upper bound, or none.
        level: the share of such intervals that cover what ever more listeners and sounds would give.
    """

    value: float
    low: float | None
    high: float | None
    level: float


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


def two_way_intervals(
    statistic: Statistic,
    listener: NDArray[np.int64],
    item: NDArray[np.int64],
    resampling: Resampling,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> list[Estimate]:
    """Returns each figure of a statistic with an interval over listeners and sounds.

    With one sound only, the interval is over listeners, and holds for that sound. It is a little wide: of nominal 95 %
    intervals of a mean, 93 to 99 % cover, for 8 to 40 listeners, 8 to 40 sounds and any mixture of what differs between
    listeners, between sounds and between answers.

    Args:
        statistic: what the figures are, by the weight of each answer. A draw where a figure has no value is left out.
        listener: of each answer, counted from 0.
        item: of each answer, counted from 0.
        resampling: how intervals are made.
        bounds: the figures have no values outside.
    """
    values = statistic(np.ones((1, len(listener))))[0]
    listeners, items = int(listener.max()) + 1, int(item.max()) + 1
    if listeners == 1:
        return [Estimate(float(value), None, None, resampling.level) for value in values]
    cells, cell = np.unique(listener * items + item, return_inverse=True)
    generator = np.random.default_rng(resampling.seed)
    draws: dict[str, list[NDArray[np.float64]]] = {"both": [], "listeners": [], "items": [], "answers": []}
    step = max(1, _WEIGHTS // len(listener))
    for start in range(0, resampling.resamples, step):
        count = min(step, resampling.resamples - start)
        by_listener = _multinomial(generator, listeners, count)[:, listener]
        by_item = _multinomial(generator, items, count)[:, item]
        draws["both"].append(statistic(by_listener * by_item))
        draws["listeners"].append(statistic(by_listener))
        draws["items"].append(statistic(by_item))
        # Poisson weights are multinomial ones whose sum varies, which no figure here notices, and far cheaper.
        draws["answers"].append(statistic(generator.poisson(1.0, (count, len(cells))).astype(float)[:, cell]))
    both = np.concatenate(draws["both"])
    variances = {name: np.nanvar(np.concatenate(parts), axis=0) for name, parts in draws.items()}
    # A bootstrap's variance of a mean of n falls short by 1/n of it.
    of_listeners = variances["listeners"] * listeners / (listeners - 1)
    of_items = variances["items"] * items / max(items - 1, 1)
    variance = np.maximum(np.maximum(of_listeners, of_items), of_listeners + of_items - variances["answers"])
    freedom = min(listeners, items if items > 1 else listeners) - 1
    upper = (1 + resampling.level) / 2
    wider = scipy.special.stdtrit(freedom, upper) / scipy.special.ndtri(upper)
    # Of few resamples all may be alike, and then say nothing of how much too wide they are.
    alike = (variance > 0).astype(variance.dtype)
    ratio = np.divide(variance, variances["both"], out=alike, where=(variances["both"] > 0) & (variance > 0))
    scale = wider * np.sqrt(ratio)
    low, high = np.nanquantile(both, [1 - upper, upper], axis=0)
    return [
        Estimate(float(value), float(below), float(above), resampling.level)
        for value, below, above in zip(
            values,
            np.clip(values + (low - values) * scale, *bounds),
            np.clip(values + (high - values) * scale, *bounds),
            strict=True,
        )
    ]


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
