"""What a module of a synthesizer is, for the readable renderer and for the fused one.

A module brings parameters and makes signals from other modules' signals. Signals have names: a module's own name, or,
where it makes several, the names that it lists. `control` signals have the control rate, `audio` signals the audio
rate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from nebula.draws import Panel, Parameter
from nebula.modules.timeline import Timeline
from nebula.tensors import Float, Int, Tensor, torch

#: In a compiled step: no such signal, buffer or column.
NONE = -1

#: The buffer that becomes the sound.
SOUND = 0


class Operation(IntEnum):
    """What a compiled step does; `nebula.modules.loops` has those of each."""

    ADSR = 0
    LFO = 1
    MATRIX = 2
    SINE = 3
    SQUARE_SAW = 4
    NOISE = 5
    FM_SINE = 6
    ADD = 7
    FILTER = 8
    DRIVE = 9
    AMPLIFIER = 10
    STRIKE = 11
    FADE = 12
    MODES = 13
    CLICK = 14


class Scene:
    """Sounds that the readable renderer works out together, and the signals that it has so far.

    Args:
        panel: Whose columns `physical` has.
        physical: Physical parameter values.
        noise_rows: Which of the 32 noises each sound gets.
        timeline: Rates and length.
        signals: Signals of these sounds by name.
    """

    def __init__(
        self,
        panel: Panel,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        signals: dict[str, Tensor] | None = None,
    ) -> None:
        self.panel, self.physical, self.noise_rows, self.timeline = panel, physical, noise_rows, timeline
        self.signals = signals or {}

    def values(self, module: str) -> Float[Tensor, "batch own"]:
        """Returns the physical values of one module's parameters."""
        return self.physical[:, self.panel.modules[module]]

    def value(self, module: str, parameter: str) -> Float[Tensor, " batch"]:
        """Returns the physical values of one parameter."""
        return self.physical[:, self.panel.columns[module, parameter]]

    def at_audio_rate(self, signal: str) -> Float[Tensor, "batch time"]:
        """Returns a control signal, by its name, at audio rate."""
        return self.interpolated(self.signals[signal])

    def interpolated(self, control: Float[Tensor, "batch control_time"]) -> Float[Tensor, "batch time"]:
        """Returns a control signal interpolated linearly; first and last samples coincide with the control's.

        The step between audio samples is therefore (control samples - 1) / (samples - 1), not the ratio of the rates.
        """
        samples = self.timeline.samples
        audio = torch.nn.functional.interpolate(control.unsqueeze(1), samples, mode="linear", align_corners=True)
        return audio.squeeze(1)

    def split(self, sounds: int) -> "Sequence[Scene]":
        """Returns scenes of at most that many of the sounds each."""
        parts = []
        for first in range(0, len(self.physical), sounds):
            part = slice(first, first + sounds)
            signals = {name: signal[part] for name, signal in self.signals.items()}
            parts.append(Scene(self.panel, self.physical[part], self.noise_rows[part], self.timeline, signals))
        return parts


@dataclass
class Assembly:
    """The steps of a synth's fused renderer, as they are put together; each is a row of numbers.

    Attributes:
        panel: Whose columns steps name.
        signals: Number of each control signal.
        buffers: Number of each audio signal's buffer.
        mixed: For an audio signal that a mixer adds to the sound as it is made: the mixer's buffer and the column of
            its weight.
        control: Steps of control signals, in order.
        audio: Steps of audio signals, in order.
    """

    panel: Panel
    signals: dict[str, int]
    buffers: dict[str, int]
    mixed: dict[str, tuple[int, int]]
    control: list[list[int]] = field(default_factory=list)
    audio: list[list[int]] = field(default_factory=list)

    def signal(self, name: str | None) -> int:
        """Returns the number of a control signal, `NONE` without a name."""
        return NONE if name is None else self.signals[name]

    def column(self, module: str, parameter: str | None = None) -> int:
        """Returns the column of a parameter, or of a module's first."""
        return self.panel.modules[module].start if parameter is None else self.panel.columns[module, parameter]

    def target(self, source: str) -> tuple[int, int]:
        """Returns the buffer that an audio signal is added to, and the column of its weight there or `NONE`."""
        return self.mixed.get(source) or (self.buffers[source], NONE)


class Module(ABC):
    """A part of a synthesizer.

    Attributes:
        name: Its own within a synth, such as `vco_1`.
        rate: Of the signals that it makes.
    """

    name: str
    rate: Literal["control", "audio"]

    @property
    @abstractmethod
    def parameters(self) -> tuple[Parameter, ...]:
        """What it can be set to; may be none."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signals that it needs."""
        return ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the modules whose parameters it reads beside its own."""
        return ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the signals that it makes."""
        return (self.name,)

    @abstractmethod
    def evaluate(self, scene: Scene) -> Sequence[Float[Tensor, "batch any_time"]]:
        """Returns its signals in the order of `outputs`: the readable form, differentiable."""

    @abstractmethod
    def assemble(self, assembly: Assembly) -> None:
        """Appends its steps to those of the fused renderer."""


def some(*names: str | None) -> tuple[str, ...]:
    """Returns the names that are given."""
    return tuple(name for name in names if name is not None)


def peak_limited(audio: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
    """Returns audio, divided by its peak where that exceeds 1."""
    peak = audio.abs().amax(dim=-1, keepdim=True)
    return torch.where(peak > 1.0, audio / peak, audio)
