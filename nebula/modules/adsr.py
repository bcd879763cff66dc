"""Attack, decay, sustain, release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch

# torchsynth's guard against division by zero. It shifts a ramp by up to 1e-6 and is kept so that the sounds agree.
EPSILON = 1e-6


@dataclass(frozen=True)
class Adsr(Module):
    """An envelope in [0, 1] at control rate, as a played key makes it.

    Attributes:
        name: Its own.
        keyboard: The keyboard whose key is played.
    """

    name: str
    keyboard: str = "keyboard"
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Three times, a level, and how the ramps bend."""
        return (
            Parameter(self.name, "attack", 0.0, 2.0, "s", "time to rise from 0 to 1"),
            Parameter(self.name, "decay", 0.0, 2.0, "s", "time to fall from 1 to the sustain level"),
            Parameter(self.name, "sustain", 0.0, 1.0, "", "level held while the key is down"),
            Parameter(self.name, "release", 0.0, 5.0, "s", "time to fall to 0 once the key is up"),
            Parameter(self.name, "alpha", 0.1, 6.0, "", "exponent of every ramp: 1 is linear, above 1 bends down"),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keyboard."""
        return (self.keyboard,)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the envelope."""
        timeline, note_on = scene.timeline, scene.value(self.keyboard, "duration")
        return (adsr(scene.values(self.name), note_on, timeline.control_samples, timeline.control_rate_hz),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        note_on = assembly.column(self.keyboard, "duration")
        step = [Operation.ADSR, assembly.signals[self.name], assembly.column(self.name), note_on]
        assembly.control.append([int(number) for number in step])


def adsr(
    envelope: Float[Tensor, "*batch 5"],
    note_on_seconds: Float[Tensor, "*batch"],
    samples: int,
    control_rate_hz: float,
) -> Float[Tensor, "*batch time"]:
    """Returns an envelope in [0, 1] at control rate, as a played key makes it.

    The key cuts the attack and decay short: the release always starts `note_on_seconds` after the beginning. The three
    stages are ramps that multiply.

    Args:
        envelope: Attack, decay (s), sustain in [0, 1], release (s), and the exponent alpha of each ramp.
        note_on_seconds: How long the key is down, above 0.
        samples: Length of the result.
        control_rate_hz: Rate of the result.
    """
    attack, decay, sustain, release, alpha = (value.unsqueeze(-1) for value in envelope.unbind(-1))
    note_on = note_on_seconds.unsqueeze(-1)
    heard_attack = torch.minimum(attack, note_on)
    heard_decay = torch.minimum((note_on - attack).clamp(min=0.0), decay)
    time = torch.arange(samples, dtype=envelope.dtype, device=envelope.device)

    rise = _ramp(time, heard_attack * control_rate_hz) ** alpha
    fall = _power(_falling(time - heard_attack * control_rate_hz, heard_decay * control_rate_hz), alpha)
    end = _power(_falling(time - note_on * control_rate_hz, release * control_rate_hz), alpha)
    return rise * ((1.0 - sustain) * fall + sustain) * end


def _ramp(time: Tensor, duration: Tensor) -> Tensor:
    """From 0 to 1 in `duration` control samples; 1 throughout where the duration is 0."""
    instant = duration <= 0.0
    rising = (time.clamp(min=0.0) + EPSILON) / torch.where(instant, 1.0, duration) + EPSILON
    return torch.where(instant, 1.0, rising.clamp(max=1.0))


def _falling(time: Tensor, duration: Tensor) -> Tensor:
    """From 1 to 0 in `duration` control samples; 1 throughout where the duration is 0, as torchsynth has it."""
    ramp = _ramp(time, duration)
    return torch.where(duration > 0.0, 1.0 - ramp, ramp)


def _power(base: Tensor, exponent: Tensor) -> Tensor:
    # A finished ramp is exactly 0, where the slope of a power below 1 is infinite and would turn gradients into NaN.
    above = base > 0.0
    return torch.where(above, torch.where(above, base, 1.0) ** exponent, 0.0)
