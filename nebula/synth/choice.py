"""Which renderer a call gets."""

import warnings
from importlib.util import find_spec

import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.errors import ArgumentError
from nebula.synth import reference
from nebula.synth.renderer import Renderer, Timeline


def fastest(physical: Float[Tensor, "batch parameter"]) -> Renderer:
    """Returns the fastest renderer for these parameters.

    Gradients, other precisions than float32 and other devices are the reference renderer's.

    Args:
        physical: What is to be rendered.
    """
    if physical.dtype != torch.float32 or (physical.requires_grad and torch.is_grad_enabled()):
        return reference.render
    # Imported here, because loading compiled code takes a second that other commands need not spend.
    if physical.device.type == "cpu":
        from nebula.synth import fused_cpu

        return fused_cpu.render
    # torch brings Triton along where it supports CUDA, and not elsewhere.
    if physical.device.type == "cuda" and find_spec("triton"):
        return fused_cuda_or_reference
    return reference.render


class _FusedCudaOrReference:
    """The fused renderer for GPUs; once that has failed, the reference, which any GPU that torch knows can run.

    Triton compiles when it is first called. It wants a C compiler, a folder to write to and a GPU that it supports; a
    machine that lacks one of them renders the same sounds all the same. Nothing is tried twice: a study that calls a
    thousand times would wait each time. What another renderer would not help is raised: a wrong argument, and too
    little memory.
    """

    def __init__(self) -> None:
        self._works = True

    def __call__(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1]. A `Renderer` for what `nebula.synth.fused_cuda.render` takes."""
        if self._works:
            try:
                from nebula.synth import fused_cuda

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
        return reference.render(physical, noise_rows, timeline, dtype)


fused_cuda_or_reference = _FusedCudaOrReference()
