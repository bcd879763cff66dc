"""The pulse with which one thing hits another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True)
class Click(Module):
    """Half a period of a sine at the beginning: the force of a mallet, which stays in contact for that long.

    Hard mallets touch for a fraction of a millisecond, soft ones for several (Fletcher and Rossing, "The Physics of
    Musical Instruments", chapter 19.2); the spectrum of the pulse falls above the inverse of that time.

    Attributes:
        name: Its own.
    """

    name: str
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its length."""
        return (Parameter(self.name, "contact", 0.05, 10.0, "ms", "length of the pulse: short is hard, long is soft"),)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the pulse."""
        timeline = scene.timeline
        return (click(scene.value(self.name, "contact"), timeline.samples, timeline.sample_rate_hz),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        step = [Operation.CLICK, buffer, weight, assembly.signal(None), assembly.column(self.name)]
        assembly.audio.append([int(number) for number in step])


def click(contact_ms: Float[Tensor, " batch"], samples: int, rate_hz: float) -> Float[Tensor, "batch time"]:
    """Returns sin(pi t / contact) while t is below contact, then 0. The first sample is at half a sample's time.

    Args:
        contact_ms: Length of the pulse.
        samples: Length of the result.
        rate_hz: Sampling rate.
    """
    time_ms = (torch.arange(samples, dtype=contact_ms.dtype, device=contact_ms.device) + 0.5) * (1000.0 / rate_hz)
    part = time_ms / contact_ms.unsqueeze(1)
    return torch.where(part < 1.0, torch.sin(torch.pi * part.clamp(max=1.0)), 0.0)
