"""Gaussian MMD and Fréchet distance against brute force, closed forms and an independent implementation."""

import itertools
import math
import pickle

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance
import scipy.stats
import torch
from torch import Tensor
from vector_sets import normal, refused

from nebula.discrepancy import (
    GaussianReference,
    frechet,
    gaussian_mmd,
    mmd,
)
from nebula.errors import ArgumentError


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
    with pytest.raises(ArgumentError, match=r"^x: got 5 dimensions, expected 6 as y has$"):
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


def test_refuses_bandwidths_out_of_range() -> None:
    x = normal(6, 2)
    for bandwidth in (0.0, -1.0, math.nan, math.inf):
        with refused(f"bandwidth: got {bandwidth}, expected a finite number above 0"):
            gaussian_mmd(x, x, bandwidth)
    with refused("bandwidth: got None where the median distance within y is 0, expected a number above 0"):
        gaussian_mmd(x, x[:1])
