"""The bootstrap: its coverage, and its bounds where they are known."""

import math

import numpy as np
import pytest

from nebula.errors import ArgumentError
from nebula.evaluation import bootstrap_interval


@pytest.mark.parametrize(("count", "coverage"), [(5, 0.83), (10, 0.90), (40, 0.94)])
def test_it_covers_the_mean_as_often_as_it_says(count, coverage):
    generator = np.random.default_rng(3)
    repeats = 1000
    intervals = [bootstrap_interval(generator.normal(size=count), seed=i, resamples=500) for i in range(repeats)]
    covered = np.mean([interval.low <= 0 <= interval.high for interval in intervals])
    # Four standard errors of a share, and half a percent for what the docstring rounds.
    assert covered == pytest.approx(coverage, abs=0.005 + 4 * math.sqrt(coverage * (1 - coverage) / repeats))


def test_two_values_give_their_own_range():
    # All resamples of (0, 1) are alike with probability 1/4 each: both 2.5 % quantiles lie on the ends.
    interval = bootstrap_interval([0.0, 1.0])
    assert (interval.low, interval.mean, interval.high) == (0, 0.5, 1)


def test_one_value_says_nothing_about_others():
    interval = bootstrap_interval([0.3])
    assert (interval.low, interval.mean, interval.high) == (-math.inf, 0.3, math.inf)


def test_many_values_give_the_normal_interval():
    values = np.random.default_rng(1).uniform(size=2000)
    interval = bootstrap_interval(values, seed=2, resamples=4000)
    half = 1.96 * values.std() / math.sqrt(len(values))
    # A quantile of 4,000 resamples has a standard error of 0.042 of their deviation.
    assert interval.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_values_of_one_group_count_as_one_draw():
    values = np.random.default_rng(1).uniform(size=30)
    alone = bootstrap_interval(values, seed=2)
    takes = bootstrap_interval(np.repeat(values, 5), seed=2, groups=np.repeat(np.arange(30), 5))
    assert (takes.mean, takes.low, takes.high) == pytest.approx((alone.mean, alone.low, alone.high))
    assert bootstrap_interval([0.1, 0.5], groups=[7, 7]).high == math.inf


def test_the_seed_decides():
    values = np.random.default_rng(1).uniform(size=9)
    assert bootstrap_interval(values, seed=1) == bootstrap_interval(values, seed=1)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values, seed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "values: got shape (0,), expected a flat sequence of finite numbers"),
        (([1.0, math.nan],), "values: got shape (2,), expected a flat sequence of finite numbers"),
        (([1.0], 1.0), "level: got 1.0, expected above 0 and below 1"),
        (([1.0], 0.9, 0, 0), "resamples: got 0, expected 1 or more"),
        (([1.0], 0.9, 0, 9, [1, 2]), "groups: got shape (2,), expected (1,) as values have"),
    ],
)
def test_what_is_wrong_is_said(arguments, message):
    with pytest.raises(ArgumentError) as raised:
        bootstrap_interval(*arguments)
    assert str(raised.value) == message
