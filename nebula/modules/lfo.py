"""Low-frequency oscillators: they move what is heard, and are not heard themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene, some
from nebula.modules.pitch import turns
from nebula.tensors import Float, Tensor, torch

#: Shapes, in the order of the parameters that weigh them.
SHAPES = ("sin", "tri", "saw", "rsaw", "sqr")

#: Exponent of the shape weights: it favours the largest over an even blend. torchsynth's value, to 10 digits.
SHAPE_EXPONENT = 2.718281828


@dataclass(frozen=True)
class Lfo(Module):
    """A low-frequency oscillation in [0, 1] at control rate.

    Attributes:
        name: Its own.
        speed: The control signal that moves its rate, if any.
        level: The control signal that it is multiplied by, if any.
    """

    name: str
    speed: str | None = None
    level: str | None = None
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Rate, its modulation, phase, and the weights of five shapes."""
        weights = (
            Parameter(self.name, shape, 0.0, 1.0, "", f"weight of the {shape} shape before they are made to sum to 1")
            for shape in SHAPES
        )
        return (
            Parameter(self.name, "frequency", 0.0, 20.0, "Hz", "rate before modulation"),
            Parameter(self.name, "mod_depth", -10.0, 20.0, "Hz", "rate added at the rate envelope's peak"),
            Parameter(self.name, "initial_phase", -math.pi, math.pi, "rad", "phase at the start"),
            *weights,
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """What moves its rate, and its level."""
        return some(self.speed, self.level)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the oscillation."""
        settings = scene.values(self.name)
        still = settings.new_zeros((len(settings), scene.timeline.control_samples))
        speed = still if self.speed is None else scene.signals[self.speed]
        oscillation = lfo(settings, speed, scene.timeline.control_rate_hz)
        return (oscillation if self.level is None else oscillation * scene.signals[self.level],)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        out, column = assembly.signals[self.name], assembly.column(self.name)
        step = [Operation.LFO, out, column, assembly.signal(self.speed), assembly.signal(self.level)]
        assembly.control.append([int(number) for number in step])


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
