"""Pitch, frequency and phase of oscillators.

Phase is counted in turns, accumulated in float64 and wrapped before it meets a sine. At MIDI pitch 127 four seconds are
50,000 turns; accumulated in float32 radians, as on some devices, the phase would be known to 0.03 rad only.
"""

from __future__ import annotations

import math

from nebula.draws import Parameter
from nebula.tensors import Float, Tensor, torch


def oscillator_parameters(module: str) -> tuple[Parameter, ...]:
    """Returns the parameters that every oscillator whose pitch is modulated has."""
    return (
        Parameter(module, "tuning", -24.0, 24.0, "semitones", "pitch offset from the key"),
        Parameter(module, "mod_depth", -96.0, 96.0, "semitones", "pitch added where the modulation signal is 1"),
        Parameter(module, "initial_phase", -math.pi, math.pi, "rad", "phase at the start"),
    )


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
