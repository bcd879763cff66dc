"""Level alignment: loudness is not part of what a sound is.

Every distance hears sounds at one root-mean-square level, so that a fader position, which any listener would correct,
counts for nothing.
"""

from __future__ import annotations

import math

from nebula.tensors import Float, Tensor, torch

#: Level at which sounds are compared, where full scale is 1: -26 dB, which leaves a crest factor of 20 unclipped.
LEVEL_RMS = 0.05


def align(audio: Float[Tensor, "batch time"], level_rms: float = LEVEL_RMS) -> Float[Tensor, "batch time"]:
    """Each sound scaled to one root-mean-square level over its whole length; silence stays silence.

    Args:
        audio: Finite sounds of any amplitude, down to the smallest number of their dtype.
        level_rms: The level of every sound that is not silent, full scale being 1.

    Example:
        >>> align(torch.tensor([[3.0, -3.0, 3.0, -3.0], [0.0, 0.0, 0.0, 0.0]]))
        tensor([[ 0.0500, -0.0500,  0.0500, -0.0500],
                [ 0.0000,  0.0000,  0.0000,  0.0000]])
    """
    if audio.shape[-1] == 0:
        return audio
    # Peaks first: squares of very loud or very quiet samples would overflow or vanish. The result does not depend on
    # the peak, since it cancels, so its gradient is zero and need not be followed.
    peak = audio.detach().abs().amax(-1, keepdim=True)
    unit = audio / torch.where(peak > 0, peak, 1.0)
    rms = torch.linalg.vector_norm(unit, dim=-1, keepdim=True) / math.sqrt(audio.shape[-1])
    return unit * (level_rms / torch.where(rms > 0, rms, 1.0))
