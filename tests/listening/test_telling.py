"""Which systems are told apart: counts that are right by hand, tests that hold their level, intervals that cover."""

from itertools import chain

import numpy as np
import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening import (
    Answer,
    Answers,
    Choice,
    Method,
    Participant,
    Plan,
    Resampling,
    abx,
    analyse,
    methods_paragraph,
    same_different,
)
from nebula.listening.discrimination import abx_share, same_different_share
from nebula.listening.telling import discriminations

QUICK = Resampling(resamples=200, seed=3)
CHOSEN = (Choice.CHOSEN, Choice.PASSED)


def rows(listener, trial, choices, right):
    """Returns the two rows of one trial."""
    return [
        Answer(
            participant=f"p{listener}",
            trial=str(trial),
            item=f"sound {trial}",
            system=system,
            position=position,
            choice=choice,
            right=right,
        )
        for position, (system, choice) in enumerate(zip(("copy", "original"), choices, strict=True))
    ]


def answered(trials, listeners=1):
    """Returns the answers of some listeners."""
    people = tuple(Participant(key=f"p{listener}") for listener in range(listeners))
    return Answers(people, tuple(chain.from_iterable(trials)))


def told(method, listeners, trials, d_prime, generator):
    """Returns answers of listeners who compare by differences."""
    found = []
    for listener in range(listeners):
        for trial in range(trials):
            if method is Method.ABX:
                right = generator.random() < abx_share(d_prime)
                choices = CHOSEN if generator.random() < 0.5 else CHOSEN[::-1]
            else:
                differ = generator.random() < 0.5
                called = generator.random() < same_different_share(d_prime if differ else 0.0, 1.5)
                right = called == differ
                choices = (Choice.DIFFERENT if called else Choice.SAME,) * 2
            found.append(rows(listener, trial, choices, bool(right)))
    return answered(found, listeners)


def test_answers_of_abx_are_counted_and_tested_together_and_alone():
    given = [rows(0, trial, CHOSEN, trial < 9) for trial in range(10)] + [rows(1, n, CHOSEN, True) for n in (0, 1)]
    (found,) = discriminations(answered([*given, rows(1, 2, (Choice.TIED,) * 2, None)], 2), QUICK)
    assert (found.first, found.second, found.trials, found.tied) == ("copy", "original", 12, 1)
    assert found.right.value == pytest.approx(11 / 12)
    assert (found.p_value, found.d_prime.value) == (abx(11, 12).p_value, abx(11, 12).d_prime)
    alone = [(each.listener, each.right, each.trials, each.p_value) for each in found.listeners]
    assert alone == [("p0", 9, 10, abx(9, 10).p_value), ("p1", 2, 2, 0.25)]
    assert [each.p_holm for each in found.listeners] == [2 * abx(9, 10).p_value, 0.25]
    assert (found.hits, found.false_alarms) == (None, None)


def test_answers_of_same_or_different_are_hits_and_false_alarms():
    different, same = (Choice.DIFFERENT,) * 2, (Choice.SAME,) * 2
    said = [(different, True)] * 7 + [(same, False)] * 3 + [(same, True)] * 8 + [(different, False)] * 2
    trials = [rows(0, number, choices, right) for number, (choices, right) in enumerate(said)]
    (found,) = discriminations(answered(trials), QUICK)
    expected = same_different(7, 10, 2, 10)
    assert (found.right.value, found.hits.value, found.false_alarms.value) == (0.75, 0.7, 0.2)
    assert (found.p_value, found.d_prime.value) == (expected.p_value, expected.d_prime)
    assert found.d_prime.low is None


@pytest.mark.parametrize("choice", [Choice.SAME, Choice.DIFFERENT])
def test_who_heard_pairs_of_one_kind_only_has_shown_nothing(choice):
    (found,) = discriminations(answered([rows(0, number, (choice, choice), True) for number in range(4)]), QUICK)
    assert (found.p_value, found.d_prime.value, found.listeners[0].d_prime) == (1.0, 0.0, 0.0)
    assert (found.hits is None, found.false_alarms is None) == (choice is Choice.SAME, choice is Choice.DIFFERENT)


@pytest.mark.parametrize("method", [Method.ABX, Method.SAME_DIFFERENT])
@pytest.mark.parametrize("listeners", [1, 4])
def test_tests_hold_their_level_where_nothing_can_be_told(method, listeners):
    """At fixed seeds: 5 % of 60 tests and four standard errors of that share."""
    generator = np.random.default_rng(7)
    alarms = sum(
        discriminations(told(method, listeners, 8, 0.0, generator), Resampling(resamples=2))[0].p_value <= 0.05
        for _ in range(60)
    )
    assert alarms <= 60 * 0.05 + 4 * np.sqrt(60 * 0.05 * 0.95)


@pytest.mark.parametrize("listeners", [10])
def test_intervals_cover_the_share_and_its_distance(listeners):
    """At fixed seeds: fewer than this many of 30 intervals of 95 % cover once in ten thousand."""
    generator = np.random.default_rng(5)
    covered = covered_distance = 0
    for _ in range(30):
        (found,) = discriminations(told(Method.ABX, listeners, 8, 1.5, generator), QUICK)
        covered += found.right.low <= abx_share(1.5) <= found.right.high
        covered_distance += found.d_prime.low <= 1.5 <= found.d_prime.high
        assert 0 <= found.right.low <= found.right.value <= found.right.high <= 1
    assert min(covered, covered_distance) >= stats.binom.ppf(1e-4, 30, 0.95)


@pytest.mark.parametrize("method", [Method.ABX, Method.SAME_DIFFERENT])
def test_what_was_told_apart_is_planned_found_and_said(method):
    answers = told(method, 8, 20, 3.0, np.random.default_rng(1))
    analysis = analyse(answers, Plan(method=method, resampling=QUICK, practice=1, tie=method is Method.ABX))
    (found,) = analysis.everyone.discriminations
    assert (analysis.everyone.ratings, analysis.everyone.preferences, analysis.everyone.strengths) == (None, (), ())
    text = methods_paragraph(analysis)
    assert f"copy and original were told apart (p < 0.0001): {found.right.value:.2f} (" in text
    assert f"d' was {found.d_prime.value:.2f}" in text
    assert "the toss of a coin" in text
    assert ("or that they cannot tell" in text) == (method is Method.ABX)
    assert ("called different" in text) == (method is Method.SAME_DIFFERENT)


def test_right_in_one_row_and_wrong_in_the_other_is_refused():
    one, other = rows(0, 0, CHOSEN, True)
    with pytest.raises(ArgumentError, match=r"^participant 'p0', trial '0': is right in one row and wrong in the othe"):
        answered([[one, rows(0, 0, CHOSEN, False)[1]]])
    with pytest.raises(ArgumentError, match=r"^answers: are right or wrong, which the method 'preference' has none of"):
        analyse(answered([[one, other]]), Plan(method=Method.PREFERENCE))
