"""Equation (1): its sign by hand, its expectation under chance, and its agreement with scipy."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from nebula.errors import ArgumentError
from nebula.evaluation.ranking import draw_triples, order_preset, signed_distances

LINE = np.abs(np.arange(4.0)[:, None] - np.arange(4.0))


def random_distances(count, generator):
    upper = np.triu(generator.exponential(size=(count, count)), 1)
    return upper + upper.T


def test_the_sign_is_negative_towards_the_lower_sound():
    # s = 1, s_l = 0, s_h = 3 on a line: 0 is below, 2 and 3 are above.
    np.testing.assert_array_equal(signed_distances(LINE, 1, np.array([0]), np.array([3])), [[-1, 1, 2]])
    # Exchanging the lower and the higher sound turns every sign.
    np.testing.assert_array_equal(signed_distances(LINE, 1, np.array([3]), np.array([0])), [[1, -1, -2]])


def test_a_tie_is_neither_below_nor_above():
    # Sound 2 is as far from 0 as from 4.
    line = np.abs(np.arange(5.0)[:, None] - np.arange(5.0))
    np.testing.assert_array_equal(signed_distances(line, 1, np.array([0]), np.array([4])), [[-1, 0, 2, 3]])


def test_a_case_by_hand():
    # On a line of four, from s = 2: s_l = 0 or 1 and s_h = 3 give -2, -1, 1, in order. From s = 1 by symmetry.
    assert order_preset(LINE, [1, 2, 3, 4]).spearman == pytest.approx(1, abs=1e-12)
    # The ends change places.
    swapped = LINE[np.ix_([3, 1, 2, 0], [3, 1, 2, 0])]
    expected = []
    for middle, low, high in ((1, 0, 2), (1, 0, 3), (2, 0, 3), (2, 1, 3)):
        others = [place for place in range(4) if place != middle]
        values = [swapped[middle, other] * np.sign(swapped[low, other] - swapped[high, other]) for other in others]
        expected.append(spearmanr(others, values).statistic)
    assert order_preset(swapped, [1, 2, 3, 4]).spearman == pytest.approx(np.mean(expected), abs=1e-12)


@pytest.mark.parametrize("ranks", [list(range(9)), [1, 1, 2, 2, 3, 3, 4], [1, 1, 1, 2, 5, 5]])
def test_agrees_with_scipy_over_all_choices(ranks):
    distances = random_distances(len(ranks), np.random.default_rng(4)).round(1)
    by_middle = []
    for middle, rank in enumerate(ranks):
        others = [place for place in range(len(ranks)) if place != middle]
        values = []
        for low in (place for place in others if ranks[place] < rank):
            for high in (place for place in others if ranks[place] > rank):
                signed = distances[middle] * np.sign(distances[low] - distances[high])
                values.append(spearmanr(np.array(ranks)[others], signed[others]).statistic)
        if values:
            by_middle.append(np.mean(values))
    assert order_preset(distances, ranks, limit=10_000).spearman == pytest.approx(np.mean(by_middle), abs=1e-12)


def test_three_sounds_score_1_whatever_the_distance():
    row = order_preset(random_distances(3, np.random.default_rng(0)), [5, 6, 9])
    assert (row.spearman, row.chance, row.ideal) == pytest.approx((1, 1, 1), abs=1e-12)


def test_the_ideal_is_differences_in_rank_and_stays_below_1_from_five_sounds_on():
    ranks = np.array([21.0, 30, 31, 50, 80])
    row = order_preset(np.abs(ranks[:, None] - ranks), ranks)
    assert row.spearman == row.ideal
    assert 0.5 < row.ideal < 1
    # The paper's example: from 80, with 31 below and 81 above, 79 counts as above.
    order = np.array([31.0, 79, 80, 81])
    spread = np.abs(order[:, None] - order)
    np.testing.assert_array_equal(signed_distances(spread, 2, np.array([0]), np.array([3])), [[-49, 1, 1]])


@pytest.mark.parametrize("ranks", [list(range(5)), list(range(12)), [1, 1, 2, 2, 2, 3, 4, 4]])
def test_random_distances_score_chance(ranks):
    generator = np.random.default_rng(1)
    rows = [order_preset(random_distances(len(ranks), generator), ranks, limit=60) for _ in range(250)]
    scores = [row.spearman for row in rows]
    # Four standard errors: wrong once in 16,000 seeds.
    assert np.mean(scores) == pytest.approx(rows[0].chance, abs=4 * np.std(scores) / np.sqrt(len(scores)))


@pytest.mark.parametrize("sounds", [4, 7, 20])
def test_chance_in_closed_form(sounds):
    # The mean over all choices is 3m / (2 (m^2 - 1)); the limit lets all of them in.
    others = sounds - 1
    row = order_preset(random_distances(sounds, np.random.default_rng(2)), range(sounds), limit=10**5)
    assert row.chance == pytest.approx(3 * others / (2 * (others**2 - 1)), rel=1e-12)


def test_a_constant_distance_puts_only_its_two_anchors_in_order():
    sounds = 6
    constant = 1 - np.eye(sounds)
    # Ranks -a, 0 ... 0, +a: the correlation of (x_h - x_l) (m - 1) / 2 with norms (m - 1)^2 / 2 and (m^3 - m) / 12.
    others = sounds - 1
    expected = others / 2 / np.sqrt(2 * (others**3 - others) / 12)
    assert order_preset(constant, range(sounds), limit=10**4).spearman == pytest.approx(expected, rel=1e-12)


def test_sounds_that_are_all_alike_score_0():
    assert order_preset(np.zeros((5, 5)), range(5)).spearman == 0


def test_reversing_the_ranks_changes_nothing():
    distances = random_distances(8, np.random.default_rng(3))
    forwards = order_preset(distances, range(8), limit=10**4)
    backwards = order_preset(distances, [-rank for rank in range(8)], limit=10**4)
    assert forwards.spearman == pytest.approx(backwards.spearman, abs=1e-12)


def test_a_distance_that_calls_far_near_scores_below_chance():
    ranks = np.arange(12.0)
    spread = np.abs(ranks[:, None] - ranks)
    row = order_preset(np.where(spread > 0, 20 - spread, 0), ranks, limit=10**4)
    assert row.spearman < row.chance - 0.2


def test_draws_lie_below_and_above_and_weigh_every_middle_the_same():
    ranks = np.array([3.0, 1, 2, 2, 5, 4])
    for limit in (10, 10**4):
        draws = draw_triples(ranks, limit, seed=5)
        assert (ranks[draws.low] < ranks[draws.middle]).all()
        assert (ranks[draws.middle] < ranks[draws.high]).all()
        assert draws.weight.sum() == pytest.approx(1, abs=1e-12)
    weights = [draws.weight[draws.middle == middle].sum() for middle in (0, 2, 3, 5)]
    np.testing.assert_allclose(weights, 0.25, rtol=1e-12)


def test_random_draws_estimate_the_whole_sum():
    distances = random_distances(10, np.random.default_rng(6))
    whole = order_preset(distances, range(10), limit=10**5).spearman
    parts = [order_preset(distances, range(10), limit=50, seed=seed).spearman for seed in range(60)]
    assert np.mean(parts) == pytest.approx(whole, abs=4 * np.std(parts) / np.sqrt(60))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_triples([1, 1, 2]), "ranks: got 2 different ones, expected at least 3"),
        (lambda: draw_triples([1, 2, 3], 0), "limit: got 0, expected 1 or more"),
        (
            lambda: order_preset(LINE, [1, 2, 3]),
            "distances: got shape (4, 4), expected 3 by 3 as the ranks",
        ),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert str(raised.value) == message
