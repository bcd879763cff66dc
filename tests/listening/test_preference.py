"""Preferences: closed forms, the level of the tests, and that known preferences are found."""

import math

import numpy as np
import pytest
from scipy import stats

from nebula.listening import Answer, Answers, Choice, Participant, Resampling
from nebula.listening.preference import preferences, tally

QUICK = Resampling(resamples=200)


def answers_of(wins_by_listener):
    """Returns answers from (first, second, tied) counts of each listener."""
    rows = []
    for listener, counts in enumerate(wins_by_listener):
        choices = [("chosen", "passed")] * counts[0] + [("passed", "chosen")] * counts[1] + [("tied",) * 2] * counts[2]
        for trial, pair in enumerate(choices):
            for position, (system, choice) in enumerate(zip(("drum", "tuned"), pair, strict=True)):
                rows.append(
                    Answer(
                        participant=f"p{listener}",
                        trial=str(trial),
                        item=f"sound {trial}",
                        system=system,
                        position=(position + trial) % 2,
                        choice=Choice(choice),
                    )
                )
    return Answers(tuple(Participant(key=f"p{n}") for n in range(len(wins_by_listener))), tuple(rows))


def test_listeners_and_answers_are_counted_by_hand():
    (found,) = preferences(answers_of([(5, 1, 0), (4, 2, 0), (3, 3, 0), (0, 0, 6), (6, 0, 0), (2, 3, 1)]), QUICK)
    assert (found.first, found.second) == ("drum", "tuned")
    assert (found.listeners.first, found.listeners.second, found.listeners.tied) == (3, 1, 2)
    assert (found.answers.first, found.answers.second, found.answers.tied) == (20, 9, 7)
    # Of four coins three or more alike: 2 (4 + 1) / 16.
    assert found.listeners.p_value == pytest.approx(10 / 16, rel=1e-12)
    assert found.p_holm == found.listeners.p_value
    assert found.share.value == pytest.approx(23.5 / 36, rel=1e-12)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_unanimity_in_closed_form(count):
    found = tally(count, 0)
    assert found.p_value == pytest.approx(2.0 ** (1 - count), rel=1e-12)
    assert found.share.low == pytest.approx(0.025 ** (1 / count), rel=1e-9)
    assert (found.share.value, found.share.high) == (1.0, 1.0)


@pytest.mark.parametrize("count", range(1, 60, 7))
def test_the_test_holds_its_level_and_the_interval_its_coverage_exactly(count):
    # Summed over all outcomes, so that there is no chance in it.
    outcomes = [tally(first, count - first) for first in range(count + 1)]
    alarms = sum(stats.binom.pmf(n, count, 0.5) for n, found in enumerate(outcomes) if found.p_value <= 0.05)
    assert alarms <= 0.05
    for share in (0.02, 0.3, 0.5, 0.6, 0.97):
        covered = sum(
            stats.binom.pmf(n, count, share)
            for n, found in enumerate(outcomes)
            if found.share.low <= share <= found.share.high
        )
        assert covered >= 0.95


def test_ties_alone_say_nothing():
    (found,) = preferences(answers_of([(0, 0, 4), (0, 0, 4)]), QUICK)
    assert (found.listeners.p_value, found.listeners.share, found.listeners.tied) == (1.0, None, 2)
    assert found.share.value == 0.5


def test_listeners_are_the_unit_because_answers_are_not_independent():
    # Listeners of strong but opposite tastes: 20 listeners, 20 answers each, nobody right. The test over listeners
    # holds 5 %; the one over answers cries wolf most of the time. 200 repeats: four standard errors are 6.2 %.
    generator = np.random.default_rng(3)
    tastes = generator.beta(0.5, 0.5, size=(200, 20))
    wins = generator.binomial(20, tastes)
    by_listener = [tally(int((row > 10).sum()), int((row < 10).sum())).p_value <= 0.05 for row in wins]
    by_answer = [tally(int(row.sum()), int(400 - row.sum())).p_value <= 0.05 for row in wins]
    assert np.mean(by_listener) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 200)
    assert np.mean(by_answer) > 0.5


def test_a_known_preference_is_recovered(choosing):
    covered = found = 0
    for seed in range(20):
        answers = choosing({"drum": math.log(0.7 / 0.3), "tuned": 0.0}, 12, 12, seed, ties=0.1)
        (preference,) = preferences(answers, QUICK)
        covered += preference.share.low <= 0.9 * 0.7 + 0.05 <= preference.share.high
        found += preference.listeners.p_value <= 0.05
    # At 93 % each, fewer than 15 of 20 cover with probability 0.003 %; 12 listeners at 70:30 mostly agree.
    assert covered >= 15
    assert found >= 15


def test_three_systems_are_compared_in_pairs_and_corrected(choosing):
    found = preferences(choosing({"a": 2.0, "b": 0.0, "c": 0.0}, 14, 4, seed=1), QUICK)
    assert [(each.first, each.second) for each in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    smallest = min(each.listeners.p_value for each in found)
    assert min(each.p_holm for each in found) == pytest.approx(3 * smallest, rel=1e-12)
    assert all(each.p_holm >= each.listeners.p_value for each in found)


def test_neither_the_order_of_rows_nor_of_slots_matters(choosing):
    answers = choosing({"a": 0.5, "b": 0.0}, 5, 6, seed=2, ties=0.2)
    shuffled = Answers(answers.participants[::-1], answers.rows[::-1])
    assert preferences(shuffled, QUICK) == preferences(answers, QUICK)
