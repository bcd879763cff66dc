"""What is known of a rendered sound: which pitches its oscillators have, when, and how strongly."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances.doppelganger.answers import PITCHES
from nebula.distances.doppelganger.pictures import LOWEST_PITCH
from nebula.modules import Timeline
from nebula.synths.voice import VOICE
from nebula.synths.voice_modules import COLUMNS, TARGETS

# Moments of each frame at which pitch is read: 50 a second, more than any LFO needs.
_MOMENTS = 5

# Mean squares of the sources at level 1: a sine; a square-saw, from 1 (square) to 3/8 (saw); uniform noise.
_SINE, _SQUARE_SAW, _NOISE = 1 / 2, 0.7, 1 / 3

# Signals at control rate are computed for this many sounds at a time, to stay small.
_SOUNDS = 32


class PitchTruth(NamedTuple):
    """The truth about pitch.

    Attributes:
        share: Of each frame's energy at each pitch. Noise, and silence too, has all pitches alike.
        energy: Of each frame, before the mix is divided by its peak.
    """

    share: Float[Tensor, "batch fine_frame pitch"]
    energy: Float[Tensor, "batch fine_frame"]


def pitch_truth(physical: Float[Tensor, "batch parameter"], timeline: Timeline, frames: int) -> PitchTruth:
    """Returns the pitches of rendered sounds.

    Args:
        physical: Physical parameters of the sounds.
        timeline: Of the sounds.
        frames: Into how many frames to divide it.
    """
    signals = torch.cat([VOICE.control_signals(part, timeline, TARGETS) for part in physical.split(_SOUNDS)])
    moments = (torch.arange(frames * _MOMENTS, device=physical.device) + 0.5) * (signals.shape[2] / frames / _MOMENTS)
    vco_1_pitch, vco_1_level, vco_2_pitch, vco_2_level, noise_level = signals[..., moments.long()].unbind(1)

    def value(module: str, name: str) -> Tensor:
        return physical[:, COLUMNS[module, name], None]

    noise = _NOISE * (value("mixer", "noise") * noise_level).square()
    share = (noise / PITCHES)[..., None].repeat(1, 1, PITCHES)
    energy = noise
    for name, unit, modulation, level in (
        ("vco_1", _SINE, vco_1_pitch, vco_1_level),
        ("vco_2", _SQUARE_SAW, vco_2_pitch, vco_2_level),
    ):
        pitch = value("keyboard", "midi_f0") + value(name, "tuning") + value(name, "mod_depth") * modulation
        place = (pitch - LOWEST_PITCH).clamp(0, PITCHES - 1)
        strength = unit * (value("mixer", name) * level).square()
        # A pitch between two semitones is shared by both.
        below = place.floor().clamp(max=PITCHES - 2)
        share.scatter_add_(2, below.long()[..., None], (strength * (1 - place + below))[..., None])
        share.scatter_add_(2, below.long()[..., None] + 1, (strength * (place - below))[..., None])
        energy = energy + strength
    share = share.unflatten(1, (frames, _MOMENTS)).sum(2)
    total = share.sum(2, keepdim=True)
    audible = total > 0
    share = torch.where(audible, share / torch.where(audible, total, 1.0), 1 / PITCHES)
    return PitchTruth(share, energy.unflatten(1, (frames, _MOMENTS)).mean(2))
