"""How near each sound comes to a target: the part of a match that a discrepancy between distributions leaves open.

A discrepancy may trade a sound that is like nothing in the target for another one that is like nothing in it either, as
long as the two together spread as the target does. Nearness asks of each sound alone whether something in the target is
like it, which is what precision counts (Kynkäänniemi et al. 2019).
"""

from __future__ import annotations

from nebula.discrepancy.vectors import check_pair, checked
from nebula.tensors import Float, Float64, Tensor, torch


def nearest_distances(
    x: Float[Tensor, "sounds_x dimension"], y: Float[Tensor, "sounds_y dimension"]
) -> Float64[Tensor, " sounds_x"]:
    """Returns the l1 distance of each sound of `x` to the nearest one of `y`, in the unit of the embedding.

    Args:
        x: One row per sound. Not modified.
        y: The target, one row per sound.

    Raises:
        ArgumentError: Unless both have two axes, the same dimension and device, a sound and finite values.

    Example:
        >>> nearest_distances(torch.tensor([[0.0], [5.0]]), torch.tensor([[1.0], [7.0]])).tolist()
        [1.0, 2.0]
    """
    values, target = checked("x", x), checked("y", y)
    check_pair(values, target)
    wide = torch.promote_types(values.dtype, target.dtype)
    return torch.cdist(values.to(wide), target.to(wide), p=1).amin(dim=1).double()
