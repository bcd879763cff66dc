"""Ratings: a case by hand, the level of the rank tests on skewed and bounded ratings, and Holm's promise."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening import Answer, Answers, Participant, Resampling
from nebula.listening.multiplicity import holm
from nebula.listening.ratings import EXACT_LISTENERS, friedman, rate, signed_rank_p

QUICK = Resampling(resamples=200)

#: True ratings of three systems that hardly differ, and of what listeners are checked by.
LEVELS = {"a": 60, "b": 61, "c": 63, "reference": 97, "anchor-3500": 15}

ALONE = (("a", "b"), ("a", "c"), ("b", "c"))


def table(by_listener):
    """Returns answers from the ratings of each listener: lists by system, one rating for each item."""
    rows = [
        Answer(participant=f"p{listener}", trial=str(item), item=str(item), system=system, position=place, rating=value)
        for listener, systems in enumerate(by_listener)
        for place, (system, values) in enumerate(systems.items())
        for item, value in enumerate(values)
    ]
    return Answers(tuple(Participant(key=f"p{n}") for n in range(len(by_listener))), tuple(rows))


def skewed(generator, listeners, systems):
    """Returns ratings near the top of the scale, in whole numbers, with a taste of each listener for everything."""
    own = generator.normal(0, 10, (listeners, 1))
    return np.clip(np.rint(100 - generator.exponential(12, (listeners, systems)) + own), 0, 100)


def test_a_case_by_hand():
    found = rate(
        table(
            [
                {"a": [90.0, 80.0], "b": [50.0, 60.0], "c": [20.0, 10.0]},
                {"a": [70.0, 100.0], "b": [60.0, 60.0], "c": [30.0, 50.0]},
                {"a": [60.0, 60.0], "b": [50.0, 50.0], "c": [10.0, 0.0]},
            ]
        ),
        QUICK,
    )
    a, b, c = found.systems
    assert [each.answers for each in (a, b, c)] == [6, 6, 6]
    assert [each.median.value for each in (a, b, c)] == [75.0, 55.0, 15.0]
    assert (a.lower_quartile, a.upper_quartile) == (62.5, 87.5)
    assert a.mean.value == pytest.approx(460 / 6, rel=1e-12)
    # Three listeners of one opinion about three systems: 12 / (3 * 3 * 4) * (9**2 + 6**2 + 3**2) - 3 * 3 * 4 = 6.
    assert found.friedman.statistic == pytest.approx(6.0, rel=1e-12)
    # The same order three times: 1 / 6^2, of 10,000 permutations to four standard errors.
    assert found.friedman.p_value == pytest.approx(1 / 36, abs=4 * math.sqrt(1 / 36 / 10_000))
    assert [(each.first, each.second) for each in found.differences] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found.differences[0].mean.value == pytest.approx((460 - 330) / 6, rel=1e-12)
    # All three on one side: 2 / 2**3, times three pairs.
    assert [each.p_value for each in found.differences] == [0.25] * 3
    assert [each.p_holm for each in found.differences] == [0.75] * 3


def test_controls_change_no_test_of_the_systems_in_question():
    generator = np.random.default_rng(5)
    people = [
        {system: list(generator.normal(level, 8, 3).clip(0, 100)) for system, level in LEVELS.items()} for _ in range(9)
    ]
    asked = [{system: person[system] for system in "abc"} for person in people]
    with_controls = rate(table(people), QUICK, (0.0, 100.0), ("reference", "anchor-3500"))
    alone, mixed = rate(table(asked), QUICK, (0.0, 100.0)), rate(table(people), QUICK, (0.0, 100.0))
    assert with_controls.friedman == alone.friedman
    found = {(each.first, each.second): each for each in with_controls.differences}
    assert {pair: found[pair].p_holm for pair in ALONE} == {
        (each.first, each.second): each.p_holm for each in alone.differences
    }
    # Pairs with one control, and of two, are families of their own: six, and one.
    checks = [each for pair, each in found.items() if pair not in ALONE and pair != ("anchor-3500", "reference")]
    assert sorted(each.p_holm for each in checks) == sorted(holm([each.p_value for each in checks]))
    assert len(checks) == 6
    between = found["anchor-3500", "reference"]
    assert between.p_holm == between.p_value
    # Otherwise ten pairs would be counted for three, and whoever hears an anchor would make systems differ.
    assert min(each.p_holm for each in mixed.differences if (each.first, each.second) in ALONE) > min(
        each.p_holm for each in alone.differences
    )
    assert alone.friedman.p_value > 0.05 > mixed.friedman.p_value


def test_two_systems_have_no_friedman_and_listeners_who_heard_one_do_not_compare():
    found = rate(table([{"a": [3.0], "b": [1.0]}, {"a": [5.0]}, {"b": [2.0]}]), QUICK)
    assert found.friedman is None
    assert found.differences[0].listeners == 1


def test_ratings_that_are_all_the_same_differ_in_nothing():
    found = rate(table([{"a": [50.0], "b": [50.0], "c": [50.0]}] * 4), QUICK)
    assert (found.friedman.statistic, found.friedman.p_value) == (0.0, 1.0)
    assert {each.p_value for each in found.differences} == {1.0}
    assert {each.mean.withheld for each in found.differences} == {"4 listeners; an interval takes 6"}


@pytest.mark.parametrize("count", [1, 2, 7, 11])
def test_the_signed_rank_test_is_that_of_all_signs_ties_or_not(count):
    generator = np.random.default_rng(count)
    for values in (generator.normal(0.5, 1, count), generator.integers(1, 4, count) * generator.choice([-1, 1], count)):
        ranks = stats.rankdata(np.abs(values))
        observed = abs(ranks @ np.sign(values))
        extreme = [abs(ranks @ signs) >= observed for signs in itertools.product([-1, 1], repeat=count)]
        assert signed_rank_p(values.astype(float)) == pytest.approx(np.mean(extreme), rel=1e-12)


@pytest.mark.parametrize("count", [25, 200, 201])
def test_the_signed_rank_test_agrees_with_scipy(count):
    values = np.random.default_rng(count).normal(0.1, 1, count)
    method = "exact" if count <= EXACT_LISTENERS else "asymptotic"
    assert signed_rank_p(values) == pytest.approx(stats.wilcoxon(values, method=method).pvalue, rel=1e-9)


def test_means_that_all_agree_on_are_as_sure_as_so_many_listeners_make_them():
    found = rate(table([{"a": [100.0], "b": [100.0]}] * 8), QUICK, (0.0, 100.0))
    sure = 0.025 ** (1 / 8)
    for each in found.systems:
        assert (each.mean.low, each.mean.high) == pytest.approx((100 * sure, 100.0), rel=1e-12)
        assert (each.median.low, each.median.high) == (100.0, 100.0)
    (difference,) = found.differences
    assert (difference.mean.low, difference.mean.high) == pytest.approx((-100 * (1 - sure), 100 * (1 - sure)))


def test_a_rating_outside_the_scale_is_refused():
    with pytest.raises(ArgumentError, match=r"^rating: got 101, expected 0 to 100$"):
        rate(table([{"a": [101.0]}]), QUICK, (0.0, 100.0))


@pytest.mark.parametrize("listeners", [2, 3, 6, 9])
def test_friedmans_test_holds_its_level_for_few_listeners_and_ties(listeners):
    # Three ratings of which two are tied: by chi-square three listeners would agree at 0.0498, and do once in nine.
    repeats, alarms = 300, 0
    generator = np.random.default_rng(listeners)
    for _ in range(repeats):
        alarms += friedman(generator.permuted(np.tile([1.0, 0.0, 0.0], (listeners, 1)), axis=1)).p_value <= 0.05
    assert alarms / repeats <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / repeats)


@pytest.mark.parametrize("listeners", [6, 14, 30])
def test_rank_tests_hold_their_level(listeners):
    generator = np.random.default_rng(listeners)
    repeats = 300
    pair, several = [], []
    for _ in range(repeats):
        ratings = skewed(generator, listeners, 4)
        pair.append(signed_rank_p(ratings[:, 0] - ratings[:, 1]) <= 0.05)
        several.append(friedman(ratings).p_value <= 0.05)
    # Four standard errors of a share of 300 above 5 %.
    assert np.mean(pair) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / repeats)
    assert np.mean(several) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / repeats)


def test_holm_by_hand_and_in_the_order_given():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_holm_keeps_the_chance_of_any_false_alarm():
    generator = np.random.default_rng(0)
    p_values = generator.uniform(size=(4000, 6))
    p_values[:, :2] *= 1e-6  # two that are false and found, which leaves four to be protected
    alarms = np.mean([min(holm(row.tolist())[2:]) <= 0.05 for row in p_values])
    # Independent: 1 - (1 - 0.05 / 4)**4 = 4.9 %, within four standard errors.
    assert alarms == pytest.approx(0.049, abs=4 * math.sqrt(0.05 * 0.95 / 4000))


def test_known_differences_are_recovered(rating):
    covered = 0
    for seed in range(15):
        found = rate(rating({"a": 60.0, "b": 45.0, "c": 45.0}, 12, 6, seed), QUICK)
        estimate = found.differences[0].mean
        covered += estimate.low <= 15 <= estimate.high
        assert estimate.value == pytest.approx(15, abs=4 * 4.2)
    # At 93 % each, fewer than 11 of 15 cover with probability 0.03 %.
    assert covered >= 11
