"""Influences are the derivatives of the discrepancies they belong to, by the weight of each sound."""

import re

import pytest
import torch
from torch import Tensor

from nebula.discrepancy import (
    GaussianReference,
    Reference,
    diversity,
    diversity_influence,
    gaussian_mmd,
    mmd,
    mmd_influence,
)
from nebula.errors import ArgumentError


def normal(sounds: int, dimension: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(sounds, dimension, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def pairs(x: Tensor, y: Tensor) -> Tensor:
    return torch.cdist(x.double(), y.double(), p=1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("n", "m"), [(2, 1), (40, 30), (7, 5000), (1500, 5000)])
def test_sorting_gives_what_all_pairs_give(n: int, m: int, dtype: torch.dtype) -> None:
    # Above 4,096 sounds a reference is indexed, and few sounds are looked up in the index.
    x, y = normal(n, 3, 1, dtype), normal(m, 3, 2, dtype) + 0.5
    within = pairs(x, x).sum(dim=1) / (n - 1)
    torch.testing.assert_close(
        mmd_influence(x, Reference(y)), 2 * (pairs(x, y).mean(dim=1) - within), rtol=1e-9, atol=1e-9
    )
    expected = 2 * within * (1 / (n // 2) + 1 / (n - n // 2))
    torch.testing.assert_close(diversity_influence(x), expected, rtol=1e-9, atol=1e-12)


def test_ties_and_large_offsets_leave_it_exact() -> None:
    x = torch.tensor([[1.0], [1.0], [2.0]], dtype=torch.float64) + 1e9
    assert mmd_influence(x, Reference(x[1:])).tolist() == [0.0, 0.0, -1.0]
    assert diversity_influence(x).tolist() == [1.5, 1.5, 3.0]


def test_means_are_those_of_the_discrepancies() -> None:
    x, y = normal(9, 4, 1), normal(6, 4, 2) * 2
    assert float(diversity_influence(x).mean()) == pytest.approx(2 * float(diversity(x)), rel=1e-12)
    # mmd = 2 d(x, y) - d(x, x) - d(y, y), and the mean influence is twice the first two terms' change by x.
    within = [float(pairs(z, z).sum()) / (len(z) * (len(z) - 1)) for z in (x, y)]
    mean = float(mmd_influence(x, Reference(y)).mean())
    assert mean + within[0] - within[1] == pytest.approx(float(mmd(x, y, unbiased=True)), rel=1e-12)


def weighted(values: Tensor, weights: Tensor, between: Tensor) -> Tensor:
    """2 sum_i p_i b_i - sum_ij p_i p_j v_ij, the part of a discrepancy that x's weights change."""
    return 2 * weights @ between - weights @ values @ weights


def test_they_are_derivatives_by_the_weights_of_sounds() -> None:
    # With weight p_i on sound i, moving a little weight from one sound to another changes a discrepancy by the
    # difference of their influences; the pair of a sound with itself, which influences leave out, rescales the rest.
    x, y = normal(8, 3, 1), normal(5, 3, 2) + 1
    step, n = 1e-4, len(x)
    bandwidth = 1.3
    kernels = [torch.exp(-(torch.cdist(x, z) ** 2) / (2 * bandwidth**2)) for z in (x, y)]
    cases = [
        (mmd_influence(x, Reference(y)), pairs(x, x) * n / (n - 1), pairs(x, y).mean(dim=1)),
        (
            mmd_influence(x, GaussianReference(y, bandwidth)),
            -(kernels[0] - torch.eye(n, dtype=torch.float64)) * n / (n - 1),
            -kernels[1].mean(dim=1),
        ),
        (diversity_influence(x), -pairs(x, x) * n / (n - 1) * 4 / n, torch.zeros(n).double()),
    ]
    for influence, within, between in cases:
        for first, second in ((0, 1), (3, 7)):
            change = torch.zeros(n, dtype=torch.float64)
            change[first], change[second] = step, -step
            even = torch.full((n,), 1 / n, dtype=torch.float64)
            slope = (weighted(within, even + change, between) - weighted(within, even - change, between)) / (2 * step)
            assert float(slope) == pytest.approx(float(influence[first] - influence[second]), rel=1e-6)


def test_sounds_of_the_target_itself_have_no_influence_on_average() -> None:
    # 4,000 against 4,000 of one normal distribution. Each influence is twice the difference of two means over 4,000
    # distances of standard deviation below 1, so its own is below 0.045; 0.2 is more than four of them away, and the
    # influences of one set hardly vary independently.
    influence = mmd_influence(normal(4000, 1, 1), Reference(normal(4000, 1, 2)))
    assert float(influence.abs().max()) < 0.2


def test_gaussian_influence_of_one_far_sound() -> None:
    x, y = torch.tensor([[0.0], [0.0], [100.0]]), torch.tensor([[0.0]])
    # The far sound is like no other: 2 (0 - 0). A near one: 2 (1/2 - 1).
    assert mmd_influence(x, GaussianReference(y, 1.0)).tolist() == [-1.0, -1.0, 0.0]
    assert float(gaussian_mmd(x, y, 1.0)) > 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mmd_influence(normal(1, 2), Reference(normal(3, 2))), "x: got 1 sound, expected 2 or more"),
        (lambda: diversity_influence(normal(1, 2)), "x: got 1 sound, expected 2 or more"),
        (lambda: mmd_influence(normal(3, 2), Reference(normal(3, 4))), "x: got 2 dimensions, expected 4 as y has"),
        (lambda: mmd_influence(normal(1, 2), GaussianReference(normal(3, 2))), "x: got 1 sound, expected 2 or more"),
    ],
)
def test_what_is_missing_is_named(call, words: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(words)):
        call()
