"""A level for an audio signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Tensor


@dataclass(frozen=True)
class Amplifier(Module):
    """Multiplies an audio signal by a control signal.

    Attributes:
        name: Its own.
        source: The audio signal that goes in.
        level: The control signal that it is multiplied by.
    """

    name: str
    source: str
    level: str
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """None."""
        return ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """What goes in, and its level."""
        return self.source, self.level

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the product."""
        return (scene.signals[self.source] * scene.at_audio_rate(self.level),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        source = assembly.buffers[self.source]
        assembly.audio.append([int(Operation.AMPLIFIER), buffer, weight, assembly.signal(self.level), source])
