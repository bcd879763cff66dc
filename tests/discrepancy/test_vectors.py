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
