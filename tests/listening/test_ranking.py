"""Orders of several sounds: places by hand, agreement in closed form, simulated strengths, and power."""

import numpy as np
import pytest
import scipy

from nebula.errors import ArgumentError
from nebula.listening import (
    Answer,
    Answers,
    Method,
    Participant,
    Plan,
    Resampling,
    analyse,
    methods_paragraph,
    ranking_power,
)
from nebula.listening.ratings import friedman

QUICK = Resampling(resamples=200, seed=3)

#: What each system is worth in log-odds; their mean is 0.
WORTH = {"a": 1.0, "b": 0.2, "c": -0.4, "d": -0.8}


def ordered(orders):
    """Returns the answers of listeners, each with an order of systems for each item, the best first."""
    rows = [
        Answer(
            participant=f"p{listener}",
            trial=str(item),
            item=str(item),
            system=system,
            position=sorted(order).index(system),
            rating=place,
        )
        for listener, own in enumerate(orders)
        for item, order in enumerate(own)
        for place, system in enumerate(order, 1)
    ]
    return Answers(tuple(Participant(key=f"p{n}") for n in range(len(orders))), tuple(rows))


def simulated(generator, listeners, items, worth, deviation=0.3):
    """Returns orders by the model of Plackett and Luce: those of what systems are worth plus Gumbel noise."""
    names = np.array(sorted(worth))
    truth = np.array([worth[name] for name in names])
    taste = truth + generator.normal(0, deviation, (listeners, 1, len(names)))
    heard = taste + generator.gumbel(size=(listeners, items, len(names)))
    return ordered([[list(names[order]) for order in own] for own in (-heard).argsort(axis=2)])


def found(answers):
    return analyse(answers, Plan(method=Method.RANKING, resampling=QUICK, scale=(1, 3))).everyone


def test_places_and_their_tests_by_hand():
    everyone = found(ordered([["abc"], ["abc"], ["acb"], ["bac"]]))
    assert {each.system: each.mean.value for each in everyone.ratings.systems} == {"a": 1.25, "b": 2.0, "c": 2.75}
    # Sums of ranks 5, 8, 11 of 4 listeners: 12 / (4 * 3 * 4) * 210 - 3 * 4 * 4 = 4.5, and W = 4.5 / (4 * 2).
    friedman = everyone.ratings.friedman
    assert (friedman.statistic, friedman.freedom) == (pytest.approx(4.5), 2)
    assert friedman.agreement == pytest.approx(0.5625)
    assert [each.system for each in everyone.strengths] == ["a", "b", "c"]


def test_agreement_is_one_where_all_agree_and_near_none_where_orders_cancel():
    assert found(ordered([["abc"]] * 5)).ratings.friedman.agreement == pytest.approx(1)
    every = ["abc", "acb", "bac", "bca", "cab", "cba"]
    everyone = found(ordered([[order] for order in every]))
    assert everyone.ratings.friedman.agreement == pytest.approx(0)
    assert [each.log_odds.value for each in everyone.strengths] == pytest.approx([0, 0, 0])
    assert everyone.ratings.friedman.p_value == 1


def test_two_systems_of_one_order_imply_what_a_comparison_says(choosing):
    """The strengths of all pairs of an order are those of comparisons with the same winners."""
    everyone = found(ordered([["abc", "bac"], ["acb", "cab"]]))
    # Of 4 orders a is before b in 3, a before c in 3, b before c in 2: Bradley and Terry's equations have one solution.
    wins = np.array([[0, 3, 3], [1, 0, 2], [1, 2, 0]]) + 0.5 * (1 - np.eye(3))

    def unlikely(strengths):
        odds = scipy.special.expit(strengths[:, None] - strengths[None])
        return -(wins * np.log(odds + np.eye(3))).sum() + strengths.sum() ** 2

    expected = scipy.optimize.minimize(unlikely, np.zeros(3), tol=1e-12).x
    values = {each.system: each.log_odds.value for each in everyone.strengths}
    assert [values[name] for name in "abc"] == pytest.approx(expected, abs=1e-5)


