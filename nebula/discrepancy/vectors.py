"""The one check that every set of vectors passes before it becomes a number."""

from __future__ import annotations

from nebula.errors import ArgumentError
from nebula.tensors import Tensor, torch


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
        raise ArgumentError(f"{name}: got {vectors.dtype}, expected a floating-point tensor")
    if vectors.ndim != 2:
        raise ArgumentError(f"{name}: got shape {tuple(vectors.shape)}, expected two axes, sounds and dimensions")
    sounds, dimension = vectors.shape
    if sounds < minimum:
        raise ArgumentError(f"{name}: got {sounds} sound{'s' * (sounds != 1)}, expected {minimum} or more")
    if dimension < 1:
        raise ArgumentError(f"{name}: got 0 dimensions, expected 1 or more")
    vectors = vectors.detach()
    if vectors.dtype in (torch.float16, torch.bfloat16):
        vectors = vectors.float()
    # The extremes carry any NaN or infinity, and finding them needs no memory.
    if not torch.stack(vectors.aminmax()).isfinite().all():
        finite = vectors.isfinite().all(dim=1)
        row = int((~finite).nonzero()[0])
        raise ArgumentError(f"{name}: got a value in row {row} that is not finite, expected finite ones")
    return vectors


def check_pair(x: Tensor, y: Tensor) -> None:
    """Says so when two checked sets of vectors cannot be compared.

    Raises:
        ArgumentError: When they differ in dimension or in device.
    """
    if x.shape[1] != y.shape[1]:
        raise ArgumentError(f"x: got {x.shape[1]} dimensions, expected {y.shape[1]} as y has")
    if x.device != y.device:
        raise ArgumentError(f"x: got the device {x.device}, expected {y.device} as y has")
