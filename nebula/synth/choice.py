"""Which renderer a call gets."""

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
    needs_gradient = physical.requires_grad and torch.is_grad_enabled()
    if physical.dtype == torch.float32 and physical.device.type == "cpu" and not needs_gradient:
        # Imported here, because loading the compiled code takes a second that other commands need not spend.
        from nebula.synth import fused_cpu

        return fused_cpu.render
    return reference.render
