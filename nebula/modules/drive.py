"""Soft clipping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True)
class Drive(Module):
    """A hyperbolic tangent, driven by a gain that full scale keeps.

    Attributes:
        name: Its own.
        source: The audio signal that goes in.
    """

    name: str
    source: str
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The gain."""
        return (Parameter(self.name, "gain", -24.0, 24.0, "dB", "how hard it is driven: low is clean, high is square"),)

    @property
    def inputs(self) -> tuple[str, ...]:
        """What goes in."""
        return (self.source,)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the driven signal."""
        return (drive(scene.signals[self.source], scene.value(self.name, "gain")),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        own, source = assembly.column(self.name), assembly.buffers[self.source]
        assembly.audio.append([int(Operation.DRIVE), buffer, weight, assembly.signal(None), source, own])


def drive(signal: Float[Tensor, "batch time"], gain_db: Float[Tensor, " batch"]) -> Float[Tensor, "batch time"]:
    """Returns tanh(a x) / tanh(a), a the gain as a factor: x itself as the gain falls, the sign of x as it rises.

    The saturator of Zavalishin, "The Art of VA Filter Design", divided by what it makes of 1, so that the gain changes
    the timbre more than the loudness. At -24 dB the difference to x is below 0.2 % of full scale.

    Args:
        signal: Any values; full scale is 1.
        gain_db: How hard it is driven.
    """
    factor = (10.0 ** (gain_db / 20.0)).unsqueeze(1)
    return torch.tanh(factor * signal) / torch.tanh(factor)
