"""White noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene, some
from nebula.tensors import Float, Int, Tensor, torch

#: How many different noises there are; a sound's noise is row (seed mod 32). torchsynth's number.
NOISE_ROWS = 32

_NOISE_SEED = 13


@dataclass(frozen=True)
class Noise(Module):
    """White noise whose level is modulated.

    Attributes:
        name: Its own.
        level: The control signal that it is multiplied by, if any.
    """

    name: str
    level: str | None = None
    rate: Literal["control", "audio"] = "audio"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """None."""
        return ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Its level, if it has one."""
        return some(self.level)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns each sound's noise."""
        physical = scene.physical
        hiss = noise(scene.noise_rows, scene.timeline.samples, physical.dtype, physical.device)
        return (hiss if self.level is None else hiss * scene.at_audio_rate(self.level),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        buffer, weight = assembly.target(self.name)
        assembly.audio.append([int(Operation.NOISE), buffer, weight, assembly.signal(self.level)])


def noise(
    rows: Int[Tensor, " batch"],
    samples: int,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "batch time"]:
    """Returns white noise, uniform in [-1, 1).

    Args:
        rows: Which of the 32 noises each sound gets, in [0, 32).
        samples: Length. A different length is a different set of noises, as in torchsynth.
        dtype: Of the result; float32, in which the table is drawn, if None.
        device: Where the result lies.
    """
    return noise_table(samples, dtype or torch.float32, str(device))[rows.to(device)]


@lru_cache(maxsize=4)
def noise_table(samples: int, dtype: torch.dtype, device: str) -> Float[Tensor, "row time"]:
    """Returns the 32 noises of that length, which `noise` picks from. The table is shared: do not write to it."""
    generator = torch.Generator(device="cpu").manual_seed(_NOISE_SEED)
    table = torch.empty((NOISE_ROWS, samples)).uniform_(-1.0, 1.0, generator=generator)
    return table.to(device=device, dtype=dtype)
