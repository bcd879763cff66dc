"""Whether two sounds can be told apart at all: ABX, and same or different.

Chance decides the test, and it is exact. How well somebody can tell is d', the distance between the two sounds in what
listeners perceive of them, in standard deviations of their noise; it depends on how they go about it. Here they compare
by differences: in ABX they choose the one that lies nearer to X, and they call two sounds different that lie further
apart than some criterion.

Shares of right answers are taken as if half an answer more were right and half a one wrong, so that d' is finite
whatever was answered.

Sources: Macmillan and Creelman, "Detection theory: a user's guide", 2nd edition, 2005, chapter 9, where both models are
called differencing; Hautus, "Corrections for extreme proportions and their biasing effects on estimated values of d'",
Behavior Research Methods, Instruments & Computers 27, 1995.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import scipy

from nebula.errors import ArgumentError
from nebula.listening.resampling import Estimate

# Further apart no two shares of right answers differ in double precision.
_FURTHEST = 40.0


@dataclass(frozen=True)
class AbxResult:
    """What one listener's answers to ABX trials say.

    Attributes:
        right: share of right answers, with its exact (Clopper-Pearson) interval.
        p_value: chance that whoever cannot tell the sounds apart is right at least as often.
        d_prime: distance of the sounds in standard deviations; 0 where no more than half was right.
    """

    right: Estimate
    p_value: float
    d_prime: float


@dataclass(frozen=True)
class SameDifferentResult:
    """What one listener's answers to trials of same or different say.

    Attributes:
        hits: share of different pairs that were called different, with its exact (Clopper-Pearson) interval.
        false_alarms: share of equal pairs that were called different, likewise.
        p_value: chance of so many hits among all that were called different, if none can be told (Fisher's exact test).
        d_prime: distance of the sounds in standard deviations; 0 where hits are no more frequent than false alarms.
    """

    hits: Estimate
    false_alarms: Estimate
    p_value: float
    d_prime: float


def abx(right: int, trials: int, level: float = 0.95) -> AbxResult:
    """Returns what answers to ABX trials say.

    Args:
        right: how many were right, from 0 to `trials`.
        trials: how many there were, 1 or more.
        level: confidence of the interval, in (0, 1).

    Raises:
        ArgumentError: a number is outside its range.

    Example:
        >>> abx(9, 10).p_value  # (10 + 1) / 2**10
        0.0107421875
    """
    share = _share("right", right, trials, level)
    p_value = float(scipy.stats.binomtest(right, trials, alternative="greater").pvalue)
    return AbxResult(share, p_value, abx_d_prime(right / trials, trials))


def abx_d_prime(share: float, trials: int) -> float:
    """Returns d' of a share of right answers to ABX trials; 0 where it is no more than half.

    Args:
        share: of right answers, in [0, 1].
        trials: how many there were, 1 or more: half an answer more is taken as right, and half a one as wrong.
    """
    return _distance(abx_share, _corrected(share * trials, trials))


def same_different(hits: int, different: int, false_alarms: int, same: int, level: float = 0.95) -> SameDifferentResult:
    """Returns what answers to trials of same or different say.

    Args:
        hits: how many different pairs were called different, from 0 to `different`.
        different: how many different pairs there were, 1 or more.
        false_alarms: how many equal pairs were called different, from 0 to `same`.
        same: how many equal pairs there were, 1 or more.
        level: confidence of the intervals, in (0, 1).

    Raises:
        ArgumentError: a number is outside its range.

    Source: of the test, Fisher, "Statistical methods for research workers", 5th edition, 1934.
    """
    called = _share("hits", hits, different, level)
    alarmed = _share("false_alarms", false_alarms, same, level)
    table = [[hits, different - hits], [false_alarms, same - false_alarms]]
    p_value = float(scipy.stats.fisher_exact(table, alternative="greater").pvalue)
    # Two equal sounds differ by a normal variable of variance 2: false alarms are its tails beyond the criterion.
    criterion = -math.sqrt(2) * float(scipy.special.ndtri(_corrected(false_alarms, same) / 2))
    distance = _distance(lambda d_prime: same_different_share(d_prime, criterion), _corrected(hits, different))
    return SameDifferentResult(called, alarmed, p_value, distance)


def abx_share(d_prime: float) -> float:
    """Returns the share of right answers to ABX trials.

    X lies nearer to A if the difference of A and B, and that of X and their mean, have opposite signs. Both are normal
    and independent, with variances of 2 and of 3/2, and means of d' and of half of it.

    Args:
        d_prime: distance of the sounds in standard deviations.
    """
    wide, narrow = d_prime / math.sqrt(2), d_prime / math.sqrt(6)
    return _normal(wide) * _normal(narrow) + _normal(-wide) * _normal(-narrow)


def same_different_share(d_prime: float, criterion: float) -> float:
    """Returns the share of pairs that are called different.

    Args:
        d_prime: distance of the sounds in standard deviations; 0 for equal ones.
        criterion: difference from which on sounds are called different, 0 or more.
    """
    return _normal((d_prime - criterion) / math.sqrt(2)) + _normal((-d_prime - criterion) / math.sqrt(2))


def _distance(share: Callable[[float], float], observed: float) -> float:
    """Returns the distance at which a share, which grows with it, is the one observed; 0 where it is never so small."""
    if observed <= share(0.0):
        return 0.0
    return float(scipy.optimize.brentq(lambda d_prime: share(d_prime) - observed, 0.0, _FURTHEST, xtol=1e-12))


def _corrected(count: float, total: int) -> float:
    return (count + 0.5) / (total + 1)


def _share(name: str, count: int, total: int, level: float) -> Estimate:
    if total < 1 or not 0 <= count <= total:
        raise ArgumentError(f"{name}: got {count} of {total}, expected 0 or more of 1 or more, and not more than all")
    interval = scipy.stats.binomtest(count, total).proportion_ci(level, method="exact")
    return Estimate(count / total, float(interval.low), float(interval.high), level)


def _normal(value: float) -> float:
    return float(scipy.special.ndtr(value))
