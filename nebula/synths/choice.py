"""Which renderer the Voice gets on a GPU."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import find_spec

from nebula.errors import ArgumentError
from nebula.modules.timeline import Timeline
from nebula.synths.renderer import Renderer
from nebula.tensors import Float, Int, Tensor, torch


@cache
def cuda_or_reference(reference: Renderer) -> Renderer:
    """Returns the fused renderer for GPUs, or the reference where Triton is missing.

    torch brings Triton along where it supports CUDA, and not elsewhere.

    Args:
        reference: The Voice's readable renderer.
    """
    return FusedCudaOrReference(reference) if find_spec("triton") else reference


class FusedCudaOrReference:
    """The fused renderer for GPUs; once that has failed, the reference, which any GPU that torch knows can run.

    Triton compiles when it is first called. It wants a C compiler, a folder to write to and a GPU that it supports; a
    machine that lacks one of them renders the same sounds all the same. Nothing is tried twice: a study that calls a
    thousand times would wait each time. What another renderer would not help is raised: a wrong argument, and too
    little memory.

    Args:
        reference: What to fall back to.
    """

    def __init__(self, reference: Renderer) -> None:
        self._reference = reference
        self._works = True

    def __call__(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1]. A `Renderer` for what `nebula.synths.fused_cuda.render` takes."""
        if self._works:
            try:
                from nebula.synths import fused_cuda

                return fused_cuda.render(physical, noise_rows, timeline, dtype)
            except (ArgumentError, torch.OutOfMemoryError):
                raise
            except Exception as error:
                # Everything else that Triton, the compiler it calls and the driver may come up with.
                self._works = False
                cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
                warnings.warn(
                    f"the fused CUDA renderer does not work here ({cause}); the reference renderer makes the same "
                    "sounds, many times slower",
                    RuntimeWarning,
                    stacklevel=2,
                )
        return self._reference(physical, noise_rows, timeline, dtype)
