"""How many answers it takes.

To be asked before a test is sealed: whoever counts on until a test is significant has proved nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from nebula.errors import ArgumentError
from nebula.listening.plan import Method
from nebula.listening.ratings import CHI_SQUARE_LISTENERS

# 51:49 needs 19,600 answers; listeners cost the square of their number to compute.
_LARGEST_ANSWERS = 2**16
_LARGEST_LISTENERS = 2**12

# All tables of so many pairs of one kind and of the other are gone through.
_LARGEST_HALF = 2**7

# Below it the shapes of the beta distribution are so large that nothing of it is left in double precision. Tastes that
# are so much alike are one.
_SMALLEST_CORRELATION = 1e-6

_ALLOWED = {
    "answer_deviation": "above 0",
    "answers": "1 or more",
    "correlation": "0 or more and below 1",
    "count": "0 or more",
    "listener_deviation": "0 or more",
    "listeners": "2 or more",
    "power": "above 0 and below 1",
    "seed": "0 or more",
    "share": "from 0 to 1",
    "significance": "above 0 and below 1",
    "simulations": "1 or more",
    "sounds": "1 or more",
    "systems": "3 or more",
}


@dataclass(frozen=True)
class Planned:
    """A size of test and what it would find.

    Attributes:
        count: of answers or listeners.
        power: chance that the test is significant if things are as assumed.
    """

    count: int
    power: float


def preference_power(count: int, share: float, significance: float = 0.05) -> float:
    """Returns the chance that an exact two-sided binomial test sees a preference, exactly.

    Args:
        count: of independent answers without ties, 0 or more.
        share: of them that prefer the first system, in [0, 1]; 1/2 gives the true rate of false alarms.
        significance: of the test, in (0, 1).

    Raises:
        ArgumentError: a number is outside its range.

    Example:
        >>> f"{preference_power(199, 0.6):.4f}"
        '0.8037'
    """
    _check(count=(count, count >= 0), share=(share, 0 <= share <= 1))
    return float(_binomial_powers(np.array([count]), share, significance)[0])


def answers_needed(share: float = 0.6, power: float = 0.8, significance: float = 0.05) -> Planned:
    """Returns the smallest number of independent answers from which on the power does not fall below what is wanted.

    The power of an exact test goes up and down a little with each answer more; this is past the last time that it is
    too small.

    Args:
        share: of answers that prefer one of the two systems, in [0, 1] and not 1/2.
        power: wanted, in (0, 1).
        significance: of the test, in (0, 1).

    Raises:
        ArgumentError: a number is outside its range, or 65,536 answers are too few.
    """
    _check(share=(share, 0 <= share <= 1), power=(power, 0 < power < 1))
    return _smallest(lambda counts: _binomial_powers(counts, share, significance), power, _LARGEST_ANSWERS)


def told_apart_needed(
    share: float = 0.65, power: float = 0.8, significance: float = 0.05, method: Method = Method.ABX
) -> Planned:
    """Returns the smallest number of answers from which on telling two sounds apart is found as often as is wanted.

    Answers of ABX are counted by an exact one-sided binomial test. In same or different Fisher's exact test is
    reckoned with as many pairs of one sound as of two, both answered rightly equally often.

    Args:
        share: of right answers, above 1/2 and up to 1.
        power: wanted, in (0, 1).
        significance: of the test, in (0, 1).
        method: ABX, or same or different.

    Raises:
        ArgumentError: a number is outside its range, or too many answers would be needed.

    Example:
        >>> told_apart_needed(0.7, 0.8).count
        42
    """
    if not 0.5 < share <= 1:
        raise ArgumentError(f"share: got {share}, expected above 0.5 and up to 1")
    _check(power=(power, 0 < power < 1), significance=(significance, 0 < significance < 1))
    if method is Method.ABX:
        return _smallest(lambda counts: _one_sided_powers(counts, share, significance), power, _LARGEST_ANSWERS)
    half = _smallest(lambda counts: _fisher_powers(counts, share, significance), power, _LARGEST_HALF)
    return Planned(2 * half.count, half.power)


def listeners_needed(
    answers: int, share: float = 0.6, correlation: float = 0.1, power: float = 0.8, significance: float = 0.05
) -> Planned:
    """Returns the smallest number of listeners from which on the power does not fall below what is wanted.

    Each listener gives the same number of answers and counts once, for the system chosen more often; listeners whose
    answers are split evenly are left out of the test, as they are in the analysis.

    Args:
        answers: of each listener, at least 1.
        share: of all answers that prefer one of the two systems, in [0, 1] and not 1/2.
        correlation: between two answers of one listener, in [0, 1): 0 where all listeners have the same taste; the
            share of a listener follows a beta distribution.
        power: wanted, in (0, 1).
        significance: of the test, in (0, 1).

    Raises:
        ArgumentError: a number is outside its range, or 4,096 listeners are too few.
    """
    _check(
        answers=(answers, answers >= 1),
        share=(share, 0 <= share <= 1),
        correlation=(correlation, 0 <= correlation < 1),
        power=(power, 0 < power < 1),
    )
    if correlation < _SMALLEST_CORRELATION or share in (0, 1):
        taste = scipy.stats.binom(answers, share)
    else:
        spread = 1 / correlation - 1
        taste = scipy.stats.betabinom(answers, share * spread, (1 - share) * spread)
    against, tied = float(taste.cdf((answers - 1) // 2)), float(taste.pmf(answers / 2)) if answers % 2 == 0 else 0.0
    decided = 1 - tied
    won = min(1.0, max(0.0, (decided - against) / decided))

    def powers(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        if tied == 0:
            return _binomial_powers(counts, won, significance)
        # Given how many are decided the test is binomial; how many are is binomial too.
        each = _binomial_powers(np.arange(int(counts.max()) + 1), won, significance)
        return np.array(
            [scipy.stats.binom.pmf(np.arange(count + 1), count, decided) @ each[: count + 1] for count in counts]
        )

    return _smallest(powers, power, _LARGEST_LISTENERS)


def rating_power(
    listeners: int,
    sounds: int,
    difference: float,
    listener_deviation: float,
    answer_deviation: float,
    significance: float = 0.05,
    simulations: int = 2000,
    seed: int = 0,
) -> float:
    """Returns the chance that Wilcoxon's test over listeners tells two rated systems apart, by simulation.

    The standard error is at most 0.5 / sqrt(simulations).

    Args:
        listeners: at least 2.
        sounds: that each listener rates of each system, at least 1.
        difference: true mean difference, on the scale of the ratings.
        listener_deviation: standard deviation of that difference between listeners.
        answer_deviation: standard deviation of a single rating, all else equal.
        significance: of the test, in (0, 1).
        simulations: at least 1.
        seed: 0 or more.

    Raises:
        ArgumentError: a number is outside its range.
    """
    _check(
        listeners=(listeners, listeners >= 2),
        sounds=(sounds, sounds >= 1),
        listener_deviation=(listener_deviation, listener_deviation >= 0),
        answer_deviation=(answer_deviation, answer_deviation > 0),
        simulations=(simulations, simulations >= 1),
        seed=(seed, seed >= 0),
    )
    generator = np.random.default_rng(seed)
    # A listener's mean difference holds the noise of that many ratings on either side.
    deviation = np.hypot(listener_deviation, answer_deviation * np.sqrt(2 / sounds))
    means = generator.normal(difference, deviation, (simulations, listeners))
    return float((scipy.stats.wilcoxon(means, axis=1).pvalue <= significance).mean())


def ranking_power(
    listeners: int,
    sounds: int,
    systems: int,
    share: float = 0.65,
    listener_deviation: float = 0.5,
    significance: float = 0.05,
    simulations: int = 1000,
    seed: int = 0,
) -> float:
    """Returns the chance that Friedman's test over listeners' mean places finds one system better, by simulation.

    Orders follow the model of Plackett and Luce; all systems but one are equally good. The standard error is at most
    0.5 / sqrt(simulations).

    Args:
        listeners: at least 2.
        sounds: sets that each listener puts in order, at least 1.
        systems: in each set, at least 3.
        share: of orders that place the one system before any other given one, in (0, 1); 1/2 gives the true rate of
            false alarms.
        listener_deviation: standard deviation between listeners of what a system is worth, in log-odds.
        significance: of the test, in (0, 1).
        simulations: at least 1.
        seed: 0 or more.

    Raises:
        ArgumentError: a number is outside its range.
    """
    if not 0 < share < 1:
        raise ArgumentError(f"share: got {share}, expected above 0 and below 1")
    _check(
        listeners=(listeners, listeners >= 2),
        sounds=(sounds, sounds >= 1),
        systems=(systems, systems >= 3),
        listener_deviation=(listener_deviation, listener_deviation >= 0),
        significance=(significance, 0 < significance < 1),
        simulations=(simulations, simulations >= 1),
        seed=(seed, seed >= 0),
    )
    generator = np.random.default_rng(seed)
    worth = np.zeros(systems)
    worth[0] = np.log(share / (1 - share))

    def statistics(worth: NDArray[np.float64]) -> NDArray[np.float64]:
        found = []
        for _ in range(simulations):
            taste = worth + generator.normal(0, listener_deviation, (listeners, 1, systems))
            heard = taste + generator.gumbel(size=(listeners, sounds, systems))
            # Places are ranks from the best on; means of them are ranked once more, ties in the middle.
            places = (-heard).argsort(axis=2).argsort(axis=2).mean(axis=1)
            found.append(_friedman_statistic(scipy.stats.rankdata(places, axis=1)))
        return np.array(found)

    if listeners >= CHI_SQUARE_LISTENERS:
        critical = float(scipy.stats.chi2.isf(significance, systems - 1))
    else:
        # Of few listeners the analysis permutes; what permuting would allow is what chance alone makes.
        critical = float(np.quantile(statistics(np.zeros(systems)), 1 - significance, method="higher"))
    # What is equal but for rounding is as extreme.
    return float((statistics(worth) >= critical * (1 - 1e-9)).mean())


def _friedman_statistic(ranks: NDArray[np.float64]) -> float:
    """Returns Friedman's statistic, corrected for ties, of one row of ranks for each listener; 0 if all are tied."""
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    spread = float((centred**2).sum()) / (ranks.shape[1] - 1)
    return float((centred.sum(axis=0) ** 2).sum()) / spread if spread else 0.0


