"""Repeated draws and intervals against closed forms and laws of large numbers."""

import math

import numpy as np
import pytest
import torch
from vector_sets import mean_distance, normal, refused

from nebula.discrepancy import (
    Interval,
    Trials,
    diversity,
    diversity_by_partitions,
    mean_interval,
    mmd,
    mmd_trials,
)


@pytest.mark.parametrize("sounds", [40, 41])
def test_partitions_average_to_diversity(sounds: int) -> None:
    # Four standard errors miss once in 16,000 seeds.
    x = normal(sounds, 10)
    trials = diversity_by_partitions(x, partitions=500, seed=1)
    assert len(trials.values) == 500
    error = trials.standard_deviation / math.sqrt(500)
    assert trials.mean == pytest.approx(diversity(x).item(), rel=0, abs=4 * error)


def test_trials_over_whole_sets_are_the_mmd_itself() -> None:
    x, y = normal(12, 4), normal(12, 4, seed=1)
    trials = mmd_trials(x, y, subset_size=12, trials=3)
    assert trials.values == pytest.approx([mmd(x, y).item()] * 3, rel=1e-12)
    assert trials.standard_deviation == pytest.approx(0, abs=1e-12)


def test_trials_average_to_the_expectation_over_subsets() -> None:
    # Subsets of s leave d(x, y) unbiased and keep (s - 1) / s of the mean distance of distinct pairs. Four standard
    # errors miss once in 16,000 seeds.
    x, y = normal(20, 3), normal(25, 3, seed=1) + 0.5
    expected = 2 * mean_distance(x, y) - 0.8 * (mean_distance(x, x) * 20 / 19 + mean_distance(y, y) * 25 / 24)
    trials = mmd_trials(x, y, subset_size=5, trials=1000, seed=7)
    assert trials.mean == pytest.approx(expected, rel=0, abs=4 * trials.standard_deviation / math.sqrt(1000))


def test_trials_by_distances_and_by_sorting_agree() -> None:
    # Two trials of 3 in 60 sounds are cheaper by sorting, 200 by distances; a seed draws the same first ones.
    x, y = normal(40, 300), normal(20, 300, seed=1, dtype=torch.float32)
    few, many = mmd_trials(x, y, 3, trials=2, seed=5), mmd_trials(x, y, 3, trials=200, seed=5)
    assert few.values == pytest.approx(many.values[:2], rel=1e-10)
    assert mmd_trials(x, y, 3, trials=2, seed=5) == few
    assert mmd_trials(x, y, 3, trials=2, seed=6) != few


def test_trials_summary() -> None:
    trials = Trials((1.0, 2.0, 4.0))
    assert trials.mean == pytest.approx(7 / 3)
    assert trials.standard_deviation == pytest.approx(math.sqrt(7 / 3))
    assert trials.interval(0.9) == mean_interval([1.0, 2.0, 4.0], 0.9)


def test_interval_of_two_values_is_the_cauchy_quantile() -> None:
    # With one degree of freedom t is Cauchy: tan(pi (0.75 - 0.5)) = 1 at level 0.5.
    interval = mean_interval([1.0, 3.0], level=0.5)
    assert (interval.low, interval.mean, interval.high) == pytest.approx((1.0, 2.0, 3.0), rel=1e-12)
    assert mean_interval([5.0]) == Interval(5.0, -math.inf, math.inf, 0.95)
    # What is never below 0 has no interval that is; one of rounding errors still has its mean within.
    assert mean_interval([0.1, 0.9], least=0.0).low == 0.0
    assert mean_interval([0.1, 0.9], least=0.0).high == mean_interval([0.1, 0.9]).high
    assert mean_interval([5.0], least=0.0) == Interval(5.0, 0.0, math.inf, 0.95)
    assert mean_interval([-1e-12, -1e-12], least=0.0).low == -1e-12
    assert mean_interval([5.0, 5.0, 5.0]) == Interval(5.0, 5.0, 5.0, 0.95)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_interval_covers_as_often_as_it_says(level: float) -> None:
    # Exact for normal values; four binomial standard errors miss once in 16,000 seeds.
    generator = np.random.default_rng(0)
    intervals = [mean_interval(generator.normal(3.0, 2.0, 5), level) for _ in range(2000)]
    covered = np.mean([interval.low <= 3.0 <= interval.high for interval in intervals])
    assert covered == pytest.approx(level, rel=0, abs=4 * math.sqrt(level * (1 - level) / 2000))


def test_refuses_subsets_partitions_and_levels_out_of_range() -> None:
    x = normal(6, 2)
    with refused("subset_size: got 7, expected 1 to 6, the smaller set's size"):
        mmd_trials(x, x, 7)
    with refused("subset_size: got 0, expected 1 to 6, the smaller set's size"):
        mmd_trials(x, x, 0)
    with refused("trials: got 1, expected 2 or more"):
        mmd_trials(x, x, 2, trials=1)
    with refused("partitions: got 1, expected 2 or more"):
        diversity_by_partitions(x, partitions=1)
    with refused("seed: got -1, expected 0 or more"):
        diversity_by_partitions(x, seed=-1)
    for level in (0.0, 1.0, math.nan):
        with refused(f"level: got {level}, expected a number above 0 and below 1"):
            mean_interval([1.0, 2.0], level)
    with refused("values: got shape (0,), expected a flat sequence of at least one number"):
        mean_interval([])
    with refused("values: got nan, expected finite numbers"):
        mean_interval([1.0, math.nan])
