"""Discrepancies against closed forms, brute force over all pairs, and independent implementations."""

import inspect
import itertools
import math
import pickle
import re

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance
import scipy.stats
import torch
from torch import Tensor

from nebula.discrepancy import (
    GaussianReference,
    Interval,
    Reference,
    Trials,
    diversity,
    diversity_by_partitions,
    frechet,
    gaussian_mmd,
    mean_interval,
    mmd,
    mmd_trials,
)
from nebula.discrepancy.vectors import check_pair
from nebula.errors import ArgumentError


def normal(sounds: int, dimension: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(sounds, dimension, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def mean_distance(a: Tensor, b: Tensor) -> float:
    return float(scipy.spatial.distance.cdist(a.double().numpy(), b.double().numpy(), "cityblock").mean())


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


# Closed forms of the l1 MMD


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


# Agreement with sums over all pairs


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


# Laws of large numbers


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


# Derivatives


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


# Diversity


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


@pytest.mark.parametrize("sounds", [40, 41])
def test_partitions_average_to_diversity(sounds: int) -> None:
    # Four standard errors miss once in 16,000 seeds.
    x = normal(sounds, 10)
    trials = diversity_by_partitions(x, partitions=500, seed=1)
    assert len(trials.values) == 500
    error = trials.standard_deviation / math.sqrt(500)
    assert trials.mean == pytest.approx(diversity(x).item(), rel=0, abs=4 * error)


# Trials and intervals


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
    assert mean_interval([5.0, 5.0, 5.0]) == Interval(5.0, 5.0, 5.0, 0.95)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_interval_covers_as_often_as_it_says(level: float) -> None:
    # Exact for normal values; four binomial standard errors miss once in 16,000 seeds.
    generator = np.random.default_rng(0)
    intervals = [mean_interval(generator.normal(3.0, 2.0, 5), level) for _ in range(2000)]
    covered = np.mean([interval.low <= 3.0 <= interval.high for interval in intervals])
    assert covered == pytest.approx(level, rel=0, abs=4 * math.sqrt(level * (1 - level) / 2000))


# Cross-checks


@pytest.mark.parametrize("shape", [(2, 3, 1), (30, 41, 5), (20, 20, 300)])
@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize("bandwidth", [None, 0.7, 40.0])
def test_gaussian_mmd_agrees_with_brute_force(
    shape: tuple[int, int, int], unbiased: bool, bandwidth: float | None
) -> None:
    n, m, dimension = shape
    x, y = normal(n, dimension) + 1e3, normal(m, dimension, seed=1) * 1.3 + 1e3
    width = bandwidth or float(np.median(scipy.spatial.distance.pdist(y.numpy())))

    def mean_kernel(a: Tensor, b: Tensor, distinct: bool) -> float:
        kernel = np.exp(-scipy.spatial.distance.cdist(a.numpy(), b.numpy(), "sqeuclidean") / (2 * width**2))
        return float((kernel.sum() - len(a)) / (len(a) * (len(a) - 1)) if distinct else kernel.mean())

    expected = mean_kernel(x, x, unbiased) + mean_kernel(y, y, unbiased) - 2 * mean_kernel(x, y, False)
    # Distances by products of numbers near 1 leave rounding of a few 1e-13 in kernels of size 1.
    assert gaussian_mmd(x, y, bandwidth, unbiased).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_gaussian_reference_serves_many_sets() -> None:
    y = normal(30, 6)
    reference = pickle.loads(pickle.dumps(GaussianReference(y)))
    for seed in (1, 2):
        x = normal(12, 6, seed=seed) + 0.5
        assert reference.mmd(x).item() == pytest.approx(gaussian_mmd(x, y).item(), rel=1e-12)
    assert reference.bandwidth == pytest.approx(float(np.median(scipy.spatial.distance.pdist(y.numpy()))), rel=1e-12)
    with pytest.raises(ArgumentError, match=r"^x has 5 dimensions; y has 6, and both must have the same$"):
        reference.mmd(normal(3, 5))


def test_gaussian_mmd_of_point_masses_and_of_itself() -> None:
    x = torch.zeros(3, 2)
    assert gaussian_mmd(x, x + 3, bandwidth=3.0).item() == pytest.approx(2 - 2 * math.exp(-1), rel=1e-12)
    assert gaussian_mmd(x, x, bandwidth=1.0).item() == pytest.approx(0, abs=1e-15)


def test_gaussian_mmd_sees_what_l1_cannot() -> None:
    # The four corners of a square against two opposite ones: the same marginals.
    corners = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert mmd(corners, corners[:2]).item() == pytest.approx(0, abs=1e-15)
    # Within: corners 1/4 (1 + 2a + b), pair 1/2 (1 + b), between 1/2 (1/2 (1 + b) + a), a = exp(-1/2), b = exp(-1).
    a, b = math.exp(-0.5), math.exp(-1)
    expected = (1 + 2 * a + b) / 4 + (1 + b) / 2 - ((1 + b) / 2 + a)
    assert gaussian_mmd(corners, corners[:2], bandwidth=1.0).item() == pytest.approx(expected, rel=1e-12)
    assert frechet(corners, corners[:2]).item() > 0.1


def test_gaussian_mmd_takes_the_median_of_a_large_reference_from_a_part() -> None:
    x, y = normal(4, 2), normal(2500, 2, seed=1)
    part = y[np.linspace(0, 2499, 2048).round().astype(int)]
    width = float(np.median(scipy.spatial.distance.pdist(part.numpy())))
    assert gaussian_mmd(x, y).item() == pytest.approx(gaussian_mmd(x, y, width).item(), rel=1e-12)


def test_frechet_of_diagonal_normals() -> None:
    # All eight sign patterns have independent coordinates of variance 8/7: the distance separates over coordinates.
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=3)), dtype=torch.float64)
    first, second = torch.tensor([1.0, 2.0, 5.0]), torch.tensor([3.0, 0.0, 4.0])
    shift = torch.tensor([0.0, 1.0, -2.0])
    expected = 5 + 8 / 7 * (4 + 4 + 1)
    assert frechet(signs * first, signs * second + shift).item() == pytest.approx(expected, rel=1e-13)


