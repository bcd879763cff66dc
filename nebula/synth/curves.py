"""How a nebula bends the unit interval: unit parameters to physical ones, and back.

A unit parameter u is uniform on [0, 1]. With d = 2u - 1:

    plain:      minimum + (maximum - minimum) * u ** (1 / curve)
    symmetric:  minimum + (maximum - minimum) / 2 * (sign(d) * |d| ** (1 / curve) + 1)

A curve below 1 crowds values towards the minimum (plain) or the centre (symmetric), above 1 towards the maximum or both
ends, and 1 is neutral in both forms. torchsynth 1.0.2 maps a symmetric range with curve exactly 1 onto its upper half
only (`ModuleParameterRange.from_0to1`); here it is linear, the limit of both sides.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from nebula.synth.parameters import PARAMETERS

# On a CPU torch computes powers in steps of up to 64 values and what is left over at the end of a thread's share, of
# 32,768 values or more, with another function that rounds differently. Of whole steps in small shares nothing is left
# over: 32 rows of 78 parameters are 39 steps, and 416 rows are less than one share. So a row has the same bits in any
# batch.
_STEP_ROWS, _SHARE_ROWS = 32, 416


def _bend(position: Tensor, exponent: Tensor) -> Tensor:
    # exp2(log2 u * e) rather than pow: the same rounding as torchsynth, so that pitches agree to the last bit. The
    # inner `where` keeps log2(0) out of the graph, whose gradient would be 0 * inf.
    inside = position > 0
    safe = torch.where(inside, position, 1.0)
    bent = torch.where(exponent == 1.0, safe, torch.exp2(torch.log2(safe) / exponent))
    return torch.where(inside, bent, 0.0)


def to_physical(
    unit: Float[Tensor, "*batch parameter"],
    curve: Float[Tensor, " parameter"],
    symmetric: Bool[Tensor, " parameter"],
) -> Float[Tensor, "*batch parameter"]:
    """Returns physical parameter values, in each parameter's own unit.

    Differentiable with respect to `unit` and `curve`, except that the gradient at a value that maps onto the minimum
    (plain) or the centre (symmetric), where the slope may be infinite, is 0.

    Args:
        unit: Values in [0, 1], columns in the order of `PARAMETERS`.
        curve: Positive curve of each parameter; 1 is neutral.
        symmetric: Whether each parameter's curve bends around the centre of its range.
    """
    rows = unit.reshape(-1, len(PARAMETERS))
    if unit.device.type != "cpu" or len(rows) == 0:
        return _to_physical(unit, curve, symmetric)
    padded = functional.pad(rows, (0, 0, 0, -len(rows) % _STEP_ROWS))
    blocks = [_to_physical(block.contiguous(), curve, symmetric) for block in padded.split(_SHARE_ROWS)]
    return torch.cat(blocks)[: len(rows)].reshape(unit.shape)


def _to_physical(unit: Tensor, curve: Tensor, symmetric: Tensor) -> Tensor:
    minimum, maximum = _ranges(unit)
    distance = 2.0 * unit - 1.0
    one_sided = _bend(unit, curve)
    two_sided = torch.sign(distance) * _bend(torch.abs(distance), curve)
    return torch.where(
        symmetric,
        minimum + (maximum - minimum) / 2.0 * (two_sided + 1.0),
        minimum + (maximum - minimum) * one_sided,
    )


def to_unit(
    physical: Float[Tensor, "*batch parameter"],
    curve: Float[Tensor, " parameter"],
    symmetric: Bool[Tensor, " parameter"],
) -> Float[Tensor, "*batch parameter"]:
    """Returns the unit values that `to_physical` maps onto `physical`; its inverse.

    Args:
        physical: Values within each parameter's range, columns in the order of `PARAMETERS`.
        curve: Positive curve of each parameter; 1 is neutral.
        symmetric: Whether each parameter's curve bends around the centre of its range.
    """
    minimum, maximum = _ranges(physical)
    position = ((physical - minimum) / (maximum - minimum)).clamp(0.0, 1.0)
    distance = 2.0 * position - 1.0
    two_sided = (1.0 + torch.sign(distance) * torch.abs(distance) ** curve) / 2.0
    return torch.where(symmetric, two_sided, position**curve)


def _ranges(like: Tensor) -> tuple[Tensor, Tensor]:
    minimum = torch.tensor([p.minimum for p in PARAMETERS], dtype=like.dtype, device=like.device)
    maximum = torch.tensor([p.maximum for p in PARAMETERS], dtype=like.dtype, device=like.device)
    return minimum, maximum
