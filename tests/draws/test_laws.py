"""The law of a draw: densities that add up to 1, scores and shifts as differences, information by quadrature."""

import numpy as np
import pytest
from scipy import integrate

from nebula.draws import laws

# Both signs of either exponent's logarithm, the removable places of the closed forms, and narrow laws.
BENDS = [(0.3, 0.4), (1.0, 1.0), (2.5, 1.0), (0.7, 2.0), (3.0, 8.0), (20.0, 1e6), (40.0, 1e12)]
SHARES = np.array([1e-6, 1e-3, 0.05, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6])[:, None]


def exponents(curve, fall):
    return np.array([curve]), np.array([fall])


@pytest.mark.parametrize(("curve", "fall"), BENDS)
def test_places_and_shares_are_each_others_inverse(curve, fall):
    a, b = exponents(curve, fall)
    places = laws.log_place_of(SHARES, a, b)
    np.testing.assert_allclose(laws.share_of(places, a, b), SHARES, rtol=1e-9)
    if fall < 1e3:
        np.testing.assert_allclose(1 - (1 - np.exp(places) ** curve) ** fall, SHARES, rtol=1e-8)


@pytest.mark.parametrize(("curve", "fall"), BENDS)
def test_the_density_is_the_slope_of_the_share(curve, fall):
    a, b = exponents(curve, fall)
    places = laws.log_place_of(SHARES[2:-2], a, b)
    step = 1e-5 / curve
    slope = (laws.share_of(places + step, a, b) - laws.share_of(places - step, a, b)) / (2 * step)
    # By the logarithm of the place, whose slope is the place.
    np.testing.assert_allclose(np.exp(laws.log_density(places, a, b) + places), slope, rtol=1e-5)


@pytest.mark.parametrize(("curve", "fall"), BENDS)
def test_scores_and_shifts_are_differences_at_a_held_place(curve, fall):
    a, b = exponents(curve, fall)
    shares, step = SHARES[1:-1], 1e-5
    places = laws.log_place_of(shares, a, b)
    up, down = np.exp(step), np.exp(-step)
    for number, (more, less) in enumerate((((a * up, b), (a * down, b)), ((a, b * up), (a, b * down)))):
        slope = (laws.log_density(places, *more) - laws.log_density(places, *less)) / (2 * step)
        np.testing.assert_allclose(laws.scores(shares, b)[number], slope, rtol=1e-5, atol=1e-5)
        shift = (laws.share_of(places, *more) - laws.share_of(places, *less)) / (2 * step)
        np.testing.assert_allclose(laws.shifts(shares, b)[number], shift, rtol=1e-5, atol=1e-6)


def test_a_fall_of_1_leaves_the_scores_of_a_power():
    curve, fall = laws.scores(SHARES, np.array([1.0]))
    np.testing.assert_array_equal(curve, 1 + np.log(SHARES))
    np.testing.assert_array_equal(fall, 1 + np.log1p(-SHARES))


@pytest.mark.parametrize("fall", [0.6, 1 - 1e-5, 1 - 1e-7, 1.0, 1 + 1e-6, 1.5, 2 - 1e-6, 2.0, 2 + 1e-5, 7.0, 1e4, 1e9])
def test_the_information_is_the_covariance_of_the_scores(fall):
    b = np.array([fall])

    def product(one, other):
        def value(waited):
            found = laws.scores(np.array([-np.expm1(-waited)]), b)
            return found[one][0] * found[other][0] * np.exp(-waited)

        # The share 1 - exp(-36) is the last that float64 tells from 1.
        return sum(integrate.quad(value, *part, limit=200, epsabs=1e-10)[0] for part in ((0, 1), (1, 36)))

    own, shared = laws.information(b)
    assert own[0] == pytest.approx(product(0, 0), abs=2e-6)
    assert shared[0] == pytest.approx(product(0, 1), abs=2e-6)
    assert product(1, 1) == pytest.approx(1.0, abs=2e-6)
    assert own[0] > shared[0] ** 2
    # Of a fall of 1 exactly, so that studies of curves alone stay as they were.
    assert laws.information(np.array([1.0]))[0].tolist() == [1.0]