def test_frechet_in_one_dimension() -> None:
    x, y = normal(50, 1), normal(70, 1, seed=1) * 3 + 2
    expected = float((x.mean() - y.mean()) ** 2 + (x.std() - y.std()) ** 2)
    assert frechet(x, y).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(50, 60, 4), (6, 60, 5), (200, 9, 8)])
def test_frechet_agrees_with_the_matrix_root(shape: tuple[int, int, int]) -> None:
    n, m, dimension = shape
    x, y = normal(n, dimension) @ normal(dimension, dimension, seed=2), normal(m, dimension, seed=1) + 1e3
    covariance_x, covariance_y = np.cov(x.numpy().T), np.cov(y.numpy().T)
    root = scipy.linalg.sqrtm(covariance_x @ covariance_y).real
    mean = ((x - y).mean(dim=0) if n == m else x.mean(dim=0) - y.mean(dim=0)).square().sum().item()
    expected = mean + np.trace(covariance_x + covariance_y - 2 * root)
    assert frechet(x, y).item() == pytest.approx(expected, rel=1e-9)


def test_frechet_without_full_rank() -> None:
    x = normal(5, 300)
    assert frechet(x, x).item() == pytest.approx(0, abs=1e-11)
    assert frechet(x, x + 2).item() == pytest.approx(1200, rel=1e-12)
    # A rotation of the axes changes nothing, and empty axes add nothing.
    rotation = torch.linalg.qr(normal(300, 300, seed=1)).Q
    y = normal(7, 300, seed=2) * 2
    assert frechet(x @ rotation, y @ rotation).item() == pytest.approx(frechet(x, y).item(), rel=1e-12)
    x, y = normal(40, 3), normal(50, 3, seed=1)
    wide_x, wide_y = torch.nn.functional.pad(x, (0, 97)), torch.nn.functional.pad(y, (0, 97))
    assert frechet(wide_x, wide_y).item() == pytest.approx(frechet(x, y).item(), rel=1e-12)
    assert frechet(torch.zeros(4, 2), torch.zeros(9, 2)).item() == 0


