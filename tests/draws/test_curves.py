"""The map from unit to physical parameters: ends, neutral curve, inverse, and the law it gives a uniform draw."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nebula import draws
from nebula.draws import Panel, Parameter
from nebula.synths.voice import PARAMETERS, VOICE

COUNT = len(PARAMETERS)
MINIMUM = torch.tensor([p.minimum for p in PARAMETERS], dtype=torch.float64)
MAXIMUM = torch.tensor([p.maximum for p in PARAMETERS], dtype=torch.float64)
curves = st.floats(0.01, 10.0)
units = st.floats(0.0, 1.0)


def to_physical(unit, curve, symmetric):
    return draws.to_physical(VOICE.panel, unit, curve, symmetric)


def to_unit(physical, curve, symmetric):
    return draws.to_unit(VOICE.panel, physical, curve, symmetric)


def every(value):
    return torch.full((COUNT,), value, dtype=torch.float64)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("curve", [0.01, 0.025, 0.1, 0.5, 1.0, 2.0, 10.0])
def test_ends_map_onto_ends(curve, symmetric):
    flags = torch.full((COUNT,), symmetric)
    torch.testing.assert_close(to_physical(every(0.0), every(curve), flags), MINIMUM)
    torch.testing.assert_close(to_physical(every(1.0), every(curve), flags), MAXIMUM)


@pytest.mark.parametrize("symmetric", [False, True])
def test_curve_of_1_is_linear(symmetric):
    # torchsynth maps a symmetric range with curve 1 onto its upper half only.
    unit = torch.linspace(0, 1, 11, dtype=torch.float64).unsqueeze(1).expand(-1, COUNT)
    physical = to_physical(unit, every(1.0), torch.full((COUNT,), symmetric))
    torch.testing.assert_close(physical, MINIMUM + (MAXIMUM - MINIMUM) * unit)


@pytest.mark.parametrize("curve", [0.99999, 1.00001])
def test_curve_of_1_is_the_limit_of_both_sides(curve):
    unit = torch.linspace(0, 1, 101, dtype=torch.float64).unsqueeze(1).expand(-1, COUNT)
    flags = torch.ones(COUNT, dtype=torch.bool)
    near, at = to_physical(unit, every(curve), flags), to_physical(unit, every(1.0), flags)
    assert float(((near - at).abs() / (MAXIMUM - MINIMUM)).max()) < 1e-5


@given(units, curves)
def test_plain_map_is_the_power_of_the_closed_form(unit, curve):
    physical = to_physical(every(unit), every(curve), torch.zeros(COUNT, dtype=torch.bool))
    torch.testing.assert_close(physical, MINIMUM + (MAXIMUM - MINIMUM) * unit ** (1 / curve), rtol=1e-12, atol=1e-12)


@given(units, curves)
def test_symmetric_map_mirrors_about_the_centre(unit, curve):
    flags = torch.ones(COUNT, dtype=torch.bool)
    up, down = to_physical(every(unit), every(curve), flags), to_physical(every(1 - unit), every(curve), flags)
    torch.testing.assert_close(up + down, MINIMUM + MAXIMUM, rtol=1e-9, atol=1e-9)


# Below 0.05 a curve of 0.2 leaves fewer digits than the minimum of a range takes up.
@given(st.floats(0.05, 0.95), st.floats(0.2, 5.0), st.booleans())
def test_inverse_undoes_the_map(unit, curve, symmetric):
    flags = torch.full((COUNT,), symmetric)
    back = to_unit(to_physical(every(unit), every(curve), flags), every(curve), flags)
    torch.testing.assert_close(back, every(unit), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("curve", "symmetric"), [(0.25, False), (4.0, False), (0.5, True), (1.0, True), (2.0, True)])
def test_a_uniform_draw_becomes_the_stated_law(curve, symmetric):
    # Kolmogorov-Smirnov at a fixed seed; the false alarm rate is 1e-3.
    unit = torch.rand((20_000, COUNT), dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    physical = to_physical(unit, every(curve), torch.full((COUNT,), symmetric))[:, 0] / 127.0

    def law(x):
        if not symmetric:
            return x**curve
        return (1 + np.sign(2 * x - 1) * np.abs(2 * x - 1) ** curve) / 2

    assert stats.kstest(physical.numpy(), law).pvalue > 1e-3


def test_gradients_are_right_and_finite_at_the_ends():
    unit = torch.rand((1, COUNT), dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    curve = torch.linspace(0.3, 3.0, COUNT, dtype=torch.float64).requires_grad_()
    flags = torch.arange(COUNT) % 2 == 0
    assert torch.autograd.gradcheck(lambda u, c: to_physical(u, c, flags), (unit, curve))
    ends = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64).unsqueeze(1).repeat(1, COUNT).requires_grad_()
    to_physical(ends, curve, flags).sum().backward()
    assert bool(torch.isfinite(ends.grad).all())
    assert bool(torch.isfinite(curve.grad).all())


def mixed_panel(columns):
    """Knobs, and a switch of three choices in every third column."""
    return Panel(
        tuple(
            Parameter.switch("all", f"p{column}", ("a", "b", "c"), "a switch")
            if column % 3 == 2
            else Parameter("all", f"p{column}", -1.0, 2.0, "", "a knob")
            for column in range(columns)
        )
    )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("columns", [3, 77, 78, 340, 511])
def test_a_row_has_the_same_bits_in_any_batch(columns, threads):
    before, panel = torch.get_num_threads(), mixed_panel(columns)
    unit = torch.rand((900, columns), generator=torch.Generator().manual_seed(1))
    curve = torch.linspace(0.05, 5.0, columns)
    flags = torch.arange(columns) % 2 == 0
    torch.set_num_threads(threads)
    try:
        together = draws.to_physical(panel, unit, curve, flags)
        for rows in (1, 7, 32, 421):
            parts = [draws.to_physical(panel, part, curve, flags) for part in unit[:450].split(rows)]
            assert torch.equal(torch.cat(parts), together[:450])
    finally:
        torch.set_num_threads(before)
    shaped = draws.to_physical(panel, unit.reshape(9, 100, columns), curve, flags)
    assert torch.equal(shaped, together.reshape(9, 100, columns))
    assert draws.to_physical(panel, unit[:0], curve, flags).shape == (0, columns)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_switch_gives_each_choice_its_equal_part(count, symmetric):
    panel = Panel((Parameter.switch("filter", "kind", tuple(map(str, range(count))), "what is let through"),))
    # 100 evenly spaced draws a choice, none on a border, and the ends of the interval.
    unit = torch.cat([(torch.arange(100 * count) + 0.5) / (100 * count), torch.tensor([0.0, 1.0])])[:, None]
    found = draws.to_physical(panel, unit, torch.ones(1), torch.tensor([symmetric]))[:, 0]
    assert torch.equal(found[:-2], torch.arange(count).repeat_interleave(100).float())
    assert found[-2:].tolist() == [0, count - 1]


@given(st.integers(2, 20), st.floats(0.2, 5.0), st.booleans())
def test_the_inverse_of_a_choice_is_in_the_middle_of_its_part(count, curve, symmetric):
    panel = Panel((Parameter.switch("filter", "kind", tuple(map(str, range(count))), "what is let through"),))
    settings = torch.tensor([curve], dtype=torch.float64), torch.tensor([symmetric])
    choices = torch.arange(count, dtype=torch.float64)[:, None]
    unit = draws.to_unit(panel, choices, *settings)
    assert torch.equal(draws.to_physical(panel, unit, *settings), choices)
    if curve == 1.0:
        torch.testing.assert_close(unit, (choices + 0.5) / count)


def test_a_switch_has_no_slope_and_its_neighbours_keep_theirs():
    unit = torch.full((2, 3), 0.4, dtype=torch.float64).requires_grad_()
    draws.to_physical(mixed_panel(3), unit, torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.bool))[
        0
    ].sum().backward()
    assert unit.grad.tolist() == [[3.0, 3.0, 0.0], [0.0, 0.0, 0.0]]
