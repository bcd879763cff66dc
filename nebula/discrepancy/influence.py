"""What each sound contributes: the influence of one sound on the discrepancy or diversity of the set it lies in.

A discrepancy D(p) of a distribution p of sounds changes, when p does, by the mean of one function over the change. That
function's value at sound i, estimated from the other sounds of the set, is the sound's influence: drawing more sounds
like it raises D if it is above the mean influence, and lowers D if it is below. One set of n sounds thus gives n
numbers where the discrepancy gives one. For the l1 distance sorting finds them, without going through pairs.
"""

from __future__ import annotations

from nebula.discrepancy.crosschecks import GaussianReference
from nebula.discrepancy.l1 import Reference, diversity_weight, summed_distances
from nebula.discrepancy.vectors import checked
from nebula.tensors import Float, Float64, Tensor


def mmd_influence(
    x: Float[Tensor, "sounds_x dimension"], reference: Reference | GaussianReference
) -> Float64[Tensor, " sounds_x"]:
    """Influence of each sound of `x` on `mmd` or `gaussian_mmd` to a prepared target.

    w_i = 2 (mean_j d(x_i, y_j) - mean_{k != i} d(x_i, x_k)), with d the l1 distance or the kernel's negative: a sound
    is worth its nearness to the target, and its distance from the other sounds. Their mean is twice d(x, y) - d(x, x)
    over distinct pairs.

    Args:
        x: One row per sound, of the reference's dimension and device, at least two. Not modified.
        reference: The target, for either discrepancy.

    Raises:
        ArgumentError: Unless `x` has two axes, the reference's dimension, two sounds and finite values.

    Example:
        >>> import torch
        >>> mmd_influence(torch.tensor([[0.0], [1.0]]), Reference(torch.tensor([[2.0]]))).tolist()
        [2.0, 0.0]

    Source:
        The derivative of equation (2) of Turian et al. 2021; twice the witness function of Gretton et al., "A Kernel
        Two-Sample Test", JMLR 13, 2012, section 2.3, -d being the kernel.
    """
    values = checked("x", x, 2)
    if isinstance(reference, GaussianReference):
        to_target = reference.kernel_sums(values) / reference.sounds
        # Each sound's kernel with itself is 1.
        return 2 * ((reference.kernel_sums(values, values) - 1) / (len(x) - 1) - to_target)
    return 2 * (reference.summed_distances(values) / reference.sounds - _mean_to_others(values))


def diversity_influence(x: Float[Tensor, "sounds dimension"]) -> Float64[Tensor, " sounds"]:
    """Influence of each sound of `x` on their `diversity`: its mean distance to the others, in diversity's unit.

    Their mean is twice the diversity.

    Args:
        x: One row per sound, at least two. Not modified.

    Raises:
        ArgumentError: Unless `x` has two axes, two sounds and finite values.

    Example:
        >>> import torch
        >>> diversity_influence(torch.tensor([[0.0], [3.0], [3.0], [6.0]])).tolist()
        [8.0, 4.0, 4.0, 8.0]
    """
    values = checked("x", x, 2)
    return 2 * diversity_weight(len(x)) * _mean_to_others(values)


def _mean_to_others(x: Tensor) -> Tensor:
    return summed_distances(x, x) / (len(x) - 1)
