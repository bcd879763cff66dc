"""Polynomials against what they stand for, over the whole interval."""

import math

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from nebula.modules.loops import polynomials


def test_a_polynomial_is_its_own_fit():
    found = polynomials.fit(lambda x: 2 - x + 3 * x**2, -1.0, 5.0, 4)
    np.testing.assert_allclose(found, [2, -1, 3, 0, 0], atol=1e-12)


def test_every_degree_gets_all_its_coefficients():
    assert polynomials.fit(lambda x: np.ones_like(x), 0.0, 1.0, 5) == pytest.approx((1, 0, 0, 0, 0, 0), abs=1e-12)


# Bounds are the interpolation error (h / 2) ** (n + 1) M / (2 ** n (n + 1)!), rounded up, or float64's own rounding; an
# exact constant shifts exp2 by as much again.
@pytest.mark.parametrize(("degree", "bound"), [(4, 1e-8), (7, 2e-15)])
def test_sine_of_turns(degree, bound):
    v = np.linspace(-0.25, 0.25, 10_001)
    found = v * Polynomial(polynomials.sine_of_turns(degree))(v**2)
    np.testing.assert_allclose(found, np.sin(2 * np.pi * v), rtol=0, atol=bound)


@pytest.mark.parametrize(("degree", "bound"), [(5, 4e-7), (10, 4e-15)])
def test_exp2(degree, bound):
    x = np.linspace(-0.5, 0.5, 10_001)
    found = Polynomial(polynomials.exp2(-0.5, 0.5, degree))
    np.testing.assert_allclose(found(x), np.exp2(x), rtol=bound)
    assert found(0.0) == 1.0


@pytest.mark.parametrize(("bound", "degree", "error"), [(0.05, 3, 1e-8), (1.0, 7, 5e-8), (1.0, 12, 2e-14)])
def test_geometric_sums(bound, degree, error):
    g = Polynomial(polynomials.geometric(bound, degree))
    for growth in np.array([-1.0, -0.3, 1e-9, 0.7, 1.0]) * bound / 20:
        total = math.fsum(math.exp(growth * i) for i in range(20))
        assert 20 * g(growth * 20) / g(growth) == pytest.approx(total, rel=2 * error)


def test_log2_of_ratio():
    m = np.geomspace(2**-0.5, 2**0.5, 10_001)
    s = (m - 1) / (m + 1)
    found = s * Polynomial(polynomials.log2_of_ratio(7))(s**2)
    np.testing.assert_allclose(found, np.log2(m), rtol=0, atol=1e-15)
