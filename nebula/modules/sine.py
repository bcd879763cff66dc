"""A cosine oscillator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene, some
from nebula.modules.pitch import oscillator_parameters, pitch_to_hz, turns
from nebula.tensors import Tensor, torch


@dataclass(frozen=True)
class Sine(Module):
    """A cosine whose pitch and level are modulated.

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
        """Tuning, depth of the pitch modulation, and phase."""
        return oscillator_parameters(self.name)

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
        tuning, depth, phase = scene.values(self.name).unbind(1)
        midi_f0 = scene.value(self.keyboard, "midi_f0")
        frequency_hz = pitch_to_hz(midi_f0, tuning, depth, scene.at_audio_rate(self.pitch))
        wave = torch.cos(2.0 * torch.pi * turns(frequency_hz, scene.timeline.sample_rate_hz, phase))
        return (wave if self.level is None else wave * scene.at_audio_rate(self.level),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        key = assembly.column(self.keyboard, "midi_f0")
        own = assembly.column(self.name)
        step = [Operation.SINE, buffer, weight, assembly.signal(self.level), own, key, assembly.signal(self.pitch)]
        assembly.audio.append([int(number) for number in step])
