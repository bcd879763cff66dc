"""Position bias: the level of its test and that it is found where it is."""

import math

import numpy as np
import pytest
from scipy import stats

from nebula.listening import Answer, Answers, Participant
from nebula.listening.positions import position_bias


def test_choices_are_an_exact_binomial_test(choosing):
    answers = choosing({"a": 1.0, "b": 0.0}, 6, 8, seed=0, ties=0.2)
    chosen = [row.position for row in answers.rows if row.choice == "chosen"]
    found = position_bias(answers)
    assert found.p_value == pytest.approx(stats.binomtest(chosen.count(0), len(chosen)).pvalue, rel=1e-12)
    assert sum(found.means) == pytest.approx(1, rel=1e-12)
    ties = 48 - len(chosen)
    assert found.means[0] == pytest.approx((chosen.count(0) + ties / 2) / 48, rel=1e-12)


def test_it_holds_its_level_whatever_the_tastes(choosing, rating):
    repeats = 100
    by_choice = [position_bias(choosing({"a": 2.0, "b": 0.0}, 5, 8, seed, deviation=1.0)) for seed in range(repeats)]
    by_rating = [position_bias(rating({"a": 70.0, "b": 40.0, "c": 20.0}, 5, 8, seed)) for seed in range(repeats)]
    for found in (by_choice, by_rating):
        # Four standard errors of a share of 100 above 5 %.
        assert np.mean([each.p_value <= 0.05 for each in found]) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / repeats)


def test_a_bias_is_found(choosing, rating):
    assert position_bias(choosing({"a": 1.0, "b": 0.0}, 10, 20, seed=1, lean=1.0)).p_value < 1e-4
    found = position_bias(rating({"a": 70.0, "b": 40.0, "c": 20.0}, 10, 10, seed=1, by_slot=9.0))
    assert found.p_value < 1e-4
    assert found.freedom == 2
    assert found.means[0] < found.means[2]


def test_single_ratings_have_no_positions():
    rows = tuple(
        Answer(participant="p", trial=str(n), item=str(n), system="a", position=0, rating=float(n)) for n in range(5)
    )
    assert position_bias(Answers((Participant(key="p"),), rows)) is None


def test_trials_that_are_all_tied_say_nothing(choosing):
    assert position_bias(choosing({"a": 1.0, "b": 0.0}, 3, 3, seed=2, ties=1.0)) is None
