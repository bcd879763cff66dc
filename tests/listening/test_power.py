"""Power: against sums over all outcomes, against simulation, and at no difference against the level."""

import math

import numpy as np
import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening import (
    Method,
    Planned,
    abx,
    answers_needed,
    listeners_needed,
    preference_power,
    rating_power,
    same_different,
    told_apart_needed,
)


def by_summation(count, share):
    """Returns the power from the p-value of every outcome, as the analysis computes it."""
    return sum(stats.binom.pmf(n, count, share) for n in range(count + 1) if stats.binomtest(n, count).pvalue <= 0.05)


@pytest.mark.parametrize("count", [0, 1, 5, 6, 17, 60])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.6, 1.0])
def test_power_is_the_chance_of_a_significant_outcome(count, share):
    expected = by_summation(count, share) if count else 0.0
    assert preference_power(count, share) == pytest.approx(expected, abs=1e-12)


def test_sixty_to_forty_needs_about_two_hundred_answers():
    planned = answers_needed(0.6, 0.8)
    assert planned.power == preference_power(planned.count, 0.6)
    assert preference_power(planned.count - 1, 0.6) < 0.8
    assert all(preference_power(count, 0.6) >= 0.8 for count in range(planned.count, 2 * planned.count))
    # The normal approximation without correction gives 194, with it 204; the exact test goes up and down about that.
    assert 194 <= planned.count <= 215
    assert answers_needed(0.4, 0.8).count == planned.count


def test_a_listener_of_one_answer_is_an_answer():
    for correlation in (0.0, 0.3):
        assert listeners_needed(1, 0.6, correlation).count == answers_needed(0.6).count


@pytest.mark.parametrize(("answers", "correlation"), [(16, 0.1), (15, 0.0), (2, 0.2)])
def test_listeners_needed_are_those_that_simulation_needs(answers, correlation):
    planned = listeners_needed(answers, 0.6, correlation)
    generator = np.random.default_rng(0)
    size = (4000, planned.count)
    spread = 1 / correlation - 1 if correlation else math.inf
    tastes = generator.beta(0.6 * spread, 0.4 * spread, size) if correlation else np.full(size, 0.6)
    wins = 2 * generator.binomial(answers, tastes) - answers
    first, second = (wins > 0).sum(axis=1), (wins < 0).sum(axis=1)
    outcomes, counts = np.unique(np.stack([first, second]), axis=1, return_counts=True)
    significant = [stats.binomtest(int(a), int(a + b)).pvalue <= 0.05 for a, b in outcomes.T]
    # Four standard errors of a share of 4,000.
    assert (np.array(significant) @ counts) / 4000 == pytest.approx(planned.power, abs=4 * math.sqrt(0.16 / 4000))


@pytest.mark.parametrize("correlation", [1e-300, 1e-15, 1e-6])
def test_tastes_that_hardly_differ_are_one(correlation):
    planned, expected = listeners_needed(64, 0.6, correlation), listeners_needed(64, 0.6, 0.0)
    assert planned.count == expected.count
    assert planned.power == pytest.approx(expected.power, abs=1e-4)


def test_tastes_that_differ_need_more_listeners():
    counts = [listeners_needed(32, 0.6, correlation).count for correlation in (0.0, 0.05, 0.1, 0.3)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_ratings_without_a_difference_are_significant_at_the_level():
    # Exact and discrete: at most 5 %, and not far below it with 20 listeners. 2,000 simulations.
    assert rating_power(20, 8, 0.0, 5.0, 15.0) == pytest.approx(0.05, abs=0.003 + 4 * math.sqrt(0.05 * 0.95 / 2000))


def test_the_power_of_ratings_is_near_that_of_students_test():
    # For normal values the rank test needs 5 % more listeners than the t-test (asymptotic relative efficiency 3/pi).
    deviation = math.hypot(5.0, 15.0 * math.sqrt(2 / 8))
    listeners, difference = 20, 6.0
    centre = difference / deviation * math.sqrt(3 / math.pi * listeners)
    critical = stats.t.ppf(0.975, listeners - 1)
    expected = stats.nct.sf(critical, listeners - 1, centre)
    assert rating_power(listeners, 8, difference, 5.0, 15.0) == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: preference_power(-1, 0.6), "count: got -1, expected 0 or more"),
        (lambda: answers_needed(share=1.2), "share: got 1.2, expected from 0 to 1"),
        (lambda: answers_needed(share=0.5), "power: 0.8 is not reached with 65536"),
        (lambda: answers_needed(significance=0.0), "significance: got 0.0, expected above 0 and below 1"),
        (lambda: listeners_needed(4, correlation=1.0), "correlation: got 1.0, expected 0 or more and below 1"),
        (lambda: rating_power(1, 8, 5.0, 5.0, 5.0), "listeners: got 1, expected 2 or more"),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert str(raised.value) == message


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_of_few_answers_the_power_is_that_of_what_can_be_significant(share):
    # Up to five answers are never significant at 5 %, even if all are alike: 2 / 2^5 = 0.0625.
    assert [preference_power(count, share) for count in range(6)] == [0.0] * 6
    assert preference_power(6, share) == pytest.approx(share**6 + (1 - share) ** 6, abs=1e-12)


@pytest.mark.parametrize("listeners", [2, 3, 5, 6])
def test_of_few_listeners_ratings_have_no_power(listeners):
    found = rating_power(listeners, 4, difference=50.0, listener_deviation=0.0, answer_deviation=1.0)
    assert found == (1.0 if listeners == 6 else 0.0)


@pytest.mark.parametrize("answers", [1, 2, 3])
def test_as_many_listeners_are_needed_as_can_be_significant(answers):
    assert listeners_needed(answers, share=1.0, correlation=0.0) == Planned(6, 1.0)


@pytest.mark.parametrize("share", [0.65, 0.8, 1.0])
def test_telling_apart_in_abx_takes_as_many_answers_as_the_exact_test_does(share):
    planned = told_apart_needed(share, 0.8)

    def power(count):
        chances = stats.binom.pmf(range(count + 1), count, share)
        return sum(chance for right, chance in enumerate(chances) if abx(right, count).p_value <= 0.05)

    assert planned.power == pytest.approx(power(planned.count))
    assert planned.power >= 0.8 > power(planned.count - 1)


def test_telling_apart_as_same_or_different_takes_as_many_answers_as_fishers_test_does():
    planned = told_apart_needed(0.8, 0.8, method=Method.SAME_DIFFERENT)
    half = planned.count // 2
    chances = stats.binom.pmf(range(half + 1), half, 0.8)
    found = sum(
        chances[hits] * chances[half - alarms]
        for hits in range(half + 1)
        for alarms in range(half + 1)
        if same_different(hits, half, alarms, half).p_value <= 0.05
    )
    assert planned.power == pytest.approx(found)
    assert found >= 0.8


def test_chance_is_never_found():
    with pytest.raises(ArgumentError, match=r"^share: got 0.5, expected above 0.5 and up to 1$"):
        told_apart_needed(0.5)
