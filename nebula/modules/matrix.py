"""A modulation matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch


@dataclass(frozen=True)
class Matrix(Module):
    """Makes each of its targets a weighted sum of all its sources.

    Attributes:
        name: Its own.
        sources: Control signals, one or more.
        targets: Names of the control signals that it makes, one or more.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """A weight for each source and target."""
        return tuple(
            Parameter(self.name, f"{source}->{target}", 0.0, 1.0, "", f"how much {source} moves {target}")
            for source in self.sources
            for target in self.targets
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    @property
    def outputs(self) -> tuple[str, ...]:
        """The targets."""
        return self.targets

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the targets."""
        weights = scene.values(self.name).unflatten(1, (len(self.sources), len(self.targets)))
        return modulate(weights, torch.stack([scene.signals[name] for name in self.sources], dim=1)).unbind(1)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        sources = [assembly.signals[name] for name in self.sources]
        targets = [assembly.signals[name] for name in self.targets]
        counts = [len(sources), len(targets)]
        assembly.control.append([int(Operation.MATRIX), assembly.column(self.name), *counts, *sources, *targets])


def modulate(
    matrix: Float[Tensor, "batch source target"],
    sources: Float[Tensor, "batch source time"],
) -> Float[Tensor, "batch target time"]:
    """Returns the modulation signals: each target is a weighted sum of all sources.

    Args:
        matrix: Weights in [0, 1].
        sources: Control signals in [0, 1].
    """
    return torch.matmul(matrix.transpose(-1, -2), sources)
