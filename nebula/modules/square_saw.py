"""An oscillator between square and saw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene, some
from nebula.modules.pitch import midi_to_hz, oscillator_parameters, pitch_to_hz, turns
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True)
class SquareSaw(Module):
    """A square to saw wave whose pitch and level are modulated.

    Attributes:
        name: Its own.
        pitch: The control signal that moves its pitch.
        level: The control signal that it is multiplied by, if any.
        keyboard: The keyboard that it is played by.
    """

    name: str
    pitch: str
    level: str | None = None
    keyboard: str = "keyboard"
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of a sine, and the shape."""
        shape = Parameter(self.name, "shape", 0.0, 1.0, "", "waveform: 0 is square, 1 is saw")
        return (*oscillator_parameters(self.name), shape)

    @property
    def inputs(self) -> tuple[str, ...]:
        """What moves its pitch, and its level."""
        return some(self.pitch, self.level)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keyboard."""
        return (self.keyboard,)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the oscillation."""
        tuning, depth, phase, shape = scene.values(self.name).unbind(1)
        midi_f0 = scene.value(self.keyboard, "midi_f0")
        frequency_hz = pitch_to_hz(midi_f0, tuning, depth, scene.at_audio_rate(self.pitch))
        highest = midi_f0 + tuning + depth.clamp(min=0.0)
        wave = square_saw(turns(frequency_hz, scene.timeline.sample_rate_hz, phase), shape, highest)
        return (wave if self.level is None else wave * scene.at_audio_rate(self.level),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        key = assembly.column(self.keyboard, "midi_f0")
        own = assembly.column(self.name)
        step = [
            Operation.SQUARE_SAW,
            buffer,
            weight,
            assembly.signal(self.level),
            own,
            key,
            assembly.signal(self.pitch),
        ]
        assembly.audio.append([int(number) for number in step])


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
