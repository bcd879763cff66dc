"""The law that a curve and a fall give a draw: its density, what moves it, and how well the exponents can be told.

A place x in (0, 1), from the minimum, or from the centre where the curve is symmetric, is below x in a share

    t = 1 - (1 - x^a)^b,    a the curve, b the fall,

of all draws, which is Kumaraswamy's distribution (J. Hydrology 46, 1980, eq. 2). With w = x^a and E = -log(1 - t),
which is distributed as a standard exponential, w = 1 - exp(-E / b): what follows is written in t and b alone, and so
is the same wherever in the range a nebula lies.
"""

from __future__ import annotations

import numpy as np
import scipy.special
from jaxtyping import Float64

Values = Float64[np.ndarray, "*rows parameter"]
Exponents = Float64[np.ndarray, " parameter"]

# Beyond it exp(x) - 1 and exp(x) are the same number, and log(1 - exp(-x)) is -exp(-x).
_LARGE = 40.0
_LEAST = 1e-300
# A quotient of numbers that are both near to 0 is taken for its limit.
_NEAR = 1e-6


def log_density(log_place: Values, curve: Exponents, fall: Exponents) -> Values:
    """Returns the logarithm of the density of places in (0, 1).

    Args:
        log_place: Logarithms of places, below 0: those of places that float64 would round to 0 or 1 are kept.
        curve: Positive curve of each parameter.
        fall: Positive fall of each.
    """
    found = np.log(curve) + np.log(fall) + (curve - 1) * log_place + (fall - 1) * _log_missing(curve * log_place)
    return np.asarray(found, dtype=np.float64)


def log_place_of(share: Values, curve: Exponents, fall: Exponents) -> Values:
    """Returns the logarithms of the places below which shares of all draws lie.

    Args:
        share: Within (0, 1).
        curve: As for `log_density`.
        fall: As for `log_density`.
    """
    return np.asarray(_log_power(share, fall) / curve, dtype=np.float64)


def share_of(log_place: Values, curve: Exponents, fall: Exponents) -> Values:
    """Returns what share of all draws lies below places; the inverse of `log_place_of`.

    Args:
        log_place: As for `log_density`.
        curve: As for `log_density`.
        fall: As for `log_density`.
    """
    return np.asarray(-np.expm1(fall * _log_missing(curve * log_place)), dtype=np.float64)


def scores(share: Values, fall: Exponents) -> tuple[Values, Values]:
    """Returns the derivatives of the log density by log curve and by log fall, at the places of shares.

    1 + log w - (b - 1) w log w / (1 - w), and 1 - E. A fall of 1 leaves 1 + log t of the first.

    Args:
        share: Within (0, 1).
        fall: As for `log_density`.
    """
    curve = 1 + _log_power(share, fall) - (fall - 1) * _turned(share, fall)
    return np.where(fall == 1.0, 1 + np.log(share), curve), 1 + np.log1p(-share)


def shifts(share: Values, fall: Exponents) -> tuple[Values, Values]:
    """Returns the derivatives of the share below a place by log curve and by log fall, the place being held.

    b (1 - t) w log w / (1 - w), and (1 - t) E. A fall of 1 leaves t log t of the first.

    Args:
        share: Within (0, 1).
        fall: As for `log_density`.
    """
    curve = fall * (1 - share) * _turned(share, fall)
    return np.where(fall == 1.0, share * np.log(share), curve), -(1 - share) * np.log1p(-share)


def information(fall: Exponents) -> tuple[Exponents, Exponents]:
    """Returns Fisher's information on log curve, and between log curve and log fall; that on log fall is 1.

    With w distributed as Beta(1, b), E[w log w / (1 - w)] and the like are derivatives of the beta function:

        1 + b / (b - 2) ((psi(b) - psi(2))^2 - (psi'(b) - psi'(2))),    b / (b - 1) (psi(2) - psi(b + 1)),

    psi being the digamma function; at b = 2 and b = 1 their limits.

    Args:
        fall: As for `log_density`.
    """
    digamma, polygamma = scipy.special.digamma, scipy.special.polygamma
    square = (digamma(fall) - digamma(2)) ** 2 - (polygamma(1, fall) - polygamma(1, 2))
    own = 1 + fall * _quotient(square, fall - 2, -polygamma(2, 2))
    shared = fall * _quotient(digamma(2) - digamma(fall + 1), fall - 1, -polygamma(1, 2))
    return np.where(fall == 1.0, 1.0, own), shared


def _quotient(above: Exponents, below: Exponents, limit: float) -> Exponents:
    near = np.abs(below) < _NEAR
    return np.asarray(np.where(near, limit, above / np.where(near, 1.0, below)), dtype=np.float64)


def _log_missing(log_power: Values) -> Values:
    """The logarithm of 1 - w, whichever of w and 1 - w is the smaller (Maechler 2012, eq. 7)."""
    near = log_power > -np.log(2)
    # What another law's places leave of 1 - w may be less than there is.
    high = np.log(-np.expm1(np.where(near, np.minimum(log_power, -_LEAST), -1.0)))
    return np.asarray(np.where(near, high, np.log1p(-np.exp(np.where(near, -1.0, log_power)))), dtype=np.float64)


def _log_power(share: Values, fall: Exponents) -> Values:
    """The logarithm of w: log E - log b where E / b is lost beside 1."""
    waited = -np.log1p(-share)
    ratio = waited / fall
    small = ratio < np.finfo(np.float64).eps
    middle = np.log(-np.expm1(-np.where(small, 1.0, np.minimum(ratio, _LARGE))))
    found = np.where(ratio > _LARGE, -np.exp(-ratio), middle)
    return np.asarray(np.where(small, np.log(waited) - np.log(fall), found), dtype=np.float64)


def _turned(share: Values, fall: Exponents) -> Values:
    """The quotient of w log w and 1 - w, which is -1 at w = 1."""
    ratio = -np.log1p(-share) / fall
    return np.asarray(
        np.where(ratio > _LARGE, -1.0, _log_power(share, fall) * np.expm1(np.minimum(ratio, _LARGE))), dtype=np.float64
    )
