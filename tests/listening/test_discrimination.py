"""Telling two sounds apart: the models by simulation, their inverses, and exact tests summed over all outcomes."""

import math

import numpy as np
import pytest
from scipy import stats

from nebula.errors import ArgumentError
from nebula.listening.discrimination import abx, abx_share, same_different, same_different_share


@pytest.mark.parametrize("d_prime", [0.0, 0.5, 1.5, 3.0])
def test_shares_are_those_of_listeners_who_compare_by_differences(d_prime):
    generator = np.random.default_rng(2)
    trials = 200_000
    first, second = generator.normal(0, 1, trials), generator.normal(d_prime, 1, trials)
    heard = generator.normal(0, 1, trials)
    right = np.mean(np.abs(heard - first) < np.abs(heard - second))
    called = np.mean(np.abs(first - second) > 1.2)
    # Four standard errors of a share of 200,000.
    assert abx_share(d_prime) == pytest.approx(right, abs=4 * 0.5 / math.sqrt(trials))
    assert same_different_share(d_prime, 1.2) == pytest.approx(called, abs=4 * 0.5 / math.sqrt(trials))


def test_ends_of_the_models_in_closed_form():
    assert abx_share(0.0) == 0.5
    assert abx_share(40.0) == 1.0
    assert same_different_share(0.0, 0.0) == 1.0
    assert same_different_share(0.0, math.sqrt(2) * stats.norm.isf(0.05)) == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize(("right", "trials"), [(1, 1), (9, 10), (40, 40), (700, 1000)])
def test_d_prime_of_abx_gives_the_share_back(right, trials):
    assert abx_share(abx(right, trials).d_prime) == pytest.approx((right + 0.5) / (trials + 1), rel=1e-9)


@pytest.mark.parametrize(("hits", "false_alarms"), [(20, 0), (15, 5), (20, 19)])
def test_d_prime_of_same_or_different_gives_both_shares_back(hits, false_alarms):
    alarmed = (false_alarms + 0.5) / 21
    criterion = math.sqrt(2) * stats.norm.isf(alarmed / 2)
    d_prime = same_different(hits, 20, false_alarms, 20).d_prime
    assert same_different_share(0.0, criterion) == pytest.approx(alarmed, rel=1e-9)
    assert same_different_share(d_prime, criterion) == pytest.approx((hits + 0.5) / 21, rel=1e-9)


@pytest.mark.parametrize("trials", [1, 2, 3, 16])
def test_the_test_of_abx_holds_its_level_and_intervals_stay_on_their_scale(trials):
    outcomes = [abx(right, trials) for right in range(trials + 1)]
    alarms = sum(stats.binom.pmf(n, trials, 0.5) for n, found in enumerate(outcomes) if found.p_value <= 0.05)
    assert alarms <= 0.05
    for right, found in enumerate(outcomes):
        assert 0 <= found.right.low <= found.right.value <= found.right.high <= 1
        assert math.isfinite(found.d_prime)
        assert (found.d_prime > 0) == (2 * right > trials)


@pytest.mark.parametrize("pairs", [1, 3, 8])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_test_of_same_or_different_holds_its_level_whatever_the_criterion(pairs, share):
    chances = stats.binom.pmf(range(pairs + 1), pairs, share)
    alarms = sum(
        chances[hits] * chances[false_alarms]
        for hits in range(pairs + 1)
        for false_alarms in range(pairs + 1)
        if same_different(hits, pairs, false_alarms, pairs).p_value <= 0.05
    )
    assert alarms <= 0.05


def test_by_hand():
    # Of four right answers in four trials: 1 / 2^4. Of three hits and no false alarm in six pairs: 1 / (6 over 3).
    assert abx(4, 4).p_value == pytest.approx(1 / 16, rel=1e-12)
    assert same_different(3, 3, 0, 3).p_value == pytest.approx(1 / 20, rel=1e-12)
    assert same_different(0, 3, 3, 3).d_prime == 0.0


@pytest.mark.parametrize(("right", "trials"), [(-1, 3), (4, 3), (0, 0)])
def test_counts_that_cannot_be_are_refused(right, trials):
    with pytest.raises(ArgumentError, match=rf"^right: got {right} of {trials}, expected 0 or more of 1 or more"):
        abx(right, trials)
