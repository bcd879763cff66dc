"""Laws around one value: mode and width by SciPy's beta distribution, choices that no draw leaves."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nebula.draws import Panel, Parameter, laws, to_physical
from nebula.draws.surround import around_choice, around_place
from nebula.errors import ArgumentError


@given(st.floats(0.0, 1.0), st.floats(0.005, 0.89))
def test_the_central_90_percent_are_as_wide_as_asked_for(place, width):
    curve, fall = around_place(place, width)
    ends = laws.log_place_of(np.array([[0.05], [0.95]]), np.array([curve]), np.array([fall]))
    assert np.diff(np.exp(ends[:, 0]))[0] == pytest.approx(width, rel=1e-6)
    if fall < 1e12:
        quantiles = stats.beta(1, fall).ppf([0.05, 0.95]) ** (1 / curve)
        assert quantiles[1] - quantiles[0] == pytest.approx(width, rel=1e-6)


@given(st.floats(0.001, 0.999), st.floats(0.01, 0.5))
def test_the_density_is_largest_at_the_place(place, width):
    # At the mode the logarithm of the density has no slope; to either side it is smaller.
    curve, fall = (np.array([value]) for value in around_place(place, width))
    middle, step = math.log(place), 1e-3 * width
    here, *beside = (
        laws.log_density(np.array([[middle + shift]]), curve, fall)[0, 0]
        for shift in (0.0, -step, min(step, -middle / 2))
    )
    assert here >= max(beside) - 1e-9


@pytest.mark.parametrize(("place", "exponents"), [(0.0, (True, False)), (1.0, (False, True))])
def test_at_an_end_one_exponent_is_1(place, exponents):
    curve, fall = around_place(place, 0.2)
    assert (curve == 1.0, fall == 1.0) == exponents


@pytest.mark.parametrize("count", [2, 3, 7, 32, 90])
def test_no_draw_leaves_a_choice(count):
    panel = Panel((Parameter.switch("any", "kind", tuple(map(str, range(count))), "a switch"),))
    # The least and the most that a draw can be, but for 0, and some in between.
    unit = torch.tensor([2.0**-24, 1e-4, 0.5, 0.9999, 1 - 2.0**-24])[:, None]
    for choice in range(count):
        curve, fall = around_choice(choice, count)
        bends = torch.tensor([curve]), torch.tensor([False]), torch.tensor([fall], dtype=torch.float64)
        assert to_physical(panel, unit, *bends).flatten().tolist() == [choice] * 5


@pytest.mark.parametrize("width", [0.0, 0.004, 0.9, math.nan])
def test_a_width_that_no_law_has_is_refused(width):
    message = f"width: got {width:g}, expected a number from 0.005 to below 0.9"
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        around_place(0.5, width)
