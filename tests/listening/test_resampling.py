"""Intervals over listeners and sounds: their coverage, and their bounds where these are known."""

import math

import numpy as np
import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening.resampling import Resampling, two_way_intervals, weighted_means, weighted_medians


def crossed(listeners, items):
    """Returns listener and item of each answer where everyone answers about everything."""
    return np.repeat(np.arange(listeners), items), np.tile(np.arange(items), listeners)


def mean_interval(values, listener, item, resampling, bounds=(-np.inf, np.inf)):
    (estimate,) = two_way_intervals(
        weighted_means(values, np.zeros(len(values), dtype=int), 1), listener, item, resampling, bounds
    )
    return estimate


@pytest.mark.parametrize(
    ("listeners", "items", "of_listeners", "of_items", "of_answers"),
    [(8, 8, 1, 0, 1), (8, 8, 0, 1, 1), (8, 8, 0, 0, 1), (8, 8, 1, 1, 0.01), (10, 24, 1, 1, 1)],
)
def test_intervals_cover_as_often_as_they_say(listeners, items, of_listeners, of_items, of_answers):
    generator = np.random.default_rng(5)
    listener, item = crossed(listeners, items)
    repeats, covered = 150, 0
    for seed in range(repeats):
        values = (
            generator.normal(0, of_listeners, (listeners, 1))
            + generator.normal(0, of_items, items)
            + generator.normal(0, of_answers, (listeners, items))
        )
        estimate = mean_interval(values.ravel(), listener, item, Resampling(resamples=150, seed=seed))
        covered += estimate.low <= 0 <= estimate.high
    # The documented 93 to 99 %, and four standard errors of a share of 150.
    assert 0.93 - 4 * math.sqrt(0.93 * 0.07 / repeats) <= covered / repeats
    assert covered / repeats <= 0.99 + 4 * math.sqrt(0.99 * 0.01 / repeats)


def test_an_interval_over_sounds_alone_would_not_cover():
    # What the two-way interval is for: where listeners differ, one over answers covers half of the time at best.
    generator = np.random.default_rng(6)
    listener, item = crossed(8, 30)
    widths = []
    for seed in range(20):
        values = (generator.normal(0, 1, (8, 1)) + generator.normal(0, 1, (8, 30))).ravel()
        two_way = mean_interval(values, listener, item, Resampling(resamples=200, seed=seed))
        answers = mean_interval(values, np.arange(240), np.arange(240), Resampling(resamples=200, seed=seed))
        widths.append((two_way.high - two_way.low) / (answers.high - answers.low))
    assert np.mean(widths) > 3


def test_where_only_listeners_differ_it_is_students_interval_of_their_means():
    own = np.random.default_rng(7).normal(size=30)
    listener, item = crossed(30, 40)
    estimate = mean_interval(own[listener], listener, item, Resampling(resamples=4000, seed=1))
    student = stats.t.interval(0.95, 29, own.mean(), stats.sem(own))
    half = (student[1] - student[0]) / 2
    # Quantiles of 4,000 draws have a standard error of 2 % of the half width.
    assert estimate.value == pytest.approx(own.mean(), abs=1e-12)
    assert estimate.low == pytest.approx(student[0], abs=0.1 * half)
    assert estimate.high == pytest.approx(student[1], abs=0.1 * half)


def test_one_sound_leaves_the_interval_over_listeners():
    own = np.random.default_rng(8).normal(size=30)
    estimate = mean_interval(own, np.arange(30), np.zeros(30, dtype=int), Resampling(resamples=4000, seed=1))
    student = stats.t.interval(0.95, 29, own.mean(), stats.sem(own))
    assert (estimate.high - estimate.low) / (student[1] - student[0]) == pytest.approx(1, abs=0.1)


def test_one_listener_says_nothing_about_others():
    estimate = mean_interval(np.array([1.0, 2.0]), np.zeros(2, dtype=int), np.arange(2), Resampling())
    assert (estimate.value, estimate.low, estimate.high) == (1.5, None, None)


def test_answers_that_all_agree_leave_no_doubt():
    estimate = mean_interval(np.full(12, 0.25), *crossed(3, 4), Resampling())
    assert (estimate.value, estimate.low, estimate.high) == (0.25, 0.25, 0.25)


def test_bounds_hold():
    values = np.array([1.0, 1, 1, 1, 1, 0])
    estimate = mean_interval(values, *crossed(3, 2), Resampling(), (0.0, 1.0))
    assert estimate.high == 1.0


def test_the_seed_decides():
    values = np.random.default_rng(1).uniform(size=12)
    results = [mean_interval(values, *crossed(3, 4), Resampling(seed=seed, resamples=50)) for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


def test_weights_that_are_counts_give_the_figures_of_repeated_answers():
    generator = np.random.default_rng(2)
    values, groups = generator.integers(0, 10, 20).astype(float), generator.integers(0, 3, 20)
    weights = generator.integers(0, 4, (50, 20)).astype(float)
    means, medians = weighted_means(values, groups, 3)(weights), weighted_medians(values, groups, 3)(weights)
    for draw, row in enumerate(weights.astype(int)):
        for group in range(3):
            repeated = np.repeat(values[groups == group], row[groups == group])
            assert means[draw, group] == pytest.approx(np.mean(repeated), abs=1e-12)
            assert medians[draw, group] == np.median(repeated)


def test_a_group_without_weight_has_no_figure():
    values, groups = np.array([1.0, 2.0]), np.array([0, 1])
    for statistic in (weighted_means(values, groups, 2), weighted_medians(values, groups, 2)):
        assert np.isnan(statistic(np.array([[1.0, 0.0]]))).tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 1.0}, "level: got 1.0, expected above 0 and below 1"),
        ({"resamples": 1}, "resamples: got 1, expected 2 or more"),
        ({"seed": -1}, "seed: got -1, expected 0 or more"),
    ],
)
def test_what_is_wrong_is_said(arguments, message):
    with pytest.raises(ArgumentError) as raised:
        Resampling(**arguments)
    assert str(raised.value) == message
