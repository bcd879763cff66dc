"""The l1 MMD and diversity against closed forms, brute force over all pairs, and SciPy's energy distance."""

import itertools
import pickle

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance
import scipy.stats
import torch
from torch import Tensor
from vector_sets import column, mean_distance, normal

from nebula.discrepancy import (
    Reference,
    diversity,
    diversity_by_partitions,
    frechet,
    gaussian_mmd,
    mmd,
    mmd_trials,
)


def brute_force(x: Tensor, y: Tensor, unbiased: bool = False) -> tuple[float, float]:
    """Equation (2), and the size of its terms, to which rounding is relative."""
    n, m = len(x), len(y)
    within = mean_distance(x, x) * (n / (n - 1) if unbiased else 1) + mean_distance(y, y) * (
        m / (m - 1) if unbiased else 1
    )
    between = 2 * mean_distance(x, y)
    return between - within, between + within


def energy(x: Tensor, y: Tensor) -> float:
    """SciPy's energy distance is the root of a one-dimensional MMD, by cumulative distribution functions."""
    pairs = zip(x.double().numpy().T, y.double().numpy().T, strict=True)
    return sum(scipy.stats.energy_distance(a, b) ** 2 for a, b in pairs)


@pytest.mark.parametrize("apart", [0.0, 1e-6, 3.0, 1e6])
def test_point_masses_are_apart_twice_their_distance(apart: float) -> None:
    x = torch.full((5, 7), 2.0, dtype=torch.float64)
    assert mmd(x, x[:3] + apart).item() == pytest.approx(2 * 7 * abs((2.0 + apart) - 2.0), rel=1e-12)


def test_two_point_sets() -> None:
    # 2 d(x, y) = 2 (2 + 5 + 1 + 4) / 4, d(x, x) = 1 / 2, d(y, y) = 3 / 2
    x, y = column(0, 1), column(2, 5)
    assert mmd(x, y).item() == 4.0
    assert mmd(x, y, unbiased=True).item() == 6.0 - 1.0 - 3.0
    assert Reference(y).mmd(x).item() == 4.0
    assert Reference(y).mmd(x, unbiased=True).item() == 2.0


@pytest.mark.parametrize("count", [1, 2, 3, 15, 16, 17, 100])
def test_even_grid_beside_its_own_copy(count: int) -> None:
    # 0 ... n-1 have mean distance (n^2 - 1) / (3n); the copy starts where the grid ends, at mean distance n.
    grid = torch.arange(count, dtype=torch.float64)[:, None]
    expected = 2 * count - 2 * (count**2 - 1) / (3 * count)
    assert mmd(grid, grid + count).item() == pytest.approx(expected, rel=1e-13)


def test_adds_over_dimensions() -> None:
    x, y = normal(20, 6), normal(30, 6, seed=1)
    each = sum(mmd(x[:, d : d + 1], y[:, d : d + 1]).item() for d in range(6))
    assert mmd(x, y).item() == pytest.approx(each, rel=1e-12)


def test_is_blind_to_order_of_sounds_and_symmetric() -> None:
    x, y = normal(40, 5), normal(31, 5, seed=1) + 0.3
    value = mmd(x, y).item()
    assert mmd(x[torch.randperm(40, generator=torch.Generator().manual_seed(3))], y.flip(0)).item() == value
    assert mmd(y, x).item() == pytest.approx(value, rel=1e-12)
    assert mmd(x, x.flip(0)).item() == pytest.approx(0, abs=1e-13)


def test_translation_changes_nothing_and_scale_is_a_factor() -> None:
    # Multiples of 2^-10 move by 2^20 without rounding.
    x, y = (normal(40, 5) * 1024).round() / 1024, (normal(31, 5, seed=1) * 1024).round() / 1024
    value = mmd(x, y).item()
    assert mmd(x + 2**20, y + 2**20).item() == pytest.approx(value, rel=1e-12)
    assert mmd(-x, -y).item() == pytest.approx(value, rel=1e-12)
    assert mmd(x * 1e-150, y * 1e-150).item() == pytest.approx(value * 1e-150, rel=1e-12, abs=0)
    assert mmd(x * 1e150, y * 1e150).item() == pytest.approx(value * 1e150, rel=1e-12)


SHAPES = [(1, 1, 1), (1, 7, 3), (7, 1, 3), (2, 2, 1), (16, 17, 5), (33, 31, 70), (256, 300, 9), (3, 500, 4)]


KINDS = ["normal", "ties", "constant", "offset", "scales"]


