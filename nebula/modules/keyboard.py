"""The key that is played, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Scene
from nebula.tensors import Tensor


@dataclass(frozen=True)
class Keyboard(Module):
    """A key, which others read as parameters: it makes no signal.

    Attributes:
        name: Its own.
        held: Whether it matters how long the key stays down, which it does not where something is struck.
    """

    name: str = "keyboard"
    held: bool = True
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Pitch and, where it matters, length."""
        pitch = Parameter(self.name, "midi_f0", 0.0, 127.0, "MIDI pitch", "the key that is played; 69 is 440 Hz")
        duration = Parameter(self.name, "duration", 0.01, 4.0, "s", "how long the key stays down")
        return (pitch, duration) if self.held else (pitch,)

    @property
    def outputs(self) -> tuple[str, ...]:
        """None."""
        return ()

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns no signals."""
        return ()

    def assemble(self, assembly: Assembly) -> None:
        """Appends nothing."""