def test_frechet_factors_many_sounds_in_parts() -> None:
    # 900,000 rows of five dimensions pass through the triangular factor in more than one part.
    x = normal(1000, 5)
    many = x.repeat(900, 1)
    covariance = np.cov(many.numpy().T)
    eigenvalues = np.linalg.eigvalsh(covariance)
    # Against twice the sounds: the covariance is 4 times, its root twice, the mean moves once.
    expected = eigenvalues.sum() + float(x.mean(dim=0).square().sum())
    assert frechet(many, 2 * many).item() == pytest.approx(expected, rel=1e-9)


# Refusals


def refused(message: str) -> object:
    return pytest.raises(ArgumentError, match=f"^{re.escape(message)}$")


def test_refuses_vectors_it_cannot_compare() -> None:
    x = normal(3, 2)
    with refused("x has 0 sounds; at least 1 are needed"):
        mmd(x[:0], x)
    with refused("y has 0 sounds; at least 1 are needed"):
        Reference(x[:0])
    with refused("x has 0 dimensions; at least 1 is needed"):
        diversity(x[:, :0])
    with refused("x has 1 sounds; at least 2 are needed"):
        diversity(x[:1])
    with refused("y has 1 sounds; at least 2 are needed"):
        mmd(x, x[:1], unbiased=True)
    with refused("y has 1 sounds; at least 2 are needed"):
        Reference(x[:1]).mmd(x, unbiased=True)
    with refused("y has 1 sounds; at least 2 are needed"):
        frechet(x, x[:1])
    with refused("x has 1 dimensions; y has 2, and both must have the same"):
        Reference(x).mmd(x[:, :1])
    with refused("x is on meta; y is on cpu, and both must be on the same device"):
        check_pair(x.to("meta"), x)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("function", [mmd, gaussian_mmd, frechet, lambda x, y: Reference(x).mmd(y)])
def test_refuses_values_that_are_not_finite(function: object, value: float) -> None:
    bad = normal(5, 4)
    bad[3, 2] = value
    name = "y" if function not in (mmd, gaussian_mmd, frechet) else "x"
    with refused(f"{name} holds a value that is not finite in row 3; all must be finite"):
        function(bad, normal(2, 4))


def test_accepts_finite_values_whose_sum_overflows() -> None:
    huge = torch.full((4, 2), 1e308, dtype=torch.float64)
    assert mmd(huge, huge).item() == 0


def test_refuses_other_axes_and_types() -> None:
    # The run-time check of shapes, on in tests alone, would speak first: these call the functions underneath it.
    x = normal(3, 2)
    bare_mmd, bare_diversity = inspect.unwrap(mmd), inspect.unwrap(diversity)
    with refused("x has shape (3,); two axes are needed, sounds and dimensions"):
        bare_diversity(x[:, 0])
    with refused("y has shape (1, 3, 2); two axes are needed, sounds and dimensions"):
        bare_mmd(x, x[None])
    with refused("x holds torch.int64; a floating-point tensor is needed"):
        bare_diversity(x.long())
    with refused("x has 2 dimensions; y has 1, and both must have the same"):
        bare_mmd(x, x[:, :1])


def test_refuses_trials_bandwidths_and_levels_out_of_range() -> None:
    x = normal(6, 2)
    with refused("subset_size is 7; it must be from 1 to 6, the smaller set's size"):
        mmd_trials(x, x, 7)
    with refused("subset_size is 0; it must be from 1 to 6, the smaller set's size"):
        mmd_trials(x, x, 0)
    with refused("trials is 1; at least 2 are needed"):
        mmd_trials(x, x, 2, trials=1)
    with refused("partitions is 1; at least 2 are needed"):
        diversity_by_partitions(x, partitions=1)
    with refused("seed is -1; it must be 0 or more"):
        diversity_by_partitions(x, seed=-1)
    for bandwidth in (0.0, -1.0, math.nan, math.inf):
        with refused(f"bandwidth is {bandwidth}; it must be finite and above 0"):
            gaussian_mmd(x, x, bandwidth)
    with refused("bandwidth is None and the median distance within y is 0; give a bandwidth above 0"):
        gaussian_mmd(x, x[:1])
    for level in (0.0, 1.0, math.nan):
        with refused(f"level is {level}; it must be above 0 and below 1"):
            mean_interval([1.0, 2.0], level)
    with refused("values has shape (0,); at least one number in a flat sequence is needed"):
        mean_interval([])
    with refused("values holds nan; all must be finite"):
        mean_interval([1.0, math.nan])
