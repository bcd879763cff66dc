"""Which renderer a call gets."""

from importlib.util import find_spec

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.synth import reference
from nebula.synth.renderer import Renderer


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
        from nebula.synth import fused_cuda

        return fused_cuda.render
    return reference.render
