"""What systems were rated, and which differ: ranks, because ratings are bounded, skewed and spread unevenly.

The unit is the listener: each listener's ratings of a system are averaged over sounds before anything is ranked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from nebula.errors import ArgumentError
from nebula.listening.answers import Answers, Columns, columns
from nebula.listening.multiplicity import holm
from nebula.listening.resampling import (
    Estimate,
    Resampling,
    Statistic,
    two_way_intervals,
    weighted_means,
    weighted_medians,
)

#: Up to so many listeners rank tests are exact: the work grows with the cube.
EXACT_LISTENERS = 200

#: From so many listeners on Friedman's statistic is chi-square enough. Of three who agree and cannot tell two of three
#: systems apart it says 0.0498, and by chance alone they agree like this once in nine times.
CHI_SQUARE_LISTENERS = 10

# So many orders of fewer listeners' ratings are drawn: p-values near 0.05 are right to 0.009, four standard errors.
_PERMUTATIONS = 9999


@dataclass(frozen=True)
class Rated:
    """The ratings of one system; intervals hold for other listeners and sounds.

    Attributes:
        system: its name.
        answers: how many ratings.
        mean: of all ratings.
        median: of all ratings.
        lower_quartile: of all ratings.
        upper_quartile: of all ratings; less the lower one it is the interquartile range.
    """

    system: str
    answers: int
    mean: Estimate
    median: Estimate
    lower_quartile: float
    upper_quartile: float


@dataclass(frozen=True)
class Friedman:
    """Whether any of three or more systems differ.

    Attributes:
        listeners: who rated all systems.
        statistic: Friedman's, corrected for ties.
        freedom: degrees of freedom, one less than there are systems.
        p_value: by chi-square; for fewer than `CHI_SQUARE_LISTENERS` by permuting each listener's ratings.
        agreement: Kendall's coefficient of concordance W, 0 if listeners' orders have nothing in common, 1 if all are
            alike.
    """

    listeners: int
    statistic: float
    freedom: int
    p_value: float
    agreement: float


@dataclass(frozen=True)
class RatingDifference:
    """Two rated systems compared.

    Attributes:
        first: name.
        second: name.
        listeners: who rated both.
        mean: mean rating of the first less that of the second; the interval holds for other listeners and sounds.
        p_value: of Wilcoxon's signed-rank test over listeners; 1 if none tells them apart.
        p_holm: the same, corrected by Holm for the number of pairs like this one: of two systems in question, of one
            and a control, or of two controls.
    """

    first: str
    second: str
    listeners: int
    mean: Estimate
    p_value: float
    p_holm: float


@dataclass(frozen=True)
class Ratings:
    """What was rated.

    Attributes:
        systems: by name.
        friedman: of the systems in question; none for fewer than three, or where fewer than two listeners rated all.
        differences: of all pairs that at least one listener rated both of.
    """

    systems: tuple[Rated, ...]
    friedman: Friedman | None
    differences: tuple[RatingDifference, ...]


def rate(
    answers: Answers,
    resampling: Resampling,
    scale: tuple[float, float] | None = None,
    controls: Collection[str] = (),
) -> Ratings:
    """Returns what systems were rated and how they differ.

    Controls, which all who listen are known to tell from the rest, are no part of the question: they make no test of
    the others more lenient or more strict.

    Args:
        answers: ratings.
        resampling: how intervals are made.
        scale: its ends, if known; means that all listeners agree on have no interval without.
        controls: names of systems such as a hidden reference and anchors.

    Raises:
        ArgumentError: a rating is outside the scale.

    Sources: Friedman, "The use of ranks to avoid the assumption of normality", J. American Statistical Association 32,
        1937; Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945.
    """
    table = columns(answers)
    count = len(table.systems)
    least, most = scale or (-np.inf, np.inf)
    beyond = table.value[(table.value < least) | (table.value > most)]
    if len(beyond):
        raise ArgumentError(f"rating: got {beyond[0]:g}, expected {least:g} to {most:g}")
    of_system = table.system[:, None] == np.arange(count)
    crossed = (table.listener, table.item, resampling)
    means = two_way_intervals(
        weighted_means(table.value, table.system, count), *crossed, bounds=(least, most), concerned=of_system
    )
    medians = two_way_intervals(
        weighted_medians(table.value, table.system, count), *crossed, bounds=None, concerned=of_system
    )
    systems = []
    for number, name in enumerate(table.systems):
        values = table.value[table.system == number]
        lower, upper = (float(quartile) for quartile in np.quantile(values, [0.25, 0.75]))
        systems.append(Rated(name, len(values), means[number], medians[number], lower, upper))
    by_listener = listener_means(table)
    in_question = np.array([name not in controls for name in table.systems])
    differences = _differences(table, by_listener, in_question, resampling, most - least)
    return Ratings(tuple(systems), friedman(by_listener[:, in_question], resampling.seed), differences)


def listener_means(table: Columns) -> NDArray[np.float64]:
    """Returns the mean rating by listener (rows) and system (columns); not a number where there is none.

    Args:
        table: ratings.
    """
    shape = (len(table.listeners), len(table.systems))
    place = table.listener * shape[1] + table.system
    counts = np.bincount(place, minlength=shape[0] * shape[1])
    sums = np.bincount(place, weights=table.value, minlength=shape[0] * shape[1])
    means = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means.reshape(shape)


def friedman(by_listener: NDArray[np.float64], seed: int = 0) -> Friedman | None:
    """Returns Friedman's test over listeners who rated all systems, where there is one.

    If systems do not differ, each order of a listener's ratings is as likely as any other. Of few listeners such
    orders are drawn, and the p-value is the share of them, the one observed included, that are as extreme: it holds
    its level whatever is tied.

    Args:
        by_listener: one row for each listener and one column for each system.
        seed: 0 or more; decides the orders.

    Sources: Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications in Genetics and
        Molecular Biology 9, 2010, equation (2); of W, Kendall and Babington Smith, "The problem of m rankings", Annals
        of Mathematical Statistics 10, 1939.
    """
    complete = by_listener[~np.isnan(by_listener).any(axis=1)]
    listeners, systems = complete.shape
    if systems < 3 or listeners < 2:
        return None
    if (complete == complete[:, :1]).all():
        return Friedman(listeners, 0.0, systems - 1, 1.0, 0.0)
    test = scipy.stats.friedmanchisquare(*complete.T)
    p_value = float(test.pvalue)
    if listeners < CHI_SQUARE_LISTENERS:
        # Ranks within listeners stay the same numbers, so that their sums decide, and doubled they are whole.
        ranks = np.rint(2 * scipy.stats.rankdata(complete, axis=1))
        generator = np.random.default_rng(seed)
        orders = generator.permuted(np.broadcast_to(ranks, (_PERMUTATIONS, *ranks.shape)), axis=2)
        sums = (orders.sum(axis=1) ** 2).sum(axis=1)
        p_value = float(1 + (sums >= (ranks.sum(axis=0) ** 2).sum()).sum()) / (1 + _PERMUTATIONS)
    statistic, freedom = float(test.statistic), systems - 1
    return Friedman(listeners, statistic, freedom, p_value, statistic / (listeners * freedom))


def signed_rank_p(differences: NDArray[np.float64]) -> float:
    """Returns the p-value of Wilcoxon's two-sided signed-rank test, without differences of zero.

    Exact up to `EXACT_LISTENERS`, ties included; by the normal approximation beyond.

    Args:
        differences: one for each listener.
    """
    decided = differences[differences != 0]
    if len(decided) == 0:
        return 1.0
    if len(decided) > EXACT_LISTENERS:
        return float(scipy.stats.wilcoxon(decided, method="asymptotic").pvalue)
    # Tied ranks are halves: doubled they are whole, and sums of them count the ways in which signs can fall. SciPy goes
    # through all 2**n signs where there are ties.
    ranks = np.rint(2 * scipy.stats.rankdata(np.abs(decided))).astype(np.int64)
    chances = np.zeros(int(ranks.sum()) + 1)
    chances[0] = 1.0
    for rank in ranks:
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    smaller = int(min(ranks[decided > 0].sum(), ranks[decided < 0].sum()))
    return float(min(1.0, 2 * chances[: smaller + 1].sum()))


def _differences(
    table: Columns,
    by_listener: NDArray[np.float64],
    in_question: NDArray[np.bool_],
    resampling: Resampling,
    width: float,
) -> tuple[RatingDifference, ...]:
    both = {
        pair: by_listener[:, pair[0]] - by_listener[:, pair[1]] for pair in combinations(range(len(table.systems)), 2)
    }
    rated = {pair: values[~np.isnan(values)] for pair, values in both.items() if not np.isnan(values).all()}
    if not rated:
        return ()
    concerned = np.stack([_rated_both(table, by_listener, pair) for pair in rated], axis=1)
    estimates = two_way_intervals(
        _mean_differences(table, list(rated)),
        table.listener,
        table.item,
        resampling,
        bounds=(-width, width),
        concerned=concerned,
    )
    p_values = [signed_rank_p(values) for values in rated.values()]
    kinds = [int(in_question[list(pair)].sum()) for pair in rated]
    return tuple(
        RatingDifference(table.systems[pair[0]], table.systems[pair[1]], len(values), estimate, p_value, p_holm)
        for (pair, values), estimate, p_value, p_holm in zip(
            rated.items(), estimates, p_values, _holm_by_kind(p_values, kinds), strict=True
        )
    )


def _holm_by_kind(p_values: list[float], kinds: list[int]) -> list[float]:
    corrected = [0.0] * len(p_values)
    for kind in set(kinds):
        places = [place for place, other in enumerate(kinds) if other == kind]
        for place, p_value in zip(places, holm([p_values[place] for place in places]), strict=True):
            corrected[place] = p_value
    return corrected


def _rated_both(table: Columns, by_listener: NDArray[np.float64], pair: tuple[int, int]) -> NDArray[np.bool_]:
    """Returns which ratings are of either system, from listeners who rated both."""
    both = np.isfinite(by_listener[:, pair[0]]) & np.isfinite(by_listener[:, pair[1]])
    found: NDArray[np.bool_] = np.isin(table.system, pair) & both[table.listener]
    return found


def _mean_differences(table: Columns, compared: list[tuple[int, int]]) -> Statistic:
    means = weighted_means(table.value, table.system, len(table.systems))
    first, second = np.array(compared).T

    def differences(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        found = means(weights)
        return found[:, first] - found[:, second]

    return differences
