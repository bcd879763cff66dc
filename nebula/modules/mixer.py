"""A mixer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Tensor, torch


@dataclass(frozen=True)
class Mixer(Module):
    """Adds audio signals, each at its level.

    Attributes:
        name: Its own.
        sources: Audio signals, one or more.
    """

    name: str
    sources: tuple[str, ...]
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """A level for each source."""
        return tuple(
            Parameter(self.name, source, 0.0, 1.0, "", f"level of {source} in the mix") for source in self.sources
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the sum."""
        sources = torch.stack([scene.signals[name] for name in self.sources], dim=1)
        return (torch.matmul(scene.values(self.name).unsqueeze(-2), sources).squeeze(-2),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends a step for each source that does not add itself to the mix as it is made."""
        for source in self.sources:
            if source not in assembly.mixed:
                weight = assembly.column(self.name, source)
                assembly.audio.append(
                    [int(Operation.ADD), assembly.buffers[self.name], weight, assembly.buffers[source]]
                )
