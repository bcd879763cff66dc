"""What makes sounds of physical values, and of which precision they may be."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from nebula.errors import ArgumentError
from nebula.modules.timeline import Timeline
from nebula.tensors import Float, Int, Tensor, torch


@runtime_checkable
class Renderer(Protocol):
    """What makes sounds of physical values.

    Every renderer of a synth makes the same sounds, within the error that its own documentation states, whatever the
    batch size.
    """

    def __call__(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
        /,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1], of that dtype or, where it is None, the values'."""
        ...


def check_audio_dtype(dtype: torch.dtype) -> torch.dtype:
    """Returns the dtype, if audio may be of it.

    Raises:
        ArgumentError: It may not.
    """
    # Renderers compute in no less than single precision; half precision is their result, rounded.
    allowed = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    if dtype not in allowed:
        raise ArgumentError(f"dtype: got {dtype}, expected one of {', '.join(map(str, allowed))}")
    return dtype