def pair_of_kind(kind: str, n: int, m: int, dimension: int) -> tuple[Tensor, Tensor]:
    x, y = normal(n, dimension), normal(m, dimension, seed=1) * 1.5 + 0.2
    if kind == "ties":
        return x.round(), y.round()
    if kind == "constant":
        return torch.full_like(x, 0.25), torch.full_like(y, 0.5)
    if kind == "offset":
        return x + 1e6, y + 1e6
    if kind == "scales":
        factor = 10.0 ** torch.linspace(-8, 8, dimension, dtype=torch.float64)
        return x * factor + 1e3, y * factor + 1e3
    return x, y


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_agrees_with_brute_force(kind: str, shape: tuple[int, int, int]) -> None:
    x, y = pair_of_kind(kind, *shape)
    for unbiased in (False, True)[: min(2, *shape[:2])]:
        expected, size = brute_force(x, y, unbiased)
        tolerance = 1e-9 * abs(expected) + 1e-14 * size
        assert mmd(x, y, unbiased=unbiased).item() == pytest.approx(expected, rel=0, abs=tolerance)
        assert Reference(y).mmd(x, unbiased=unbiased).item() == pytest.approx(expected, rel=0, abs=tolerance)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sounds", [4096, 4097, 4111, 4112, 4113, 8191, 16384, 16385, 32768, 32769, 33000])
def test_large_references_agree_with_scipy_at_block_borders(kind: str, sounds: int) -> None:
    x, y = pair_of_kind(kind, 37, sounds, 2)
    x[0], x[1], x[2] = y.min(dim=0).values - 1, y.max(dim=0).values + 1, y[0]
    x[3], x[4] = y.min(dim=0).values, y.max(dim=0).values
    expected = energy(x, y)
    assert Reference(y).mmd(x).item() == pytest.approx(expected, rel=1e-9)
    assert mmd(x, y).item() == pytest.approx(expected, rel=1e-9)


def test_large_reference_of_heavy_ties_spanning_blocks() -> None:
    y = torch.arange(5, dtype=torch.float64).repeat_interleave(1000)[:, None]
    for position in (-1.0, 0.0, 0.5, 2.0, 3.9, 4.0, 9.0):
        x = column(position)
        expected = 2 * float((y - x).abs().mean()) - 1.6  # five even points: (25 - 1) / 15
        assert Reference(y).mmd(x).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("sounds", [50, 6000])
def test_reference_serves_few_and_many_queries(sounds: int) -> None:
    y = normal(sounds, 3) * 2
    reference = Reference(y)
    for count in (1, 2, 100, 375, 376, 1000):
        x = normal(count, 3, seed=count) + 0.5
        assert reference.mmd(x).item() == pytest.approx(energy(x, y), rel=1e-9)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("sounds", [200, 6000])
def test_every_precision_is_summed_in_double(dtype: torch.dtype, sounds: int) -> None:
    x, y = normal(30, 3).to(dtype), normal(sounds, 3, seed=1).to(torch.float32) * 1.5
    value = Reference(y).mmd(x)
    assert value.dtype == torch.float64
    assert value.shape == ()
    assert value.device == x.device
    assert value.item() == pytest.approx(energy(x, y), rel=1e-9)
    assert Reference(y.to(dtype)).mmd(x.double()).item() == pytest.approx(energy(x, y.to(dtype)), rel=1e-9)
    assert mmd(x, y).item() == pytest.approx(energy(x, y), rel=1e-9)


def test_many_dimensions_in_several_passes() -> None:
    x, y = normal(64, 3000, dtype=torch.float32), normal(300, 3000, seed=1, dtype=torch.float32) * 1.1
    expected, _ = brute_force(x, y)
    assert mmd(x, y).item() == pytest.approx(expected, rel=1e-9)
    assert Reference(y).mmd(x).item() == pytest.approx(expected, rel=1e-9)


def test_arguments_are_not_modified_and_may_be_strided() -> None:
    x, y = normal(9, 12, dtype=torch.float32), normal(14, 12, seed=1, dtype=torch.float32)
    before = x.clone(), y.clone()
    values = [mmd(x, y), Reference(y).mmd(x), gaussian_mmd(x, y), frechet(x, y)]
    diversity(x), diversity_by_partitions(x, 3), mmd_trials(x, y, 4, 3)
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])
    x_strided, y_strided = x.T.contiguous().T, torch.cat([y, y], dim=1)[:, :12]
    strided = [mmd(x_strided, y_strided), Reference(y_strided).mmd(x_strided), gaussian_mmd(x_strided, y_strided)]
    strided.append(frechet(x_strided, y_strided))
    torch.testing.assert_close(torch.stack(strided), torch.stack(values), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 5])
