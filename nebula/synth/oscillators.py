"""Everything that oscillates: the LFOs at control rate, two oscillators and the noise at audio rate.

Phase is counted in turns, accumulated in float64 and wrapped before it meets a sine. At MIDI pitch 127 four seconds are
50,000 turns; accumulated in float32 radians, as on some devices, the phase would be known to 0.03 rad only.
"""

import math
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

#: Exponent of the LFO shape weights: it favours the largest over an even blend. torchsynth's value, to 10 digits.
SHAPE_EXPONENT = 2.718281828

#: How many different noises there are; a sound's noise is row (seed mod 32). torchsynth's number.
NOISE_ROWS = 32

_NOISE_SEED = 13


def midi_to_hz(midi: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Returns the frequency in Hz of a MIDI pitch in semitones; 69 is 440 Hz."""
    return 440.0 * torch.exp2((midi - 69.0) / 12.0)


def turns(
    frequency_hz: Float[Tensor, "*batch time"],
    rate_hz: float,
    initial_phase: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch time"]:
    """Returns the phase in [0, 1) turns; the first sample has already advanced by one increment.

    Args:
        frequency_hz: Instantaneous frequency.
        rate_hz: Sampling rate of `frequency_hz`.
        initial_phase: Phase before the first increment, in radians.
    """
    phase = torch.cumsum(frequency_hz, dim=-1, dtype=torch.float64) / rate_hz
    phase = phase + initial_phase.unsqueeze(-1).double() / (2.0 * math.pi)
    return (phase - torch.floor(phase)).to(frequency_hz.dtype)


def lfo(
    settings: Float[Tensor, "*batch 8"],
    rate_envelope: Float[Tensor, "*batch time"],
    control_rate_hz: float,
) -> Float[Tensor, "*batch time"]:
    """Returns a low-frequency oscillation in [0, 1] at control rate.

    Args:
        settings: Frequency and modulation depth (Hz), initial phase (rad), and the weights in [0, 1] of the shapes
            sine, triangle, saw, reversed saw and square. All weights 0 means an even blend, the limit of equal weights.
        rate_envelope: Modulation of the frequency, in [0, 1].
        control_rate_hz: Rate of the result.
    """
    frequency, depth, initial_phase = settings[..., :3].unbind(-1)
    frequency_hz = (frequency.unsqueeze(-1) + depth.unsqueeze(-1) * rate_envelope).clamp(min=0.0)
    phase = turns(frequency_hz, control_rate_hz, initial_phase)

    cosine = -torch.cos(2.0 * math.pi * phase)
    saw = phase
    shapes = (
        (cosine + 1.0) / 2.0,
        torch.where(saw > 0.5, 2.0 - 2.0 * saw, 2.0 * saw),
        saw,
        1.0 - saw,
        (torch.sign(cosine) + 1.0) / 2.0,
    )
    weights = settings[..., 3:] ** SHAPE_EXPONENT
    total = weights.sum(-1, keepdim=True)
    silent = total <= 0.0
    weights = torch.where(silent, 1.0 / len(shapes), weights / torch.where(silent, 1.0, total))
    blend = torch.zeros_like(phase)
    for weight, shape in zip(weights.unbind(-1), shapes, strict=True):
        blend = blend + weight.unsqueeze(-1) * shape
    return blend


def pitch_to_hz(
    midi_f0: Float[Tensor, " batch"],
    tuning: Float[Tensor, " batch"],
    depth: Float[Tensor, " batch"],
    modulation: Float[Tensor, "batch time"],
) -> Float[Tensor, "batch time"]:
    """Returns an oscillator's instantaneous frequency; pitch is held within MIDI 0 to 127 (8.2 Hz to 12.5 kHz).

    Args:
        midi_f0: Pitch of the key.
        tuning: Offset in semitones.
        depth: Semitones added where `modulation` is 1.
        modulation: Pitch modulation signal at audio rate.
    """
    pitch = (midi_f0 + tuning).unsqueeze(-1) + depth.unsqueeze(-1) * modulation
    return midi_to_hz(pitch.clamp(0.0, 127.0))


def square_saw(
    phase: Float[Tensor, "batch time"],
    shape: Float[Tensor, " batch"],
    highest_midi: Float[Tensor, " batch"],
) -> Float[Tensor, "batch time"]:
    """Returns a square (shape 0) to saw (shape 1) wave whose overtones thin out as pitch rises.

    The waveshaper of Lazzarini and Timoney, "New perspectives on distortion synthesis for virtual analog oscillators",
    Computer Music Journal 34(1), 2010: tanh of a driven sine makes the square, a cosine turns it into a saw.

    Args:
        phase: In turns.
        shape: In [0, 1].
        highest_midi: Highest pitch that modulation can reach; it sets the number of partials, 12000 / (f log10 f).
    """
    highest_hz = midi_to_hz(highest_midi)
    partials = 12000.0 / (highest_hz * torch.log10(highest_hz))
    angle = 2.0 * math.pi * phase
    square = torch.tanh((math.pi / 2.0 * partials).unsqueeze(-1) * torch.sin(angle))
    shape = shape.unsqueeze(-1)
    return (1.0 - shape / 2.0) * square * (1.0 + shape * torch.cos(angle))


def noise(
    rows: Int[Tensor, " batch"],
    samples: int,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "batch time"]:
    """Returns white noise, uniform in [-1, 1).

    Args:
        rows: Which of the 32 noises each sound gets, in [0, 32).
        samples: Length. A different length is a different set of noises, as in torchsynth.
        dtype: Of the result; the table itself is drawn in float32.
        device: Where the result lies.
    """
    return noise_table(samples, dtype, str(device))[rows.to(device)]


@lru_cache(maxsize=4)
def noise_table(samples: int, dtype: torch.dtype, device: str) -> Float[Tensor, "row time"]:
    """Returns the 32 noises of that length, which `noise` picks from. The table is shared: do not write to it."""
    generator = torch.Generator(device="cpu").manual_seed(_NOISE_SEED)
    table = torch.empty((NOISE_ROWS, samples)).uniform_(-1.0, 1.0, generator=generator)
    return table.to(device=device, dtype=dtype)
