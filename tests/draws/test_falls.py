"""Falls, the second exponents of curves: ends, the neutral one, the inverse, the law they give, and their digits."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nebula.draws import Panel, Parameter, falls_tensor, to_physical, to_unit

PANEL = Panel(tuple(Parameter("all", f"p{column}", 0.0, 1.0, "", "a knob") for column in range(3)))
PLAIN, SYMMETRIC = torch.zeros(3, dtype=torch.bool), torch.ones(3, dtype=torch.bool)


def every(value, dtype=torch.float64):
    return torch.full((3,), value, dtype=dtype)


def exact(unit, curve, fall):
    """The quantile function in 64 bits, by SciPy's exponential distribution, from the logarithm of its power."""
    waited = -np.log1p(-np.asarray(unit))
    power = stats.expon.logcdf(waited / fall) if fall < 1e15 else np.log(waited) - np.log(fall)
    return np.exp(power / curve)


@pytest.mark.parametrize("flags", [PLAIN, SYMMETRIC])
@pytest.mark.parametrize("fall", [1e-30, 0.1, 1.0, 7.0, 1e12, 1e300])
@pytest.mark.parametrize("curve", [0.025, 1.0, 3.0, 700.0])
def test_ends_map_onto_ends(curve, fall, flags):
    for end in (0.0, 1.0):
        for dtype in (torch.float32, torch.float64):
            bent = to_physical(PANEL, every(end, dtype), every(curve, dtype), flags, every(fall))
            assert bent.tolist() == [end] * 3
            assert bent.dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_fall_of_1_gives_the_bits_of_none(dtype):
    unit = torch.rand((1000, 3), dtype=dtype, generator=torch.Generator().manual_seed(2))
    curve, flags = torch.tensor([0.05, 1.0, 4.0], dtype=dtype), torch.tensor([False, True, True])
    fall = torch.tensor([1.0, 1.0, 2.0], dtype=torch.float64)
    with_fall, without = to_physical(PANEL, unit, curve, flags, fall), to_physical(PANEL, unit, curve, flags)
    assert torch.equal(with_fall[:, :2], without[:, :2])
    assert not torch.equal(with_fall[:, 2], without[:, 2])
    assert torch.equal(to_unit(PANEL, without, curve, flags, fall)[:, :2], to_unit(PANEL, without, curve, flags)[:, :2])
    assert falls_tensor((1.0, 1.0, 1.0)) is None


@pytest.mark.parametrize(("dtype", "digits"), [(torch.float32, 4e-7), (torch.float64, 1e-15)])
@pytest.mark.parametrize("fall", [1e-3, 0.1, 0.999, 1.001, 50.0, 1e6, 1e40, 1e250])
@pytest.mark.parametrize("curve", [0.3, 1.0, 9.0, 800.0])
def test_the_map_keeps_its_digits_at_any_exponents(curve, fall, dtype, digits):
    unit = torch.cat([torch.logspace(-7, -1, 13), 1 - torch.logspace(-7, -1, 13)]).to(dtype)[:, None].expand(-1, 3)
    bent = to_physical(PANEL, unit, every(curve, dtype), PLAIN, every(fall))[:, 0].double().numpy()
    truth = exact(unit[:, 0].double(), every(curve, dtype)[0].item(), fall)
    # A place is a power of two whose exponent has the digits of its dtype; the smallest ones are 0.
    exponents = np.maximum(1.0, np.abs(np.log2(np.maximum(truth, 1e-300))))
    tiny = torch.finfo(dtype).tiny
    assert (np.abs(bent - truth) <= digits * exponents * truth + tiny).all()


@given(st.floats(0.02, 0.98), st.floats(1.1, 200.0), st.floats(0.1, 0.9), st.booleans())
def test_the_inverse_undoes_the_map(unit, curve, mode, symmetric):
    # The fall of that mode; near an end or the centre, a place has fewer digits than what it is made of.
    flags, fall = torch.full((3,), symmetric), every((1 + (curve - 1) * mode**-curve) / curve)
    back = to_unit(PANEL, to_physical(PANEL, every(unit), every(curve), flags, fall), every(curve), flags, fall)
    torch.testing.assert_close(back, every(unit), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("curve", "fall"), [(0.5, 3.0), (2.0, 2.0), (4.0, 0.5), (30.0, 1e9)])
