"""Distances of every pair against SciPy's, in more dimensions than are held at once."""

import numpy as np
import pytest
import scipy.spatial.distance
import torch

from nebula.discrepancy import MEDIAN_SOUNDS, l1_distances, median_distance, spread_rows
from nebula.discrepancy.pairs import squared_distances


def normal(sounds, dimension, seed=0):
    return torch.randn(sounds, dimension, generator=torch.Generator().manual_seed(seed))


def test_distances_are_scipys():
    x, y = normal(20, 700), normal(9, 700, seed=1)
    exact, other = x.double().numpy(), y.double().numpy()
    expected = scipy.spatial.distance.cdist(exact, exact, "cityblock")
    np.testing.assert_allclose(l1_distances(x), expected, rtol=1e-12)
    squares = squared_distances(x, y, x.mean(dim=0, dtype=torch.float64))
    np.testing.assert_allclose(squares, scipy.spatial.distance.cdist(exact, other, "sqeuclidean"), rtol=1e-12)


@pytest.mark.parametrize("sounds", [2, 3, 40])
def test_the_median_lies_between_the_middle_pairs(sounds):
    x = normal(sounds, 5)
    expected = np.median(scipy.spatial.distance.pdist(x.double().numpy()))
    assert median_distance(x) == pytest.approx(expected, rel=1e-12)


def test_a_sound_alone_has_no_median():
    assert median_distance(normal(1, 5)) == 0.0


def test_rows_are_spread_evenly_over_their_order():
    rows = torch.arange(101.0)[:, None]
    assert spread_rows(rows, 101) is rows
    assert spread_rows(rows, 5).flatten().tolist() == [0, 25, 50, 75, 100]
    assert spread_rows(rows, 1).flatten().tolist() == [0]
    assert len(spread_rows(torch.zeros(3000, 1), MEDIAN_SOUNDS)) == MEDIAN_SOUNDS
