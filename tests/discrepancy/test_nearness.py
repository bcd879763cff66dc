"""The distance to the nearest sound, against a search through all pairs."""

import re

import pytest
import torch

from nebula.discrepancy import nearest_distances
from nebula.errors import ArgumentError


def normal(sounds, dimension, seed, dtype=torch.float32):
    return torch.randn(sounds, dimension, generator=torch.Generator().manual_seed(seed)).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize(("n", "m", "dimension"), [(1, 1, 1), (5, 1, 3), (1, 40, 7), (30, 60, 500)])
def test_it_is_the_least_over_all_pairs(n, m, dimension, dtype):
    x, y = normal(n, dimension, 0, dtype), normal(m, dimension, 1, dtype)
    expected = (x.double()[:, None] - y.double()[None]).abs().sum(dim=2).amin(dim=1)
    torch.testing.assert_close(nearest_distances(x, y), expected, rtol=1e-5, atol=1e-6)


def test_a_sound_of_the_target_is_at_0_and_more_targets_are_never_farther():
    x, y = normal(20, 9, 2), normal(50, 9, 3)
    assert (nearest_distances(y[::3], y) == 0).all()
    assert (nearest_distances(x, y) <= nearest_distances(x, y[:25])).all()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (torch.zeros(2, 3), torch.zeros(0, 3), "y: got 0 sounds, expected 1 or more"),
        (
            torch.tensor([[torch.nan]]),
            torch.zeros(1, 1),
            "x: got a value in row 0 that is not finite, expected finite ones",
        ),
    ],
)
def test_what_cannot_be_compared_is_named(x, y, words):
    with pytest.raises(ArgumentError, match=re.escape(words)):
        nearest_distances(x, y)
