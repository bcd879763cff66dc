"""Change of sample rate in torch, on any device and with gradients.

Windowed-sinc interpolation, 64 zero crossings to each side under a Kaiser window, from a table of 512 values for each
crossing with straight lines between them: `kaiser_best` of resampy 0.2, with which OpenL3's authors resampled. The
straight lines leave images 100 dB below the sound above the old band's end; OpenL3's pictures show them, so embeddings
agree with the authors' only if they are there. What is beyond the filter's reach of a sound stays exactly zero.
"""

from __future__ import annotations

import math
from functools import lru_cache

import scipy

from nebula.tensors import Float, Tensor, np, torch

#: Zero crossings of the sinc on each side, at the lower of the two rates.
ZERO_CROSSINGS = 64

#: Edge of the pass band as a part of half the lower rate.
ROLLOFF = 0.9475937167399596

#: Shape of the Kaiser window: 140 dB beside the main lobe.
BETA = 14.769656459379492

#: Values of the filter's table for each zero crossing.
TABLE_STEPS = 512

#: Output samples whose filters are one matrix. Wider wastes products with zeros, narrower makes many small matrices.
SAMPLES_PER_MATRIX = 160


def resample(audio: Float[Tensor, "batch time"], from_hz: float, to_hz: int) -> Float[Tensor, "batch resampled"]:
    """The sounds at another rate, float(time * to_hz / from_hz) samples rounded down.

    Args:
        audio: Sounds, float32 or float64, silent beyond their ends.
        from_hz: Their rate; taken to the nearest whole hertz.
        to_hz: The wanted rate.

    Example:
        >>> resample(torch.zeros(1, 44100), 44100, 48000).shape
        torch.Size([1, 48000])
    """
    divisor = math.gcd(round(from_hz), to_hz)
    old, new = round(from_hz) // divisor, to_hz // divisor
    wanted = audio.shape[1] * new // old
    if old == new or wanted == 0:
        return audio[:, :wanted]
    starts, matrices = _filters(old, new, min(new, wanted), audio.dtype, audio.device)
    span = matrices.shape[1]
    # Output new * turn + 160 * k + i is near input old * turn + starts[k].
    turns = -(-wanted // new)
    before = math.ceil(ZERO_CROSSINGS / min(1.0, new / old))
    length = (turns - 1) * old + int(starts[-1]) + span
    padded = torch.nn.functional.pad(audio, (before, max(0, length - before - audio.shape[1])))
    parts = [
        padded[:, start : start + (turns - 1) * old + span].unfold(1, span, old) @ matrix
        for start, matrix in zip(starts.tolist(), matrices, strict=True)
    ]
    return torch.cat(parts, dim=2)[:, :, : min(new, wanted)].flatten(1)[:, :wanted]


@lru_cache(maxsize=16)
def _filters(
    old: int, new: int, outputs: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Float[Tensor, "matrix span output"]]:
    """Where the inputs of each group of outputs begin, and the weights of the inputs for each output of the group."""
    ratio = min(1.0, new / old)
    before = math.ceil(ZERO_CROSSINGS / ratio)
    size = min(SAMPLES_PER_MATRIX, outputs)
    groups = -(-outputs // size)
    number = np.arange(groups * size).reshape(groups, size)
    starts = number[:, 0] * old // new
    span = int((number[0, -1] * old) // new) + 2 * before + 2
    # In input samples, from the input at `place` (the first is `before` ahead of the group's start) to the output.
    place = np.arange(span)[None, :, None] - before + starts[:, None, None]
    offset = (number[:, None, :] * old / new - place) * ratio
    steps = np.arange(ZERO_CROSSINGS * TABLE_STEPS + 1) / TABLE_STEPS
    window = scipy.special.i0(BETA * np.sqrt(1 - (steps / ZERO_CROSSINGS) ** 2)) / scipy.special.i0(BETA)
    weights = np.interp(np.abs(offset), steps, np.sinc(steps * ROLLOFF) * window, right=0) * (ROLLOFF * ratio)
    with torch.inference_mode(False):
        return torch.from_numpy(starts), torch.from_numpy(weights).to(device, dtype)
