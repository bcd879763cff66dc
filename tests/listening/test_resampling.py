"""Intervals over listeners and sounds: their coverage, and their bounds where these are known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening.resampling import (
    Resampling,
    least_listeners,
    two_way_intervals,
    weighted_means,
    weighted_medians,
)


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
    [(6, 6, 1, 1, 1), (8, 8, 1, 0, 1), (8, 8, 0, 1, 1), (8, 8, 0, 0, 1), (8, 8, 1, 1, 0.01), (10, 24, 1, 1, 1)],
)
@pytest.mark.parametrize("scale", ["none", "choices", "ratings"])
def test_intervals_cover_as_often_as_they_say(listeners, items, of_listeners, of_items, of_answers, scale):
    generator = np.random.default_rng(5)
    listener, item = crossed(listeners, items)
    deviation = math.hypot(of_listeners, of_items, of_answers)
    # Choices of which 79 in 100 are the same, and ratings of which a quarter are at the end of their scale. Both are
    # sums over sounds that a normal variable is rounded to, so that the means are known.
    steps = {"none": [], "choices": [-0.8], "ratings": np.arange(-92.5, 8)[1:] / 12}[scale]
    truth = sum(stats.norm.sf(np.array(steps)))
    bounds = {"none": (-np.inf, np.inf), "choices": (0.0, 1.0), "ratings": (0.0, 100.0)}[scale]
    repeats, covered = 150, 0
    for seed in range(repeats):
        values = (
            generator.normal(0, of_listeners, (listeners, 1))
            + generator.normal(0, of_items, items)
            + generator.normal(0, of_answers, (listeners, items))
        )
        if len(steps):
            values = np.searchsorted(steps, values / deviation).astype(float)
        estimate = mean_interval(values.ravel(), listener, item, Resampling(resamples=150, seed=seed), bounds)
        assert bounds[0] <= estimate.low <= estimate.value <= estimate.high <= bounds[1]
        covered += estimate.low <= truth <= estimate.high
    # The documented 91 to 99 %, and four standard errors of a share of 150.
    assert 0.91 - 4 * math.sqrt(0.91 * 0.09 / repeats) <= covered / repeats
    assert covered / repeats <= 0.99 + 4 * math.sqrt(0.99 * 0.01 / repeats)


@pytest.mark.parametrize(("level", "least"), [(0.5, 2), (0.75, 3), (0.9, 5), (0.95, 6), (0.99, 8), (0.999, 11)])
def test_an_interval_takes_as_many_listeners_as_one_from_end_to_end_would(level, least):
    assert least_listeners(level) == least
    # All on one side of the median: 2 / 2^n.
    assert 2.0 ** (1 - least) <= 1 - level + 1e-12 < 2.0 ** (2 - least)


@pytest.mark.parametrize("listeners", range(1, 6))
def test_fewer_listeners_have_no_interval_and_are_told_how_many_it_takes(listeners):
    values = np.random.default_rng(listeners).uniform(0, 100, listeners * 8)
    estimate = mean_interval(values, *crossed(listeners, 8), Resampling(), (0.0, 100.0))
    noun = "listener" if listeners == 1 else "listeners"
    assert (estimate.low, estimate.high) == (None, None)
    assert estimate.withheld == f"{listeners} {noun}; an interval takes 6"
    assert estimate.value == pytest.approx(values.mean(), rel=1e-12)


def test_each_figure_counts_its_own_listeners():
    generator = np.random.default_rng(0)
    listener, item = crossed(8, 6)
    group = (listener >= 3).astype(int)
    few, many = two_way_intervals(
        weighted_means(generator.normal(size=48), group, 2),
        listener,
        item,
        Resampling(resamples=50),
        concerned=group[:, None] == np.arange(2),
    )
    assert few.withheld == "3 listeners; an interval takes 6"
    assert (many.withheld, many.low is None) == ("5 listeners; an interval takes 6", True)


@pytest.mark.parametrize("items", [2, 5])
def test_of_few_sounds_the_interval_is_over_listeners_and_holds_for_these(items):
    # Sounds far apart, of which all listeners say the same but for what they say of everything.
    own = np.random.default_rng(9).normal(size=30)
    listener, item = crossed(30, items)
    estimate = mean_interval(own[listener] + 100.0 * item, listener, item, Resampling(resamples=4000, seed=1))
    student = stats.t.interval(0.95, 29, own.mean(), stats.sem(own))
    assert (estimate.high - estimate.low) / (student[1] - student[0]) == pytest.approx(1, abs=0.1)


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


@pytest.mark.parametrize("listeners", [6, 20, 100])
def test_where_all_are_at_the_end_of_a_scale_the_interval_is_clopper_and_pearsons(listeners):
    estimate = mean_interval(np.full(4 * listeners, 1.0), *crossed(listeners, 4), Resampling(resamples=20), (0.0, 1.0))
    exact = stats.binomtest(listeners, listeners).proportion_ci(0.95, method="exact")
    assert (estimate.low, estimate.high) == pytest.approx((exact.low, 1.0), rel=1e-12)


@pytest.mark.parametrize("value", [0.0, 20.0, 50.0, 100.0])
def test_where_all_agree_the_interval_covers_whatever_those_who_were_not_asked_say(value):
    # A share p says `value` and the rest are at either end: the mean is outside the interval only where p is so small
    # that six who all say `value` come up less often than once in forty.
    estimate = mean_interval(np.full(36, value), *crossed(6, 6), Resampling(resamples=20), (0.0, 100.0))
    for share in np.linspace(0, 1, 101):
        for end in (0.0, 100.0):
            mean = share * value + (1 - share) * end
            assert estimate.low - 1e-9 <= mean <= estimate.high + 1e-9 or share**6 <= 0.025


def test_where_all_agree_and_the_scale_has_no_ends_the_interval_is_withheld():
    estimate = mean_interval(np.full(24, 0.25), *crossed(6, 4), Resampling(resamples=20))
    assert (estimate.value, estimate.low, estimate.withheld) == (0.25, None, "all of 6 listeners said the same")


def test_where_all_agree_the_median_is_settled():
    listener, item = crossed(6, 4)
    statistic = weighted_medians(np.full(24, 100.0), np.zeros(24, dtype=int), 1)
    (estimate,) = two_way_intervals(statistic, listener, item, Resampling(resamples=20), bounds=None)
    assert (estimate.value, estimate.low, estimate.high) == (100.0, 100.0, 100.0)


@given(
    ratings=arrays(np.int64, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8), elements=st.integers(0, 4)),
    seed=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_nothing_leaves_its_scale_whatever_was_answered(ratings, seed):
    listener, item = crossed(*ratings.shape)
    values, resampling = 25.0 * ratings.ravel(), Resampling(resamples=40, seed=seed)
    halves = listener % 2
    means, medians = weighted_means(values, halves, 2), weighted_medians(values, halves, 2)
    concerned = halves[:, None] == np.arange(2)
    if len(ratings) == 1:
        means, medians, concerned = (
            weighted_means(values, halves, 1),
            weighted_medians(values, halves, 1),
            concerned[:, :1],
        )
    found = two_way_intervals(means, listener, item, resampling, (0.0, 100.0), concerned)
    found += two_way_intervals(medians, listener, item, resampling, None, concerned)
    for estimate in found:
        assert 0 <= estimate.value <= 100
        assert (estimate.low is None) == (estimate.high is None) == (estimate.withheld != "")
        if estimate.low is not None:
            assert 0 <= estimate.low <= estimate.value + 1e-9
            assert estimate.value - 1e-9 <= estimate.high <= 100


def test_the_seed_decides():
    values = np.random.default_rng(1).uniform(size=24)
    results = [mean_interval(values, *crossed(6, 4), Resampling(seed=seed, resamples=50)) for seed in (1, 1, 2)]
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
