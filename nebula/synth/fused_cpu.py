"""The fused CPU renderer: the reference's sounds, compiled to vector instructions, on every core that torch may use."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.errors import ArgumentError
from nebula.synth.audio_kernels import BLOCK_SAMPLES, STRETCH_SAMPLES, play
from nebula.synth.control_kernels import modulate
from nebula.synth.oscillators import noise_table
from nebula.synth.parameters import MODULATION_TARGETS
from nebula.synth.renderer import Timeline

# Most sounds that a thread takes at a time: few, so that all end together.
_SHARE_SOUNDS = 4


@dataclass(frozen=True)
class Grid:
    """How a sound is cut: into stretches between two control samples, and into blocks of whole stretches.

    Attributes:
        start: First sample of each stretch, and behind the last one the number of samples.
        index: Control sample before each stretch.
        offset: How far behind that control sample the stretch begins, in control samples.
        block: First stretch of each block, and behind the last one the number of stretches.
    """

    start: np.ndarray
    index: np.ndarray
    offset: np.ndarray
    block: np.ndarray


@lru_cache(maxsize=8)
def grid(timeline: Timeline) -> Grid:
    """Returns the grid of a timeline. Positions are computed in integers: sample t is at t (C - 1) / (N - 1)."""
    steps, audio_steps = timeline.control_samples - 1, timeline.samples - 1
    # Control sample k lies at or before sample ceil(k (N - 1) / (C - 1)); the last sample belongs to the last segment.
    bounds = [-(-k * audio_steps // steps) for k in range(steps)] + [timeline.samples]
    start: list[int] = []
    index: list[int] = []
    for k, (first, last) in enumerate(itertools.pairwise(bounds)):
        parts = max(1, -(-(last - first) // STRETCH_SAMPLES))
        start.extend(first + (last - first) * part // parts for part in range(parts) if last > first)
        index.extend([k] * (parts if last > first else 0))
    offset = [(t * steps - k * audio_steps) / audio_steps for t, k in zip(start, index, strict=True)]
    start.append(timeline.samples)
    block = [0]
    for stretch in range(len(index)):
        if start[stretch + 1] - start[block[-1]] > BLOCK_SAMPLES:
            block.append(stretch)
    block.append(len(index))
    return Grid(np.array(start), np.array(index), np.array(offset), np.array(block))


def render(
    physical: Float[Tensor, "batch parameter"],
    noise_rows: Int[Tensor, " batch"],
    timeline: Timeline,
) -> Float[Tensor, "batch time"]:
    """Returns audio in [-1, 1]. A `Renderer` for float32 parameters on the CPU, without gradients.

    A sound's samples are the same bits in every batch and with any number of threads, of which it uses
    `torch.get_num_threads()`. They are within 2e-5 (root mean square of a sound) of the reference in float64, and
    nearer to it than the reference in float32 unless both are within 1e-6. The first call on a machine compiles for
    some seconds, see `nebula.synth.compilation`.

    Args:
        physical: Physical parameter values, columns in the order of `PARAMETERS`.
        noise_rows: Which of the 32 noises each sound gets, in [0, 32).
        timeline: Rates and length.

    Raises:
        ArgumentError: The parameters are not float32, not on the CPU, or need a gradient.
    """
    if physical.dtype != torch.float32 or physical.device.type != "cpu":
        raise ArgumentError(f"physical: got {physical.dtype} on {physical.device}, expected torch.float32 on cpu")
    if physical.requires_grad and torch.is_grad_enabled():
        raise ArgumentError("physical: needs a gradient, which only nebula.synth.reference.render gives")
    cut = grid(timeline)
    table = noise_table(timeline.samples, torch.float32, "cpu").numpy()
    parameters, rows = physical.detach().contiguous().numpy(), noise_rows.to(torch.int64).contiguous().numpy()
    # NumPy asks the system for large pages, which torch does not: touching 90 MB for the first time takes half as long.
    audio = np.empty((len(parameters), timeline.samples), np.float32)
    threads = torch.get_num_threads()
    share = max(1, min(_SHARE_SOUNDS, len(parameters) // threads))

    def work(first: int) -> None:
        part = slice(first, first + share)
        control = np.empty((len(parameters[part]), len(MODULATION_TARGETS), timeline.control_samples))
        modulate(control, parameters[part], float(timeline.control_rate_hz))
        play(
            audio[part],
            control,
            parameters[part],
            rows[part],
            table,
            cut.start,
            cut.index,
            cut.offset,
            cut.block,
            float(timeline.sample_rate_hz),
        )

    firsts = range(0, len(parameters), share)
    workers = min(threads, len(firsts))
    if workers <= 1:
        for first in firsts:
            work(first)
    else:
        # Compiled code runs without the interpreter's lock. A pool for each call takes a tenth of a millisecond to
        # start; unlike one that is kept, or Numba's own, it survives a fork and may be used from several threads.
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(work, firsts):
                pass
    return torch.from_numpy(audio)
