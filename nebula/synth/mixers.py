"""Where signals meet: the modulation matrix, the way up to audio rate, and the mix."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def modulate(
    matrix: Float[Tensor, "batch source target"],
    sources: Float[Tensor, "batch source time"],
) -> Float[Tensor, "batch target time"]:
    """Returns the modulation signals: each target is a weighted sum of all sources.

    Args:
        matrix: Weights in [0, 1].
        sources: Control signals in [0, 1].
    """
    return torch.matmul(matrix.transpose(-1, -2), sources)


def to_audio_rate(
    control: Float[Tensor, "batch signal control_time"], samples: int
) -> Float[Tensor, "batch signal time"]:
    """Returns control signals interpolated linearly to `samples`; first and last samples coincide with the control's.

    The step between audio samples is therefore (control samples - 1) / (samples - 1) and not the ratio of the rates.
    """
    return functional.interpolate(control, samples, mode="linear", align_corners=True)


def mix(
    levels: Float[Tensor, "batch source"],
    sources: Float[Tensor, "batch source time"],
) -> Float[Tensor, "batch time"]:
    """Returns the weighted sum of the sources, divided by its peak where that exceeds 1."""
    audio = torch.matmul(levels.unsqueeze(-2), sources).squeeze(-2)
    peak = audio.abs().amax(dim=-1, keepdim=True)
    return torch.where(peak > 1.0, audio / peak, audio)
