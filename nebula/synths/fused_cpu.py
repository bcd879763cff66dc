"""The fused CPU renderer: the reference's sounds, compiled to vector instructions, on every core that torch may use."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.compilation import on_every_core
from nebula.errors import ArgumentError
from nebula.modules.loops.grid import grid
from nebula.modules.loops.render import render as render_sounds
from nebula.modules.loops.render import trio_first
from nebula.modules.module import NONE, Assembly
from nebula.modules.noise import noise_table
from nebula.modules.timeline import Timeline
from nebula.synths.renderer import check_audio_dtype

# Sounds rendered before they are converted to another precision: 180 MB of them at 4 s.
_CONVERTED_SOUNDS = 256


def render(
    assembly: Assembly,
    physical: Float[Tensor, "batch parameter"],
    noise_rows: Int[Tensor, " batch"],
    timeline: Timeline,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch time"]:
    """Returns audio in [-1, 1]. A renderer for float32 parameters on the CPU, without gradients.

    A sound's samples are the same bits in every batch and with any number of threads, of which it uses
    `torch.get_num_threads()`. They are within 2e-5 (root mean square of a sound) of the reference in float64; where
    audio modulates a frequency, whose phase sums up what the modulator is rounded by, within 1e-3 in the median and
    2e-2 at worst. They are nearer to it than the reference in float32 unless both are within 1e-6. The first call on a
    machine compiles for some seconds, see `nebula.compilation`.

    Args:
        assembly: The synth's steps.
        physical: Physical parameter values, columns in the order of the panel.
        noise_rows: Which of the 32 noises each sound gets, in [0, 32).
        timeline: Rates and length.
        dtype: Of the audio, which is rounded to it; torch.float32 if None.

    Raises:
        ArgumentError: The parameters are not float32, not on the CPU, or need a gradient, or audio cannot be of that
            dtype.
    """
    if physical.dtype != torch.float32 or physical.device.type != "cpu":
        raise ArgumentError(f"physical: got {physical.dtype} on {physical.device}, expected torch.float32 on cpu")
    if physical.requires_grad and torch.is_grad_enabled():
        raise ArgumentError("physical: needs a gradient, which only the reference renderer gives")
    wanted = check_audio_dtype(dtype or torch.float32)
    if wanted == torch.float32:
        return _render(assembly, physical.detach(), noise_rows, timeline)
    audio = torch.empty((len(physical), timeline.samples), dtype=wanted)
    for first in range(0, len(physical), _CONVERTED_SOUNDS):
        part = slice(first, first + _CONVERTED_SOUNDS)
        audio[part] = _render(assembly, physical[part].detach(), noise_rows[part], timeline)
    return audio


def _render(assembly: Assembly, physical: Tensor, noise_rows: Tensor, timeline: Timeline) -> Tensor:
    cut = grid(timeline)
    table = noise_table(timeline.samples, torch.float32, "cpu").numpy()
    parameters, rows = physical.contiguous().numpy(), noise_rows.to(torch.int64).contiguous().numpy()
    control_steps = table_of(assembly.control)
    audio_steps, trio = trio_first(table_of(assembly.audio))
    # NumPy asks the system for large pages, which torch does not: touching 90 MB for the first time takes half as long.
    audio = np.empty((len(parameters), timeline.samples), np.float32)

    def work(part: slice) -> None:
        render_sounds(
            audio[part],
            parameters[part],
            rows[part],
            table,
            control_steps,
            audio_steps,
            trio,
            len(assembly.signals),
            1 + max(assembly.buffers.values()),
            cut.start,
            cut.index,
            cut.offset,
            cut.block,
            timeline.control_samples,
            float(timeline.sample_rate_hz),
            float(timeline.control_rate_hz),
        )

    on_every_core(work, len(parameters))
    return torch.from_numpy(audio)


def table_of(steps: list[list[int]]) -> np.ndarray:
    """Returns steps as rows of one length."""
    table = np.full((len(steps), max(map(len, steps), default=1)), NONE, np.int64)
    for row, step in zip(table, steps, strict=True):
        row[: len(step)] = step
    return table
