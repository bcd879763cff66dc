"""Polynomials in place of library calls: a fused loop stays in the vector unit only if it calls nothing.

Arguments are range-reduced first, so that a few terms reach the accuracy that is wanted.
"""

from collections.abc import Callable

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial


def fit(function: Callable[[np.ndarray], np.ndarray], low: float, high: float, degree: int) -> tuple[float, ...]:
    """Returns the coefficients, constant term first, of the polynomial that meets a function at the Chebyshev points.

    Its largest error is within a small factor of the best polynomial's of that degree.

    Args:
        function: What to approximate; finite on the whole interval.
        low: Where the interval begins.
        high: Where it ends.
        degree: Of the polynomial.

    Example:
        >>> import numpy as np
        >>> constant, linear = fit(lambda x: 3.0 * x + 1.0, 0.0, 2.0, 1)
        >>> bool(np.isclose(constant, 1.0) and np.isclose(linear, 3.0))
        True
    """
    interpolated = Chebyshev.interpolate(function, degree, domain=[low, high]).convert(kind=Polynomial)
    return tuple(float(value) for value in np.pad(interpolated.coef, (0, degree + 1 - len(interpolated.coef))))


def sine_of_turns(degree: int) -> tuple[float, ...]:
    """Returns coefficients in s = v ** 2 of sin(2 pi v) / v, for |v| up to a quarter turn."""
    return fit(lambda s: 2 * np.pi * np.sinc(2 * np.sqrt(s)), 0.0, 1 / 16, degree)


def exp2(low: float, high: float, degree: int) -> tuple[float, ...]:
    """Returns coefficients of 2 ** x. The first is exactly 1: a full envelope must be 1 to the last bit.

    Where an LFO is in step with the control rate, its saw wraps and its square flips on the last bit.
    """
    return (1.0, *fit(np.exp2, low, high, degree)[1:])


def geometric(bound: float, degree: int) -> tuple[float, ...]:
    """Returns coefficients of (e ** y - 1) / y, for |y| up to `bound`: what a sum has that grows geometrically.

    sum of e ** (x i) over i = 0 .. m - 1  =  (e ** (x m) - 1) / (e ** x - 1)  =  m g(x m) / g(x)
    """

    def growth(y: np.ndarray) -> np.ndarray:
        safe = np.where(y == 0, 1.0, y)
        return np.asarray(np.where(y == 0, 1.0, np.expm1(safe) / safe))

    return fit(growth, -bound, bound, degree)


def log2_of_ratio(degree: int) -> tuple[float, ...]:
    """Returns coefficients in z = s ** 2 of log2(m) / s, s = (m - 1) / (m + 1), for m from 0.707 to 1.414."""

    def slope(z: np.ndarray) -> np.ndarray:
        s = np.sqrt(np.maximum(z, 1e-300))
        return np.asarray(2 * np.arctanh(s) / s / np.log(2))

    return fit(slope, 0.0, ((2**0.5 - 1) / (2**0.5 + 1)) ** 2, degree)
