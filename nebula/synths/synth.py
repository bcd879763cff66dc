"""What a synthesizer is: a panel, and a way from physical values to sound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from nebula.draws import Panel, Parameter, Seeds, sample
from nebula.modules.timeline import Timeline
from nebula.synths.player import Player
from nebula.synths.presets import FORMATS, settings
from nebula.synths.renderer import Renderer
from nebula.tensors import Float, Int, Tensor, torch


class Synth(ABC):
    """A synthesizer that nebulae are distributions of.

    A package adds one by an entry point of the group `nebula.synths`, whose name is the synth's and whose value is a
    class of this kind, or a function that returns one, called without arguments.

    Attributes:
        name: What specs, nebulae and commands call it.
        description: What it is, in one sentence.
        panel: Its parameters.
        repeatable: Whether the same values always give the same sound. What rests on that, resuming a study byte for
            byte for one, does not hold for a synth that cannot promise it.
        default: Name of the shipped nebula that its designers meant by its random sounds; None without one.
    """

    name: str
    description: str
    panel: Panel
    repeatable: bool = True
    default: str | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, in the order of the columns of parameter tensors."""
        return self.panel.parameters

    @property
    def missing(self) -> str | None:
        """Name of the extra of this package that has to be installed before it plays; None where it is ready."""
        return None

    def check(self, device: str | torch.device) -> None:
        """Raises at once what rendering on a device would raise, for whoever is about to begin something long.

        Args:
            device: Where sounds are going to be rendered.

        Raises:
            SynthError: It cannot play here.
            ArgumentError: It cannot play on that device.
        """
        return

    def sample(self, seeds: Seeds, device: str | torch.device = "cpu") -> Float[Tensor, "batch parameter"]:
        """Returns unit parameters drawn uniformly from [0, 1); row i depends on `seeds[i]` alone.

        Args:
            seeds: One integer in [0, 2**32) for each sound.
            device: Where the result lies.

        Raises:
            ArgumentError: A seed is not an integer or lies outside that range.
        """
        return sample(self.panel, seeds, device)

    def player(
        self,
        device: str | torch.device = "cpu",
        *,
        sample_rate_hz: float = 44100,
        duration_seconds: float = 4.0,
        control_rate_hz: float = 441,
        dtype: torch.dtype | None = None,
        renderer: Renderer | None = None,
    ) -> Player:
        """Returns what plays nebulae on this synth; arguments and errors are those of `Player`."""
        return Player(
            self,
            device,
            sample_rate_hz=sample_rate_hz,
            duration_seconds=duration_seconds,
            control_rate_hz=control_rate_hz,
            dtype=dtype,
            renderer=renderer,
        )

    @abstractmethod
    def render(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1] on the device of `physical`: a `Renderer`, the fastest for what it is asked for.

        Args:
            physical: Physical values, columns in the order of the panel; the number of a choice for a switch.
            noise_rows: Which of 32 noises each sound gets, in [0, 32), where the synth has noise.
            timeline: Rates and length.
            dtype: Of the audio; that of `physical` if None.

        Raises:
            ArgumentError: Audio cannot be of that dtype.
        """

    @property
    def preset_formats(self) -> tuple[str, ...]:
        """Endings of the files that `presets` can be the content of; first what the synth itself loads, if anything."""
        return FORMATS

    def left_out(self, format_: str) -> tuple[str, ...]:
        """Returns the paths of parameters that files of a format have no place for.

        Args:
            format_: One of `preset_formats`.
        """
        return ()

    def presets(self, physical: Float[Tensor, "sound parameter"], names: Sequence[str], format_: str) -> bytes:
        """Returns sounds as the content of a file: what the synth itself loads, or settings to be read.

        Args:
            physical: Physical values of each sound.
            names: What each sound is called.
            format_: One of `preset_formats`.

        Raises:
            ArgumentError: There is no such format, or the file cannot hold so many sounds.
        """
        return settings(self.name, self.panel, physical, names, format_)
