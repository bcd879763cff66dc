"""How a nebula bends the unit interval: unit parameters to physical ones, and back.

A unit parameter u is uniform on [0, 1]. With d = 2u - 1:

    plain:      minimum + (maximum - minimum) * u ** (1 / curve)
    symmetric:  minimum + (maximum - minimum) / 2 * (sign(d) * |d| ** (1 / curve) + 1)

A curve below 1 crowds values towards the minimum (plain) or the centre (symmetric), above 1 towards the maximum or both
ends, and 1 is neutral in both forms. A second exponent, the fall, lets values rest in between: u gives way to
1 - (1 - u) ** (1 / fall), and |d| likewise, before it is raised to 1 / curve. A value's place x in its range, or its
distance from the centre, then has the distribution of Kumaraswamy (J. Hydrology 46, 1980, eq. 2),

    P(place < x) = 1 - (1 - x ** curve) ** fall,

whose density rises from the minimum as x ** (curve - 1) and falls towards the maximum as (1 - x) ** (fall - 1). A fall
of 1 leaves the curve alone. torchsynth 1.0.2 maps a symmetric range with curve exactly 1 onto its upper half
only (`ModuleParameterRange.from_0to1`); here it is linear, the limit of both sides.

A switch of n choices is bent as a range from 0 to n, and its physical value is the whole number below, at most n - 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nebula.draws.parameters import Panel
from nebula.tensors import Bool, Float, Tensor, torch

# On a CPU torch computes powers in steps of up to 64 values and what is left over at the end of a thread's share, of
# 32,768 values or more, with another function that rounds differently. Of whole steps in small shares nothing is left
# over: 32 rows of 78 parameters are 39 steps, and 416 rows are less than one share. So a row has the same bits in any
# batch.
_STEP_VALUES, _SHARE_VALUES = 64, 32_768

#: Most parameters whose rows make such blocks, however many columns there are: a step of 64 rows is below one share.
LONGEST_ROW = (_SHARE_VALUES - 1) // _STEP_VALUES


def block_rows(columns: int) -> tuple[int, int]:
    """Returns how many rows make whole steps, and how many of these make a block smaller than one share.

    Args:
        columns: Length of a row, 1 to `LONGEST_ROW`, which is 511.
    """
    step = _STEP_VALUES // math.gcd(_STEP_VALUES, columns)
    return step, max(step, (_SHARE_VALUES - 1) // columns // step * step)


def falls_tensor(falls: Sequence[float], device: str | torch.device = "cpu") -> Float[Tensor, " parameter"] | None:
    """Returns falls as `to_physical` takes them, in float64, which holds a narrow nebula's; None where all are 1.

    Args:
        falls: Of each parameter, from 1e-30 to 1e300.
        device: Where the result lies.
    """
    if all(fall == 1.0 for fall in falls):
        return None
    return torch.tensor(falls, dtype=torch.float64, device=device)


def _bend(position: Tensor, exponent: Tensor, fall: Tensor | None) -> Tensor:
    # exp2(log2 u * e) rather than pow: the same rounding as torchsynth, so that pitches agree to the last bit. The
    # inner `where` keeps log2(0) out of the graph, whose gradient would be 0 * inf.
    inside = position > 0
    safe = torch.where(inside, position, 1.0)
    bent = torch.where(exponent == 1.0, safe, torch.exp2(torch.log2(safe) / exponent))
    if fall is not None:
        bent = torch.where(fall == 1.0, bent, torch.exp2(_fallen_log2(position, fall) / exponent))
    return torch.where(inside, bent, 0.0)


def _unbend(place: Tensor, exponent: Tensor, fall: Tensor | None) -> Tensor:
    plain = place**exponent
    if fall is None:
        return plain
    between = (place > 0) & (place < 1)
    # As in `_fallen_log2`, with log(-log(1 - x ** curve)) = log(x ** curve) where x ** curve is below what 1 can lose.
    logarithm = exponent * torch.log2(torch.where(between, place, 0.5))
    power = torch.exp2(logarithm)
    small = power < torch.finfo(place.dtype).eps
    missing = -torch.log1p(-torch.where(small, 0.5, power))
    waited = torch.exp2(torch.where(small, logarithm, torch.log2(missing)) + torch.log2(fall).to(place.dtype))
    return torch.where(between & (fall != 1.0), -torch.expm1(-waited), plain)


def _fallen_log2(position: Tensor, fall: Tensor) -> Tensor:
    """log2 of 1 - (1 - u) ** (1 / fall); finite at u = 0, of which nothing is made.

    The power is exp(-E / fall) with E = -log(1 - u). A narrow nebula has falls far beyond what float32 holds; there it
    is 1 to the last digit, and log E - log fall is left.
    """
    below = position < 1
    waited = -torch.log1p(-torch.where(below & (position > 0), position, 0.5))
    logarithm = torch.log2(fall).to(position.dtype)
    share = waited * torch.exp2(-logarithm)
    small = share < torch.finfo(position.dtype).eps
    missing = -torch.expm1(-torch.where(small, 1.0, share))
    found = torch.where(small, torch.log2(waited) - logarithm, torch.log2(missing))
    return torch.where(below, found, 0.0)


def to_physical(
    panel: Panel,
    unit: Float[Tensor, "*batch parameter"],
    curve: Float[Tensor, " parameter"],
    symmetric: Bool[Tensor, " parameter"],
    fall: Float[Tensor, " parameter"] | None = None,
) -> Float[Tensor, "*batch parameter"]:
    """Returns physical parameter values, in each parameter's own unit.

    Differentiable with respect to `unit`, `curve` and `fall`, except that the gradient at a value on the minimum
    (plain) or the centre (symmetric), where the slope may be infinite, is 0, and that of a switch.

    Args:
        panel: The parameters.
        unit: Values in [0, 1], columns in the order of the panel.
        curve: Positive curve of each parameter; 1 is neutral.
        symmetric: Whether each parameter's curve bends around the centre of its range.
        fall: As `falls_tensor` gives it.
    """
    rows = unit.reshape(-1, len(panel))
    if unit.device.type != "cpu" or len(rows) == 0:
        return _to_physical(panel, unit, curve, symmetric, fall)
    step, share = block_rows(len(panel))
    padded = torch.nn.functional.pad(rows, (0, 0, 0, -len(rows) % step))
    blocks = [_to_physical(panel, block.contiguous(), curve, symmetric, fall) for block in padded.split(share)]
    return torch.cat(blocks)[: len(rows)].reshape(unit.shape)


def _to_physical(panel: Panel, unit: Tensor, curve: Tensor, symmetric: Tensor, fall: Tensor | None) -> Tensor:
    minimum, maximum = panel.ranges(unit)
    distance = 2.0 * unit - 1.0
    one_sided = _bend(unit, curve, fall)
    two_sided = torch.sign(distance) * _bend(torch.abs(distance), curve, fall)
    physical = torch.where(
        symmetric,
        minimum + (maximum - minimum) / 2.0 * (two_sided + 1.0),
        minimum + (maximum - minimum) * one_sided,
    )
    if panel.switches is None:
        return physical
    return torch.where(panel.switches.to(unit.device), torch.minimum(physical.floor(), maximum - 1.0), physical)


def to_unit(
    panel: Panel,
    physical: Float[Tensor, "*batch parameter"],
    curve: Float[Tensor, " parameter"],
    symmetric: Bool[Tensor, " parameter"],
    fall: Float[Tensor, " parameter"] | None = None,
) -> Float[Tensor, "*batch parameter"]:
    """Returns unit values that `to_physical` maps onto `physical`; its inverse.

    Of the unit values of a choice it returns the one whose bent value is the middle of the choice's part.

    Args:
        panel: The parameters.
        physical: Values within each parameter's range, columns in the order of the panel.
        curve: Positive curve of each parameter; 1 is neutral.
        symmetric: Whether each parameter's curve bends around the centre of its range.
        fall: As `falls_tensor` gives it.
    """
    minimum, maximum = panel.ranges(physical)
    if panel.switches is not None:
        physical = torch.where(panel.switches.to(physical.device), physical + 0.5, physical)
    position = ((physical - minimum) / (maximum - minimum)).clamp(0.0, 1.0)
    distance = 2.0 * position - 1.0
    two_sided = (1.0 + torch.sign(distance) * _unbend(torch.abs(distance), curve, fall)) / 2.0
    return torch.where(symmetric, two_sided, _unbend(position, curve, fall))
