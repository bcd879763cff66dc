"""A sine whose frequency is modulated at audio rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene, some
from nebula.modules.pitch import midi_to_hz, turns
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True)
class FmSine(Module):
    """A cosine whose frequency follows a modulator, as in SynthAX 0.2.2: f = f0 (1 + depth m), within 0 and Nyquist.

    Frequencies do not go through zero: where the modulator would turn the phase back, it stands still.

    Attributes:
        name: Its own.
        modulator: The audio signal m.
        level: The control signal that it is multiplied by, if any.
        keyboard: The keyboard that it is played by.
    """

    name: str
    modulator: str
    level: str | None = None
    keyboard: str = "keyboard"
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Tuning, depth of the modulation, and phase."""
        return (
            Parameter(self.name, "tuning", -24.0, 24.0, "semitones", "pitch offset from the key"),
            Parameter(self.name, "mod_depth", -96.0, 96.0, "", "modulation index: times its own frequency"),
            Parameter(self.name, "initial_phase", -math.pi, math.pi, "rad", "phase at the start"),
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The modulator, and the level."""
        return some(self.modulator, self.level)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keyboard."""
        return (self.keyboard,)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the oscillation."""
        tuning, depth, phase = scene.values(self.name).unbind(1)
        carrier_hz = midi_to_hz(scene.value(self.keyboard, "midi_f0") + tuning)
        rate_hz = scene.timeline.sample_rate_hz
        frequency_hz = modulated_hz(carrier_hz, depth, scene.signals[self.modulator], rate_hz)
        wave = torch.cos(2.0 * torch.pi * turns(frequency_hz, rate_hz, phase))
        return (wave if self.level is None else wave * scene.at_audio_rate(self.level),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        own, key = assembly.column(self.name), assembly.column(self.keyboard, "midi_f0")
        modulator = assembly.buffers[self.modulator]
        step = [Operation.FM_SINE, buffer, weight, assembly.signal(self.level), own, key, modulator]
        assembly.audio.append([int(number) for number in step])


def modulated_hz(
    carrier_hz: Float[Tensor, " batch"],
    depth: Float[Tensor, " batch"],
    modulator: Float[Tensor, "batch time"],
    rate_hz: float,
) -> Float[Tensor, "batch time"]:
    """Returns the frequency of a carrier, between 0 and half the sampling rate.

    Args:
        carrier_hz: Frequency where the modulator is 0.
        depth: Modulation index.
        modulator: Any values.
        rate_hz: Sampling rate.
    """
    frequency_hz = carrier_hz.unsqueeze(-1) * (1.0 + depth.unsqueeze(-1) * modulator)
    return frequency_hz.clamp(0.0, rate_hz / 2.0)