def _smallest(powers: Callable[[NDArray[np.int64]], NDArray[np.float64]], wanted: float, largest: int) -> Planned:
    """Returns the count after the last one whose power is too small."""
    last = 64
    while last <= largest:
        found = powers(np.arange(1, last + 1))
        short = np.flatnonzero(found < wanted)
        # Ups and downs are small against what half as many answers again bring.
        if len(short) == 0 or short[-1] + 1 <= last // 2:
            place = int(short[-1]) + 1 if len(short) else 0
            return Planned(place + 1, float(found[place]))
        last *= 2
    raise ArgumentError(f"power: {wanted} is not reached with {largest}")


def _criticals(counts: NDArray[np.int64], significance: float) -> NDArray[np.int64]:
    _check(significance=(significance, 0 < significance < 1))
    critical = scipy.stats.binom.ppf(significance / 2, counts, 0.5).astype(np.int64)
    # The quantile is the first number to reach half the level; if it goes beyond, the one before is the last allowed.
    beyond = scipy.stats.binom.cdf(critical, counts, 0.5) > significance / 2
    return np.asarray(np.where(beyond, critical - 1, critical), dtype=np.int64)


def _binomial_powers(counts: NDArray[np.int64], share: float, significance: float) -> NDArray[np.float64]:
    critical = _criticals(counts, significance)
    powers = scipy.stats.binom.cdf(critical, counts, share) + scipy.stats.binom.sf(counts - critical - 1, counts, share)
    return np.asarray(powers, dtype=np.float64)


