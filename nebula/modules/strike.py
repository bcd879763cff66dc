"""The envelope of something that is struck, and of what fades behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nebula.draws import Parameter
from nebula.modules.module import Assembly, Module, Operation, Scene
from nebula.tensors import Float, Tensor, torch

#: What is below this, 140 dB under full scale, is 0: silence costs nothing to render.
SILENCE = 1e-7


@dataclass(frozen=True)
class Strike(Module):
    """An envelope in [0, 1] at control rate: a linear rise, then the sum of a fast and a slow exponential decay.

    Struck bodies lose most of their energy at once, to the air and the hand, and ring on at a lower level: two decays
    whose sum has the knee that one exponential lacks (Fletcher and Rossing, "The Physics of Musical Instruments",
    chapter 12.4 on the piano). Decays are given as times to fall by 60 dB, as for rooms. Nothing is held: whatever the
    settings, the sound ends.

    Attributes:
        name: Its own.
    """

    name: str
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Three times, and how they share the height."""
        return (
            Parameter(self.name, "attack", 0.0, 0.1, "s", "time to rise from 0 to 1"),
            Parameter(self.name, "fast", 0.005, 1.0, "s", "time in which the fast decay falls by 60 dB"),
            Parameter(self.name, "slow", 0.01, 4.0, "s", "time in which the slow decay falls by 60 dB"),
            Parameter(self.name, "balance", 0.0, 1.0, "", "share of the height that decays slowly"),
        )

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the envelope."""
        timeline = scene.timeline
        return (strike(scene.values(self.name), timeline.control_samples, timeline.control_rate_hz),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        step = [Operation.STRIKE, assembly.signals[self.name], assembly.column(self.name)]
        assembly.control.append([int(number) for number in step])


@dataclass(frozen=True)
class Fade(Module):
    """One exponential decay from 1 at control rate, for what sinks after a strike: a pitch, a cutoff.

    Attributes:
        name: Its own.
    """

    name: str
    rate: Literal["control", "audio"] = "control"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """A time."""
        return (Parameter(self.name, "decay", 0.005, 4.0, "s", "time to fall by 60 dB"),)

    def evaluate(self, scene: Scene) -> Sequence[Tensor]:
        """Returns the decay."""
        timeline, decay = scene.timeline, scene.value(self.name, "decay")
        return (fade(decay, timeline.control_samples, timeline.control_rate_hz),)

    def assemble(self, assembly: Assembly) -> None:
        """Appends one step."""
        step = [Operation.FADE, assembly.signals[self.name], assembly.column(self.name)]
        assembly.control.append([int(number) for number in step])


def strike(settings: Float[Tensor, "batch 4"], samples: int, rate_hz: float) -> Float[Tensor, "batch time"]:
    """Returns min(t / attack, 1) times (1 - balance) 10^(-3 u / fast) + balance 10^(-3 u / slow), u = t - attack.

    u is held at 0 during the attack. What is below `SILENCE` is 0.

    Args:
        settings: Attack, fast, slow (s), and balance in [0, 1].
        samples: Length of the result.
        rate_hz: Rate of the result.
    """
    attack, fast, slow, balance = (value.unsqueeze(-1) for value in settings.unbind(-1))
    time = torch.arange(samples, dtype=settings.dtype, device=settings.device) / rate_hz
    instant = attack <= 0.0
    rise = torch.where(instant, 1.0, (time / torch.where(instant, 1.0, attack)).clamp(max=1.0))
    since = (time - attack).clamp(min=0.0)
    fall = (1.0 - balance) * 10.0 ** (-3.0 * since / fast) + balance * 10.0 ** (-3.0 * since / slow)
    return _silenced(rise * fall)


def fade(decay: Float[Tensor, " batch"], samples: int, rate_hz: float) -> Float[Tensor, "batch time"]:
    """Returns 10^(-3 t / decay). What is below `SILENCE` is 0.

    Args:
        decay: Time to fall by 60 dB, in s.
        samples: Length of the result.
        rate_hz: Rate of the result.
    """
    time = torch.arange(samples, dtype=decay.dtype, device=decay.device) / rate_hz
    return _silenced(10.0 ** (-3.0 * time / decay.unsqueeze(-1)))


def _silenced(signal: Tensor) -> Tensor:
    return torch.where(signal > SILENCE, signal, 0.0)
