"""Values whose derivative is known already, handed on to torch's automatic differentiation."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class _Attach(torch.autograd.Function):
    """Hands a value on and remembers its derivative."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, vectors: Tensor, gradient: Tensor) -> Tensor:
        ctx.save_for_backward(gradient)
        return value.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return outer[0], outer[0] * gradient, None


def attach(
    value: Float[Tensor, ""], vectors: Float[Tensor, "sound dimension"], gradient: Float[Tensor, "sound dimension"]
) -> Float[Tensor, ""]:
    """Returns `value`, with `gradient` as its derivative with respect to `vectors`. It can be differentiated once."""
    attached: Tensor = _Attach.apply(value, vectors, gradient)  # type: ignore[no-untyped-call] # torch's
    return attached