def _one_sided_powers(counts: NDArray[np.int64], share: float, significance: float) -> NDArray[np.float64]:
    # As many right answers as this, and more, are significant.
    critical = scipy.stats.binom.isf(significance, counts, 0.5).astype(np.int64) + 1
    return np.asarray(scipy.stats.binom.sf(critical - 1, counts, share), dtype=np.float64)


def _fisher_powers(counts: NDArray[np.int64], share: float, significance: float) -> NDArray[np.float64]:
    """Returns the power of Fisher's test by so many pairs of either kind, summed over all that can be answered."""
    return np.array([_fisher_power(int(count), share, significance) for count in counts])


def _fisher_power(count: int, share: float, significance: float) -> float:
    numbers = np.arange(count + 1)
    logs = scipy.special.gammaln(np.arange(2 * count + 1) + 1)
    ways = logs[count] - logs[numbers] - logs[count - numbers]
    # By how many are called different (rows): the chance of each number of hits (columns), if none can be told.
    called = np.arange(2 * count + 1)[:, None]
    alarms = called - numbers
    possible = (alarms >= 0) & (alarms <= count)
    all_ways = logs[2 * count] - logs[called] - logs[2 * count - called]
    chances = np.where(possible, np.exp(ways + ways[np.clip(alarms, 0, count)] - all_ways), 0.0)
    as_many = chances[:, ::-1].cumsum(axis=1)[:, ::-1]
    binomial = scipy.stats.binom.pmf(numbers, count, share)
    # False alarms are as likely as misses.
    found = binomial * binomial[count - np.clip(alarms, 0, count)]
    # What is equal but for rounding is significant in SciPy's test, too.
    return float(found[possible & (as_many <= significance * (1 + 1e-7))].sum())


def _check(**arguments: tuple[float, bool]) -> None:
    for name, (value, is_allowed) in arguments.items():
        if not is_allowed:
            raise ArgumentError(f"{name}: got {value}, expected {_ALLOWED[name]}")
