"""The curve and fall that surround one value: of a knob, with a given width; of a switch, with that choice alone.

With curve a and fall b, the density of Kumaraswamy's distribution (J. Hydrology 46, 1980) has its mode where
x^a = (a - 1) / (a b - 1). Given the mode m, b = (1 + (a - 1) m^-a) / a, and a is left to be found from the width, which
shrinks from that of a uniform draw as a grows from 1. A mode at the minimum is a = 1, one at the maximum b = 1.
"""

from __future__ import annotations

import math

from nebula.errors import ArgumentError

#: A width is the distance between these quantiles: the central 90 % of all draws.
QUANTILES = (0.05, 0.95)

#: Smallest width, and the one that is not reached: that of a uniform draw.
WIDTHS = (0.005, 0.9)

# Draws come in steps of 2^-24. E = -log(1 - u) of all of them but 0 is between these.
_LEAST_WAIT, _MOST_WAIT = 2.0**-24, 24 * math.log(2)
# Of falls, as logarithms; the largest there is leaves a choice of up to 90 without a draw that falls beside it.
_LARGEST_FALL = math.log(1e300)
# A place nearer than this to an end is that end: the law of a mode so near is the same to the last digit.
_END = 1e-9
# A choice has this many times the room that its draws take, where there is as much.
_ROOM = 2.0


def around_place(place: float, width: float) -> tuple[float, float]:
    """Returns the curve and the fall of the law whose mode is a place in the range, and whose width is as asked for.

    Args:
        place: Of the mode, from 0 at the minimum to 1 at the maximum.
        width: Share of the range that the central 90 % of all draws take, from 0.005 to below 0.9.

    Raises:
        ArgumentError: The width is outside what is allowed.

    Example:
        >>> curve, fall = around_place(0.5, 0.1)
        >>> round(curve, 3), round(((curve - 1) / (curve * fall - 1)) ** (1 / curve), 6)
        (19.47, 0.5)
    """
    if not WIDTHS[0] <= width < WIDTHS[1]:
        raise ArgumentError(f"width: got {width:g}, expected a number from {WIDTHS[0]:g} to below {WIDTHS[1]:g}")
    low, high = math.log(1e-12), math.log(1e6)
    for _ in range(80):
        middle = (low + high) / 2
        curve, log_fall = _with_mode(place, math.exp(middle))
        wide = _place_at(QUANTILES[1], curve, log_fall) - _place_at(QUANTILES[0], curve, log_fall)
        low, high = (middle, high) if wide > width else (low, middle)
    curve, log_fall = _with_mode(place, math.exp(low))
    return curve, math.exp(log_fall)


def around_choice(choice: int, choices: int) -> tuple[float, float]:
    """Returns the curve and the fall by which a switch of up to 90 choices is always set to one of them.

    But for a draw of exactly 0, one of 16.8 million, which any curve leaves at the first choice.

    Args:
        choice: Which, counted from 0.
        choices: How many there are, 2 or more.
    """
    if choice == 0:
        return 1.0, math.exp(_LARGEST_FALL)
    # With a large fall b, log x = (log E - log b) / a: a is what brings the span of log E into that of the choice, and
    # b brings its middle there.
    span = math.log(_MOST_WAIT / _LEAST_WAIT)
    middle = math.log(choices / math.sqrt(choice * (choice + 1)))
    narrow = span / math.log((choice + 1) / choice)
    wait = math.log(_MOST_WAIT * _LEAST_WAIT) / 2
    curve = min(_ROOM * narrow, (_LARGEST_FALL - wait) / middle)
    return curve, math.exp(wait + curve * middle)


def _with_mode(place: float, above: float) -> tuple[float, float]:
    """The curve 1 + `above` and log fall that have a mode; at the minimum and the maximum one of both is 1."""
    if place < _END:
        return 1.0, math.log1p(above)
    if place > 1 - _END:
        return 1 + above, 0.0
    curve = 1 + above
    # The logarithm of 1 + (a - 1) m^-a, whichever of both is larger.
    grown = math.log(above) - curve * math.log(place)
    return curve, (math.log1p(math.exp(grown)) if grown < 0 else grown + math.log1p(math.exp(-grown))) - math.log(curve)


def _place_at(share: float, curve: float, log_fall: float) -> float:
    ratio = math.log(-math.log1p(-share)) - log_fall
    power = ratio if ratio < -36 else math.log(-math.expm1(-math.exp(ratio)))
    return math.exp(power / curve)