def test_single_column_is_sorted_in_a_copy(dimension: int) -> None:
    y = normal(10, dimension)
    before = y.clone()
    Reference(y).mmd(y)
    mmd(y, y)
    diversity(y)
    assert torch.equal(y, before)


@pytest.mark.parametrize("sounds", [30, 5000])
def test_reference_survives_pickling_and_moving(sounds: int) -> None:
    x, y = normal(10, 4), normal(sounds, 4, seed=1)
    reference = Reference(y)
    for other in (pickle.loads(pickle.dumps(reference)), reference.to("cpu"), reference.to(torch.device("cpu"))):
        assert (other.sounds, other.dimension) == (sounds, 4)
        assert other.mmd(x).item() == reference.mmd(x).item()


def test_unbiased_has_the_population_value_for_its_mean() -> None:
    # Two uniform distributions on [0, 1] and [1, 2]: 2 * 1 - 1/3 - 1/3. Four standard errors miss once in 16,000 seeds.
    generator = np.random.default_rng(0)
    unbiased, biased = [], []
    for _ in range(400):
        x, y = torch.from_numpy(generator.random((6, 1))), torch.from_numpy(generator.random((9, 1)) + 1)
        unbiased.append(mmd(x, y, unbiased=True).item())
        biased.append(mmd(x, y).item())
    error = np.std(unbiased, ddof=1) / 20
    assert np.mean(unbiased) == pytest.approx(4 / 3, rel=0, abs=4 * error)
    # The zero diagonals shrink each within mean by its 1/n.
    assert np.mean(biased) == pytest.approx(4 / 3 + 1 / 18 + 1 / 27, rel=0, abs=4 * np.std(biased, ddof=1) / 20)


def test_unbiased_is_zero_on_average_for_one_distribution() -> None:
    # Four standard errors miss once in 16,000 seeds.
    values = [mmd(normal(8, 3, seed=2 * s), normal(5, 3, seed=2 * s + 1), unbiased=True).item() for s in range(400)]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values, ddof=1) / 20)
    assert min(values) < 0


@pytest.mark.parametrize("unbiased", [False, True])
def test_derivatives_equal_finite_differences(unbiased: bool) -> None:
    # Piecewise linear: central differences are exact while no step crosses another sound's value.
    x, y = normal(6, 3).requires_grad_(), normal(8, 3, seed=1).requires_grad_()
    large = Reference(normal(5000, 3, seed=2))
    assert torch.autograd.gradcheck(lambda a, b: mmd(a, b, unbiased), (x, y), eps=1e-7, atol=1e-6, fast_mode=False)
    reference = Reference(y.detach())
    assert torch.autograd.gradcheck(lambda a: reference.mmd(a, unbiased), (x,), eps=1e-7, atol=1e-6)
    assert torch.autograd.gradcheck(lambda a: large.mmd(a, unbiased), (x,), eps=1e-9, atol=1e-4)
    assert torch.autograd.gradcheck(diversity, (x,), eps=1e-7, atol=1e-6)


def test_derivative_between_ties_is_zero_and_keeps_dtype() -> None:
    x = torch.zeros(3, 2, requires_grad=True)
    mmd(x, torch.zeros(4, 2)).backward()
    assert x.grad is not None
    assert x.grad.dtype == torch.float32
    assert torch.equal(x.grad, torch.zeros(3, 2))
    with torch.no_grad():
        assert not mmd(x, x).requires_grad


@pytest.mark.parametrize("sounds", [2, 3, 4, 5, 6, 7, 8])
def test_diversity_is_the_mean_over_all_partitions(sounds: int) -> None:
    x = normal(sounds, 3)
    everyone = set(range(sounds))
    values = [
        brute_force(x[list(half)], x[sorted(everyone - set(half))])[0]
        for half in itertools.combinations(range(sounds), sounds // 2)
    ]
    assert diversity(x).item() == pytest.approx(np.mean(values), rel=1e-12)


def test_diversity_of_evenly_spread_and_of_equal_sounds() -> None:
    # Mean distance of distinct pairs of 0 ... N-1 is (N + 1) / 3.
    assert diversity(torch.arange(100.0)[:, None]).item() == pytest.approx(2 * (101 / 3) / 50, rel=1e-13)
    assert diversity(torch.full((9, 4), 1e6)).item() == 0
