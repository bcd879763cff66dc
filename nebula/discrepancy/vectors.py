"""The one check that every set of vectors passes before it becomes a number."""

import torch
from torch import Tensor

from nebula.errors import ArgumentError


def checked(name: str, vectors: Tensor, minimum: int = 1) -> Tensor:
    """Returns `vectors` without its graph, at least in single precision, or says what is wrong with it.

    Args:
        name: What the caller calls it.
        vectors: Any tensor.
        minimum: The fewest sounds that the caller can use.

    Raises:
        ArgumentError: Unless the tensor is real floating point, of two axes, with enough sounds, at least one
            dimension, and finite throughout.
    """
    if not vectors.is_floating_point():
        raise ArgumentError(f"{name} holds {vectors.dtype}; a floating-point tensor is needed")
    if vectors.ndim != 2:
        raise ArgumentError(f"{name} has shape {tuple(vectors.shape)}; two axes are needed, sounds and dimensions")
    sounds, dimension = vectors.shape
    if sounds < minimum:
        raise ArgumentError(f"{name} has {sounds} sounds; at least {minimum} are needed")
    if dimension < 1:
        raise ArgumentError(f"{name} has 0 dimensions; at least 1 is needed")
    vectors = vectors.detach()
    if vectors.dtype in (torch.float16, torch.bfloat16):
        vectors = vectors.float()
    # The extremes carry any NaN or infinity, and finding them needs no memory.
    if not torch.stack(vectors.aminmax()).isfinite().all():
        finite = vectors.isfinite().all(dim=1)
        row = int((~finite).nonzero()[0])
        raise ArgumentError(f"{name} holds a value that is not finite in row {row}; all must be finite")
    return vectors


def check_pair(x: Tensor, y: Tensor) -> None:
    """Says so when two checked sets of vectors cannot be compared.

    Raises:
        ArgumentError: When they differ in dimension or in device.
    """
    if x.shape[1] != y.shape[1]:
        raise ArgumentError(f"x has {x.shape[1]} dimensions; y has {y.shape[1]}, and both must have the same")
    if x.device != y.device:
        raise ArgumentError(f"x is on {x.device}; y is on {y.device}, and both must be on the same device")
