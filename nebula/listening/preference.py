"""Which of two systems is preferred, and how sure that is.

The unit is the listener: each counts once, for the system chosen more often, and the chance of so many listeners on one
side is exact. Answers are counted too, but answers of one listener resemble each other, so that their p-value is too
small as soon as tastes differ.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from nebula.listening.answers import Answers, columns
from nebula.listening.multiplicity import holm
from nebula.listening.resampling import Estimate, Resampling, two_way_intervals, weighted_means


@dataclass(frozen=True)
class Tally:
    """How many are for the first of two systems and how many for the second.

    Attributes:
        first: for the first.
        second: for the second.
        tied: for neither; left out of the test.
        p_value: of the exact two-sided binomial test that both are as likely; 1 if all are tied.
        share: of the first among those not tied, with its exact (Clopper-Pearson) interval; none if all are tied.
    """

    first: int
    second: int
    tied: int
    p_value: float
    share: Estimate | None


@dataclass(frozen=True)
class Preference:
    """Two systems compared.

    Attributes:
        first: name.
        second: name.
        listeners: each listener counted once, for the system chosen more often.
        answers: each answer counted.
        share: of the first among all answers, a tie being half an answer for each; the interval holds for other
            listeners and sounds.
        p_holm: the listeners' p-value, corrected by Holm for the number of pairs of systems.
    """

    first: str
    second: str
    listeners: Tally
    answers: Tally
    share: Estimate
    p_holm: float


@dataclass(frozen=True)
class PairAnswers:
    """Comparisons, one row each; systems are numbered and the first has the lower number.

    Attributes:
        systems: their names.
        listener: of each comparison, counted from 0.
        item: of each comparison, counted from 0.
        first: of each comparison.
        second: of each comparison.
        score: 1 where the first was chosen, 0 where the second was, 1/2 for a tie.
    """

    systems: tuple[str, ...]
    listener: NDArray[np.int64]
    item: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    score: NDArray[np.float64]


def pairs(answers: Answers) -> PairAnswers:
    """Returns the comparisons of a test of choices.

    Args:
        answers: choices.
    """
    table = columns(answers)
    # Sorted by trial and then system, the two rows of a comparison are neighbours.
    order = np.lexsort((table.system, table.trial)).reshape(-1, 2)
    one, other = order[:, 0], order[:, 1]
    return PairAnswers(
        table.systems, table.listener[one], table.item[one], table.system[one], table.system[other], table.value[one]
    )


def tally(first: int, second: int, tied: int = 0, level: float = 0.95) -> Tally:
    """Returns a count of two sides with its exact test and interval.

    Args:
        first: for the first, 0 or more.
        second: for the second, 0 or more.
        tied: for neither, 0 or more.
        level: confidence of the interval, in (0, 1).

    Example:
        >>> tally(9, 1).p_value  # 2 * (10 + 1) / 2**10
        0.021484375

    Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
        Biometrika 26, 1934.
    """
    if first + second == 0:
        return Tally(first, second, tied, 1.0, None)
    test = scipy.stats.binomtest(first, first + second)
    interval = test.proportion_ci(level, method="exact")
    share = Estimate(first / (first + second), float(interval.low), float(interval.high), level)
    return Tally(first, second, tied, float(test.pvalue), share)


def preferences(answers: Answers, resampling: Resampling) -> tuple[Preference, ...]:
    """Returns each pair of systems that were compared, by name.

    Args:
        answers: choices.
        resampling: how intervals are made.
    """
    table = pairs(answers)
    found = []
    for first, second in combinations(range(len(table.systems)), 2):
        chosen = (table.first == first) & (table.second == second)
        if chosen.any():
            found.append((table.systems[first], table.systems[second], *_compare(table, chosen, resampling)))
    corrected = holm([listeners.p_value for _, _, listeners, _, _ in found])
    return tuple(Preference(*fields, p_holm) for fields, p_holm in zip(found, corrected, strict=True))


def _compare(table: PairAnswers, chosen: NDArray[np.bool_], resampling: Resampling) -> tuple[Tally, Tally, Estimate]:
    score = table.score[chosen]
    _, listener = np.unique(table.listener[chosen], return_inverse=True)
    _, item = np.unique(table.item[chosen], return_inverse=True)
    leanings = np.bincount(listener, weights=2 * score - 1).astype(np.float64)
    (share,) = two_way_intervals(
        weighted_means(score, np.zeros(len(score), dtype=np.int64), 1), listener, item, resampling, (0.0, 1.0)
    )
    return _tally_of(leanings, resampling.level), _tally_of(2 * score - 1, resampling.level), share


def _tally_of(leanings: NDArray[np.float64], level: float) -> Tally:
    return tally(int((leanings > 0).sum()), int((leanings < 0).sum()), int((leanings == 0).sum()), level)