def test_strengths_of_simulated_orders_are_covered():
    """Of 400 nominal 95 % intervals 88 to 100 % cover; tests depend on each other, which widens what is allowed."""
    generator, covered = np.random.default_rng(2), []
    for _ in range(100):
        answers = simulated(generator, 12, 8, WORTH)
        everyone = analyse(answers, Plan(method=Method.RANKING, resampling=QUICK, scale=(1, 4))).everyone
        covered += [each.log_odds.low <= WORTH[each.system] <= each.log_odds.high for each in everyone.strengths]
        assert all(1 <= end <= 4 for each in everyone.ratings.systems for end in (each.mean.low, each.mean.high))
    assert 0.88 <= np.mean(covered) <= 1


@pytest.mark.parametrize("listeners", [4, 12])
def test_friedmans_test_holds_its_level_where_nothing_is_better(listeners):
    """400 simulated tests; three standard errors above 5 %, wrong once in 700 seeds."""
    generator = np.random.default_rng(5)
    heard = generator.gumbel(size=(400, listeners, 3, 4)) + generator.normal(0, 0.5, (400, listeners, 1, 4))
    places = heard.argsort(axis=3).argsort(axis=3).mean(axis=2) + 1
    alarms = np.mean([friedman(each).p_value <= 0.05 for each in places])
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize("listeners", [5, 14])
def test_the_power_is_that_of_the_analysis(listeners):
    """Both simulate, with seeds of their own: 300 and 1,000 tests; four standard errors."""
    generator, worth = np.random.default_rng(7), np.array([np.log(0.75 / 0.25), 0, 0])
    heard = worth + generator.normal(0, 0.5, (300, listeners, 1, 3)) + generator.gumbel(size=(300, listeners, 4, 3))
    places = (-heard).argsort(axis=3).argsort(axis=3).mean(axis=2) + 1
    analysed = np.mean([friedman(each).p_value <= 0.05 for each in places])
    assert ranking_power(listeners, 4, 3, 0.75) == pytest.approx(analysed, abs=4 * np.sqrt(0.25 * (1 / 300 + 1 / 1000)))


def test_power_at_no_difference_is_the_level_and_grows():
    assert ranking_power(12, 4, 3, 0.5) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 1000)
    powers = [ranking_power(listeners, 2, 4, 0.75) for listeners in (4, 12, 40)]
    assert powers[0] < powers[1] - 0.2 < powers[2] - 0.3
    assert powers[2] > 0.95
    assert ranking_power(6, 2, 3, seed=1) == ranking_power(6, 2, 3, seed=1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"share": 1}, "share: got 1, expected above 0 and below 1"),
        ({"systems": 2}, "systems: got 2, expected 3 or more"),
        ({"listeners": 1}, "listeners: got 1, expected 2 or more"),
        ({"sounds": 0}, "sounds: got 0, expected 1 or more"),
    ],
)
def test_numbers_outside_their_range_are_refused(values, message):
    with pytest.raises(ArgumentError) as raised:
        ranking_power(**({"listeners": 8, "sounds": 2, "systems": 3} | values))
    assert str(raised.value) == message


def test_what_is_no_order_is_refused():
    rows = [
        Answer(participant="p", trial="1", item="1", system=name, position=place, rating=rating)
        for place, (name, rating) in enumerate({"a": 1.0, "b": 1.0, "c": 3.0}.items())
    ]
    with pytest.raises(ArgumentError) as raised:
        found(Answers((Participant(key="p"),), tuple(rows)))
    assert str(raised.value) == "participant 'p', trial '1': got places 1, 1, 3, expected 1 to 3, none twice"


def test_the_paragraph_speaks_of_places():
    answers = ordered([["abc", "abc"]] * 7)
    text = methods_paragraph(analyse(answers, Plan(method=Method.RANKING, resampling=QUICK, scale=(1, 3))))
    assert "7 listeners put several stimuli in order, from the best to the worst: 14 trials about 2 items" in text
    assert (
        "Friedman's test and two-sided Wilcoxon signed-rank tests on listeners' mean places, corrected by Holm" in text
    )
    assert "a was placed 1 in the median (interquartile range 1 to 1; 14 places, of which 1 is the best), 1.00" in text
    assert "Bradley-Terry strengths in log-odds, of the pairs that orders imply, were a " in text
    assert "by permutation; Kendall's W 1.00)." in text