def test_a_uniform_draw_becomes_kumaraswamys_law(curve, fall):
    # Kolmogorov-Smirnov at a fixed seed; the false alarm rate is 1e-3 a test. SciPy's generalised beta of the first
    # kind is not there; 1 - (1 - x^a)^b is the exponentiated law of a beta draw: x^a is Beta(1, b).
    unit = torch.rand((20_000, 3), dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    bent = to_physical(PANEL, unit, every(curve), PLAIN, every(fall)).numpy()
    assert stats.kstest(bent[:, 0] ** curve, stats.beta(1, fall).cdf).pvalue > 1e-3
    both = to_physical(PANEL, unit, every(curve), SYMMETRIC, every(fall)).numpy()
    assert stats.kstest(np.abs(2 * both[:, 0] - 1) ** curve, stats.beta(1, fall).cdf).pvalue > 1e-3
    assert abs(np.mean(both[:, 0] > 0.5) - 0.5) < 4 * 0.5 / np.sqrt(20_000)


def test_gradients_are_right_and_finite_at_the_ends():
    curve = torch.tensor([0.4, 1.0, 3.0], dtype=torch.float64, requires_grad=True)
    fall = torch.tensor([0.3, 2.0, 40.0], dtype=torch.float64, requires_grad=True)
    unit = torch.tensor([[0.1, 0.6, 0.97]], dtype=torch.float64, requires_grad=True)
    for flags in (PLAIN, SYMMETRIC):
        assert torch.autograd.gradcheck(lambda u, c, f: to_physical(PANEL, u, c, flags, f), (unit, curve, fall))  # noqa: B023
        ends = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64).unsqueeze(1).repeat(1, 3).requires_grad_()
        to_physical(PANEL, ends, curve, flags, fall).sum().backward()
        assert bool(torch.isfinite(ends.grad).all())
        assert bool(torch.isfinite(curve.grad).all())
        assert bool(torch.isfinite(fall.grad).all())


@pytest.mark.parametrize("threads", [1, 3])
def test_a_row_has_the_same_bits_in_any_batch(threads):
    columns, before = 78, torch.get_num_threads()
    panel = Panel(tuple(Parameter("all", f"p{column}", -1.0, 2.0, "", "a knob") for column in range(columns)))
    unit = torch.rand((900, columns), generator=torch.Generator().manual_seed(1))
    curve, flags = torch.linspace(0.05, 5.0, columns), torch.arange(columns) % 2 == 0
    fall = torch.logspace(-1, 50, columns, dtype=torch.float64)
    torch.set_num_threads(threads)
    try:
        together = to_physical(panel, unit, curve, flags, fall)
        for rows in (1, 7, 421):
            parts = [to_physical(panel, part, curve, flags, fall) for part in unit[:450].split(rows)]
            assert torch.equal(torch.cat(parts), together[:450])
    finally:
        torch.set_num_threads(before)


def test_a_switch_is_chosen_by_the_bent_draw():
    panel = Panel((Parameter.switch("filter", "kind", ("a", "b", "c", "d"), "what is let through"),))
    unit = torch.linspace(0, 1, 2001)[:, None]
    settings = torch.tensor([2.0]), torch.tensor([False]), torch.tensor([3.0], dtype=torch.float64)
    found = to_physical(panel, unit, *settings)[:, 0]
    # Shares below the borders, by the closed form.
    borders = 1 - (1 - np.array([0.25, 0.5, 0.75]) ** 2) ** 3
    np.testing.assert_allclose([(found < choice).float().mean() for choice in (1, 2, 3)], borders, atol=1e-3)
    assert to_physical(panel, to_unit(panel, found[:, None], *settings), *settings)[:, 0].equal(found)
