"""The reference renderer: the Voice written to be read, in plain differentiable torch operations.

keyboard ─┬─> 6 envelopes ──> 2 LFOs ──┐
          │        └──────────────────> modulation matrix ──> audio rate ─┬─> pitch of vco_1, vco_2
          └───────────────────────────────────────────────────────────────┴─> level of vco_1, vco_2, noise ──> mix
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from nebula.synth.envelopes import adsr
from nebula.synth.mixers import mix, modulate, to_audio_rate
from nebula.synth.oscillators import lfo, noise, pitch_to_hz, square_saw, turns
from nebula.synth.parameters import COLUMNS, ENVELOPES, MODULATION_SOURCES, MODULATION_TARGETS, module_columns
from nebula.synth.renderer import Timeline, check_audio_dtype

# Control signals are small: a block of this many sounds costs few calls and still fits in a core's cache.
_CONTROL_BLOCK_SOUNDS = 32

# Audio signals are large: one sound at a time stays in cache on a CPU, which is six times as fast as a whole batch. A
# GPU wants many sounds at once, bounded by memory: some 40 signals of 700 kB each are alive per 4 s sound.
_AUDIO_BLOCK_SOUNDS = {"cpu": 1, "cuda": 128}


def render(
    physical: Float[Tensor, "batch parameter"],
    noise_rows: Int[Tensor, " batch"],
    timeline: Timeline,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch time"]:
    """Returns audio in [-1, 1]. A `Renderer`: the readable one that others are measured against.

    float32 parameters give torchsynth's sounds; float64 parameters give the exact ones. Differentiable with respect to
    `physical`.

    Args:
        physical: Physical parameter values, columns in the order of `PARAMETERS`.
        noise_rows: Which of the 32 noises each sound gets, in [0, 32).
        timeline: Rates and length.
        dtype: Of the audio; that of `physical` if None.

    Raises:
        ArgumentError: Audio cannot be of that dtype.
    """
    wanted = check_audio_dtype(dtype or physical.dtype)
    if len(physical) == 0:
        return physical.new_zeros((0, timeline.samples), dtype=wanted)
    audio_block = _AUDIO_BLOCK_SOUNDS.get(physical.device.type, _CONTROL_BLOCK_SOUNDS)
    control_block = max(audio_block, _CONTROL_BLOCK_SOUNDS)
    sounds: list[Tensor] = []
    for parameters, rows in zip(physical.split(control_block), noise_rows.split(control_block), strict=True):
        control = modulation_signals(parameters, timeline)
        blocks = zip(parameters.split(audio_block), control.split(audio_block), rows.split(audio_block), strict=True)
        sounds.extend(_audio(*block, timeline).to(wanted) for block in blocks)
    return torch.cat(sounds)


def modulation_signals(
    physical: Float[Tensor, "batch parameter"], timeline: Timeline
) -> Float[Tensor, "batch target control_time"]:
    """Returns the five modulation signals at control rate, in the order of `MODULATION_TARGETS`."""
    rate_hz, samples = timeline.control_rate_hz, timeline.control_samples
    note_on = physical[:, COLUMNS["keyboard", "duration"]]
    settings = torch.stack([physical[:, module_columns(name)] for name in ENVELOPES], dim=1)
    envelopes = adsr(settings, note_on.unsqueeze(1).expand(-1, len(ENVELOPES)), samples, rate_hz)
    adsr_1, adsr_2, *lfo_envelopes = envelopes.unbind(1)
    lfo_levels, lfo_rates = torch.stack(lfo_envelopes[:2], dim=1), torch.stack(lfo_envelopes[2:], dim=1)
    lfo_settings = torch.stack([physical[:, module_columns(name)] for name in ("lfo_1", "lfo_2")], dim=1)
    lfo_1, lfo_2 = (lfo(lfo_settings, lfo_rates, rate_hz) * lfo_levels).unbind(1)
    matrix = physical[:, module_columns("mod_matrix")].unflatten(1, (len(MODULATION_SOURCES), len(MODULATION_TARGETS)))
    return modulate(matrix, torch.stack([adsr_1, adsr_2, lfo_1, lfo_2], dim=1))


def _audio(physical: Tensor, control: Tensor, noise_rows: Tensor, timeline: Timeline) -> Tensor:
    signals = to_audio_rate(control, timeline.samples)
    vco_1_pitch, vco_1_level, vco_2_pitch, vco_2_level, noise_level = signals.unbind(1)
    midi_f0 = physical[:, COLUMNS["keyboard", "midi_f0"]]

    tuning, depth, phase = physical[:, module_columns("vco_1")].unbind(1)
    frequency_hz = pitch_to_hz(midi_f0, tuning, depth, vco_1_pitch)
    vco_1 = torch.cos(2.0 * torch.pi * turns(frequency_hz, timeline.sample_rate_hz, phase))

    tuning, depth, phase, shape = physical[:, module_columns("vco_2")].unbind(1)
    frequency_hz = pitch_to_hz(midi_f0, tuning, depth, vco_2_pitch)
    highest = midi_f0 + tuning + depth.clamp(min=0.0)
    vco_2 = square_saw(turns(frequency_hz, timeline.sample_rate_hz, phase), shape, highest)

    hiss = noise(noise_rows, timeline.samples, physical.dtype, physical.device)
    sources = torch.stack([vco_1 * vco_1_level, vco_2 * vco_2_level, hiss * noise_level], dim=1)
    return mix(physical[:, module_columns("mixer")], sources)
