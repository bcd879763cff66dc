"""The fused CUDA renderer: five kernels, each sample written once and, where a sound clips, once more."""

import math

import torch
import triton
from jaxtyping import Float, Int
from torch import Tensor

from nebula.errors import ArgumentError
from nebula.modules.loops.grid import STRETCH_SAMPLES, grid
from nebula.modules.noise import noise_table
from nebula.modules.pitch import midi_to_hz
from nebula.modules.timeline import Timeline
from nebula.synths import cuda_kernels
from nebula.synths.renderer import check_audio_dtype
from nebula.synths.voice_modules import COLUMNS, TARGETS

# Stretches that a program works on at a time; with 128 samples each it keeps 1,024 values of a signal.
_ROWS = 8

_SCALE_SAMPLES = 4096

# Share of the free memory that control signals may take beside the audio.
_FREE_SHARE = 0.5

# Phase is counted in this many parts of a turn, see nebula.synths.cuda_kernels.
_FULL_TURN = 2.0**32


def render(
    physical: Float[Tensor, "batch parameter"],
    noise_rows: Int[Tensor, " batch"],
    timeline: Timeline,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch time"]:
    """Returns audio in [-1, 1] on the device of `physical`. The Voice's, for float32, without gradients.

    Errors against the reference in float64 are those of `nebula.synths.fused_cpu`. A batch may be as large as its audio
    fits into memory: the rest is worked out for as many sounds at a time as there is room for, and a sound does not
    depend on that.

    Args:
        physical: Physical parameter values, columns in the order of the panel.
        noise_rows: Which of the 32 noises each sound gets, in [0, 32).
        timeline: Rates and length.
        dtype: Of the audio, which is rounded to it, where a sound clips twice; torch.float32 if None.

    Raises:
        ArgumentError: The parameters are not float32 or need a gradient, or audio cannot be of that dtype.
    """
    if physical.dtype != torch.float32:
        raise ArgumentError(f"physical: got {physical.dtype}, expected torch.float32")
    if physical.requires_grad and torch.is_grad_enabled():
        raise ArgumentError("physical: needs a gradient, which only the reference renderer gives")
    wanted = check_audio_dtype(dtype or torch.float32)
    audio = torch.empty((len(physical), timeline.samples), dtype=wanted, device=physical.device)
    parameters, rows = physical.detach().contiguous(), noise_rows.to(physical.device, torch.int64)
    sounds = _sounds_at_a_time(physical.device, timeline)
    for first in range(0, len(parameters), sounds):
        part = slice(first, first + sounds)
        _render(audio[part], parameters[part], rows[part], timeline)
    return audio


def _sounds_at_a_time(device: torch.device, timeline: Timeline) -> int:
    # Control signals in float64, and for each stretch of two oscillators 40 bytes of sums.
    bytes_a_sound = (8 * len(TARGETS) + 80) * (timeline.control_samples + timeline.samples // STRETCH_SAMPLES)
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 2**28
    return max(1, int(free * _FREE_SHARE) // bytes_a_sound)


def _render(audio: Tensor, physical: Tensor, noise_rows: Tensor, timeline: Timeline) -> None:
    device, batch, columns = physical.device, len(physical), physical.shape[1]
    cut = grid(timeline)
    start, index = (torch.from_numpy(a).to(device, torch.int32) for a in (cut.start, cut.index))
    offset = torch.from_numpy(cut.offset).to(device)
    stretches, controls = len(cut.index), timeline.control_samples
    # In memory, because Triton takes numbers as float32.
    step = (controls - 1) / (timeline.samples - 1)
    scalars = torch.tensor([step, 440.0 / timeline.sample_rate_hz], dtype=torch.float64, device=device)
    rate_hz = torch.tensor(timeline.control_rate_hz, dtype=torch.float64, device=device)

    control = torch.empty((batch, len(TARGETS), controls), dtype=torch.float64, device=device)
    block = triton.next_power_of_2(controls)
    cuda_kernels.modulate[batch,](control, physical, controls, columns, rate_hz, block=block)

    tiles = (batch, triton.cdiv(stretches, _ROWS))
    sums = torch.empty((batch, 2, stretches), dtype=torch.int32, device=device)
    cuda_kernels.sum_stretches[tiles](
        sums, control, physical, start, index, offset, stretches, controls, columns, scalars, row_count=_ROWS,
        column_count=STRETCH_SAMPLES,
    )  # fmt: skip
    initial = [physical[:, COLUMNS[vco, "initial_phase"]].double() / (2.0 * math.pi) for vco in ("vco_1", "vco_2")]
    turned = torch.round(torch.stack(initial, dim=1) * _FULL_TURN).to(torch.int64)
    before = (turned.unsqueeze(2) + sums.to(torch.int64).cumsum(dim=2) - sums).to(torch.int32)

    tuned = physical[:, COLUMNS["keyboard", "midi_f0"]].double() + physical[:, COLUMNS["vco_2", "tuning"]].double()
    highest_hz = midi_to_hz(tuned + physical[:, COLUMNS["vco_2", "mod_depth"]].double().clamp(min=0.0))
    drives = (math.pi / math.log(2.0) * 12000.0 / (highest_hz * torch.log10(highest_hz))).float()
    peaks = torch.zeros(batch, dtype=torch.int32, device=device)
    noise = noise_table(timeline.samples, torch.float32, str(device))
    cuda_kernels.play[tiles](
        audio, peaks, before, control, physical, drives, noise_rows, noise, start, index, offset, timeline.samples,
        stretches, controls, columns, scalars, row_count=_ROWS, column_count=STRETCH_SAMPLES,
    )  # fmt: skip
    parts = (batch, triton.cdiv(timeline.samples, _SCALE_SAMPLES))
    cuda_kernels.scale[parts](audio, peaks, timeline.samples, block=_SCALE_SAMPLES)
