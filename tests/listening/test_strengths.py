"""Strengths: closed forms, symmetry, and that known ones are recovered."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from nebula.listening import Answer, Answers, Choice, Participant, Resampling
from nebula.listening.strengths import PRIOR_ANSWERS, strengths

QUICK = Resampling(resamples=100)


def decided(wins):
    """Returns one listener's answers from the number of wins of each ordered pair."""
    rows = []
    for (winner, loser), count in wins.items():
        for number in range(count):
            trial = f"{winner}{loser}{number}"
            for position, (system, choice) in enumerate([(winner, Choice.CHOSEN), (loser, Choice.PASSED)]):
                rows.append(
                    Answer(participant="p", trial=trial, item=trial, system=system, position=position, choice=choice)
                )
    return Answers((Participant(key="p"),), tuple(rows))


def test_two_systems_in_closed_form():
    strong, weak = strengths(decided({("a", "b"): 30, ("b", "a"): 10}), QUICK)
    odds = math.log((30 + PRIOR_ANSWERS) / (10 + PRIOR_ANSWERS))
    assert (strong.system, weak.system) == ("a", "b")
    assert strong.log_odds.value == pytest.approx(odds / 2, rel=1e-9)
    assert weak.log_odds.value == pytest.approx(-odds / 2, rel=1e-9)


def test_a_circle_of_equal_wins_leaves_all_equal():
    found = strengths(decided({("a", "b"): 7, ("b", "c"): 7, ("c", "a"): 7}), QUICK)
    assert [each.log_odds.value for each in found] == pytest.approx([0, 0, 0], abs=1e-9)


def test_expected_and_observed_wins_agree_for_each_system():
    # The likelihood equations of the model, with the added answers counted.
    wins = {("a", "b"): 9, ("b", "a"): 4, ("a", "c"): 12, ("c", "a"): 3, ("b", "c"): 6, ("c", "b"): 5}
    worth = {each.system: each.log_odds.value for each in strengths(decided(wins), QUICK)}
    assert sum(worth.values()) == pytest.approx(0, abs=1e-9)
    for system in worth:
        observed = expected = 0.0
        for other in worth.keys() - {system}:
            total = wins[system, other] + wins[other, system] + 2 * PRIOR_ANSWERS
            observed += wins[system, other] + PRIOR_ANSWERS
            expected += total / (1 + math.exp(worth[other] - worth[system]))
        assert observed == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("count", [1, 40, 4000])
def test_a_system_that_never_lost_is_finite(count):
    found = strengths(decided({("a", "b"): count, ("c", "d"): count}), QUICK)
    assert all(math.isfinite(each.log_odds.value) for each in found)
    assert found[0].log_odds.value == pytest.approx(found[1].log_odds.value, abs=1e-9)


def test_strengths_have_intervals_only_where_the_likeliest_are_finite(choosing):
    answers = choosing({"a": 0.0, "b": 0.0, "c": 0.0}, 6, 6, seed=1)
    assert all(each.log_odds.low is not None for each in strengths(answers, QUICK))
    unbeaten = [
        replace(row, choice=Choice.CHOSEN if row.system == "a" else Choice.PASSED)
        for trial in {(row.participant, row.trial) for row in answers.rows if row.system == "a"}
        for row in answers.rows
        if (row.participant, row.trial) == trial
    ]
    others = [
        row for row in answers.rows if (row.participant, row.trial) not in {(r.participant, r.trial) for r in unbeaten}
    ]
    found = strengths(Answers(answers.participants, (*unbeaten, *others)), QUICK)
    assert found[0].system == "a"
    assert {each.log_odds.withheld for each in found} == {"some systems never lost to the others"}


def test_ties_alone_leave_no_interval(choosing):
    found = strengths(choosing({"a": 0.0, "b": 0.0, "c": 0.0}, 6, 6, seed=1, ties=1.0), QUICK)
    assert [each.log_odds.value for each in found] == pytest.approx([0, 0, 0], abs=1e-9)
    assert {each.log_odds.withheld for each in found} == {"all of 6 listeners said the same"}


def test_known_strengths_are_recovered_with_intervals_that_cover(choosing):
    truth = {"a": 0.9, "b": 0.1, "c": -0.3, "d": -0.7}
    covered = []
    for seed in range(10):
        for each in strengths(choosing(truth, 10, 8, seed), QUICK):
            covered.append(each.log_odds.low <= truth[each.system] <= each.log_odds.high)
            # 240 answers about each: a standard error of about 0.11, and the pull of the added answers is below 0.02.
            assert each.log_odds.value == pytest.approx(truth[each.system], abs=0.55)
    # 40 intervals in 10 independent tests: at 93 % fewer than 32 cover with a probability below 0.1 %.
    assert np.sum(covered) >= 32


def test_names_do_not_matter():
    wins = {("a", "b"): 9, ("b", "a"): 4, ("a", "c"): 12, ("c", "b"): 5}
    values = []
    for names in itertools.permutations("abc"):
        renamed = dict(zip("abc", names, strict=True))
        found = strengths(decided({(renamed[x], renamed[y]): n for (x, y), n in wins.items()}), QUICK)
        values.append([each.log_odds.value for each in found])
    np.testing.assert_allclose(values, np.broadcast_to(values[0], np.shape(values)), atol=1e-9)
