"""Correlated draws: the identity leaves sounds as they are, and marginals and correlations are the ones asked for."""

import re

import numpy as np
import pytest
import torch
from scipy import stats

from nebula import PARAMETERS, Nebula, Voice, sample
from nebula.draws import Correlation
from nebula.errors import ArgumentError

#: Two pairs of parameters that go together, and 74 that do not.
ROWS = [(0.0, 0.0)] * len(PARAMETERS)
ROWS[0], ROWS[1], ROWS[5], ROWS[9] = (0.9, 0.0), (-0.8, 0.0), (0.0, 0.7), (0.0, 0.7)
PAIRS = Correlation(tuple(ROWS))


def test_marginals_stay_uniform_and_pairs_go_together():
    # 20,000 sounds. The rank correlation of a Gaussian copula is 6/pi asin(r/2) (Kruskal 1958), with a standard error
    # of at most 1/141; four of them. Kolmogorov-Smirnov on four columns at 1e-3 in all.
    draws = PAIRS.apply(sample(range(20_000)))
    for column in (0, 1, 5, 9):
        assert stats.kstest(draws[:, column].numpy(), "uniform").pvalue > 1e-3 / 4
    for first, second, wanted in ((0, 1, -0.72), (5, 9, 0.49), (0, 5, 0.0), (1, 30, 0.0)):
        found = stats.spearmanr(draws[:, first], draws[:, second]).statistic
        assert found == pytest.approx(6 / np.pi * np.arcsin(wanted / 2), abs=4 / 141)


def test_what_is_not_correlated_keeps_its_draw():
    unit = sample(range(50))
    rest = [column for column in range(len(PARAMETERS)) if column not in (0, 1, 5, 9)]
    # Through the normal quantile and back, in double precision: half a step of single precision at most.
    torch.testing.assert_close(PAIRS.apply(unit)[:, rest], unit[:, rest], rtol=0, atol=6e-8)


def test_a_row_has_the_same_bits_in_any_batch():
    together = PAIRS.apply(sample(range(150)))
    for part in (range(1), range(77, 150), range(3, 70)):
        assert torch.equal(PAIRS.apply(sample(part)), together[part.start : part.stop])


def test_the_ends_of_the_interval_stay_in_it():
    ends = torch.tensor([[0.0] * len(PARAMETERS), [1.0] * len(PARAMETERS)])
    draws = PAIRS.apply(ends)
    assert bool(((draws >= 0) & (draws <= 1)).all())


def test_gradients_pass_through():
    unit = sample([1]).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda u: PAIRS.apply(u)[:, :2], unit, eps=1e-6, atol=1e-5)


def test_the_voice_plays_correlated_draws():
    drum = Nebula.load("drum")
    correlated = Nebula(drum.curves, drum.symmetric, "correlated", PAIRS)
    voice = Voice(duration_seconds=0.1)
    seeds = [3, 4]
    assert torch.equal(
        voice.play(seeds, correlated), voice.render(PAIRS.apply(sample(seeds)), drum, torch.tensor(seeds))
    )
    assert not torch.equal(voice.play(seeds, correlated), voice.play(seeds, drum))


def test_a_row_of_a_large_panel_has_the_same_bits_in_any_batch():
    generator = torch.Generator().manual_seed(2)
    loadings = (torch.rand((340, 3), generator=generator, dtype=torch.float64) - 0.5).tolist()
    large = Correlation(tuple(map(tuple, loadings)))
    unit = torch.rand((80, 340), generator=generator)
    together = large.apply(unit)
    for rows in (1, 3, 64):
        assert torch.equal(torch.cat([large.apply(part) for part in unit.split(rows)]), together)


def test_no_draws_are_none():
    assert PAIRS.apply(sample([])).shape == (0, len(PARAMETERS))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "loadings: got no rows, expected one for each parameter"),
        ([()] * 78, "loadings: row 0 has 0, expected as many as row 0, at least 1"),
        ([(0.1,)] * 77 + [(0.1, 0.2)], "loadings: row 77 has 2, expected as many as row 0, at least 1"),
        ([(0.1,), (1.0,)], "loadings: squares of row 1 add up to 1, expected at most 0.99"),
        ([(float("nan"),)] * 78, "loadings: squares of row 0 add up to nan, expected at most 0.99"),
    ],
)
def test_what_is_not_a_correlation_is_named(rows, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Correlation(tuple(rows))
