"""What is refused as a set of vectors, and by what message."""

import inspect
import math

import pytest
import torch
from vector_sets import normal, refused

from nebula.discrepancy import (
    Reference,
    diversity,
    frechet,
    gaussian_mmd,
    mmd,
)
from nebula.discrepancy.vectors import check_pair


def test_refuses_vectors_it_cannot_compare() -> None:
    x = normal(3, 2)
    with refused("x: got 0 sounds, expected 1 or more"):
        mmd(x[:0], x)
    with refused("y: got 0 sounds, expected 1 or more"):
        Reference(x[:0])
    with refused("x: got 0 dimensions, expected 1 or more"):
        diversity(x[:, :0])
    with refused("x: got 1 sound, expected 2 or more"):
        diversity(x[:1])
    with refused("y: got 1 sound, expected 2 or more"):
        mmd(x, x[:1], unbiased=True)
    with refused("y: got 1 sound, expected 2 or more"):
        Reference(x[:1]).mmd(x, unbiased=True)
    with refused("y: got 1 sound, expected 2 or more"):
        frechet(x, x[:1])
    with refused("x: got 1 dimensions, expected 2 as y has"):
        Reference(x).mmd(x[:, :1])
    with refused("x: got the device meta, expected cpu as y has"):
        check_pair(x.to("meta"), x)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("function", [mmd, gaussian_mmd, frechet, lambda x, y: Reference(x).mmd(y)])
def test_refuses_values_that_are_not_finite(function: object, value: float) -> None:
    bad = normal(5, 4)
    bad[3, 2] = value
    name = "y" if function not in (mmd, gaussian_mmd, frechet) else "x"
    with refused(f"{name}: got a value in row 3 that is not finite, expected finite ones"):
        function(bad, normal(2, 4))


def test_accepts_finite_values_whose_sum_overflows() -> None:
    huge = torch.full((4, 2), 1e308, dtype=torch.float64)
    assert mmd(huge, huge).item() == 0


def test_refuses_other_axes_and_types() -> None:
    # The run-time check of shapes, on in tests alone, would speak first: these call the functions underneath it.
    x = normal(3, 2)
    bare_mmd, bare_diversity = inspect.unwrap(mmd), inspect.unwrap(diversity)
    with refused("x: got shape (3,), expected two axes, sounds and dimensions"):
        bare_diversity(x[:, 0])
    with refused("y: got shape (1, 3, 2), expected two axes, sounds and dimensions"):
        bare_mmd(x, x[None])
    with refused("x: got torch.int64, expected a floating-point tensor"):
        bare_diversity(x.long())
    with refused("x: got 2 dimensions, expected 1 as y has"):
        bare_mmd(x, x[:, :1])
