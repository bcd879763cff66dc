"""Players: a synthesizer on a device, at a rate and for a duration, that plays draws as a nebula bends them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from nebula.draws import (
    Correlation,
    Panel,
    Parameter,
    Seeds,
    chosen,
    falls_tensor,
    sample,
    sample_choices,
    sample_pairs,
    seed_list,
    to_physical,
)
from nebula.errors import ArgumentError
from nebula.modules.noise import NOISE_ROWS
from nebula.modules.timeline import Timeline
from nebula.synths.renderer import Renderer, check_audio_dtype
from nebula.tensors import Float, Float64, Int, Tensor, torch


@runtime_checkable
class Bending(Protocol):
    """What a player needs of a nebula."""

    @property
    def synth(self) -> str:
        """Name of the synth whose parameters it bends."""
        ...

    @property
    def curves(self) -> Sequence[float]:
        """Positive curve of each parameter, in the order of the panel."""
        ...

    @property
    def falls(self) -> Sequence[float]:
        """Second exponent of each parameter's curve, in the same order; 1 leaves the curve alone."""
        ...

    @property
    def symmetric(self) -> Sequence[bool]:
        """Whether each parameter's curve bends around the centre of its range."""
        ...

    @property
    def correlation(self) -> Correlation | None:
        """Which draws go together; None where they are independent."""
        ...

    @property
    def others(self) -> Sequence[tuple[float, Bending]]:
        """Weights and plain nebulae of the further components of a mixture."""
        ...

    @property
    def components(self) -> Sequence[tuple[float, Bending]]:
        """Weights and plain nebulae of all components; itself alone where it is no mixture."""
        ...


@runtime_checkable
class Playable(Protocol):
    """What a player, and whoever is given one, needs of a synth."""

    name: str
    panel: Panel

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, in the order of the columns of parameter tensors."""
        ...

    def sample(self, seeds: Seeds, device: str | torch.device = "cpu") -> Float[Tensor, "batch parameter"]:
        """Returns unit parameters; row i depends on `seeds[i]` alone."""
        ...

    def render(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1] by the fastest of its renderers."""
        ...


class Player:
    """A synthesizer, ready to play.

    Args:
        synth: Which one.
        device: Where sounds are rendered, such as "cpu" or "cuda".
        sample_rate_hz: Audio rate.
        duration_seconds: Length of every sound.
        control_rate_hz: Rate of envelopes and LFOs, where the synth has such a rate.
        dtype: Of the audio, such as torch.float16, which halves its memory; that of the parameters if not given.
        renderer: What turns physical parameters into audio; the synth's own choice if not given.

    Raises:
        ArgumentError: A rate or the duration is not a positive number, the device does not exist, or audio cannot be of
            that dtype.

    Example:
        >>> import nebula
        >>> player = nebula.synths.get("voice").player(duration_seconds=0.5)
        >>> player.play([0, 1, 2], nebula.Nebula.load("drum")).shape
        torch.Size([3, 22050])
    """

    def __init__(
        self,
        synth: Playable,
        device: str | torch.device = "cpu",
        *,
        sample_rate_hz: float = 44100,
        duration_seconds: float = 4.0,
        control_rate_hz: float = 441,
        dtype: torch.dtype | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        self.synth = synth
        self.timeline = Timeline(sample_rate_hz, duration_seconds, control_rate_hz)
        self.device = usable_device(device)
        self.dtype = None if dtype is None else check_audio_dtype(dtype)
        self.renderer = renderer

    def render(
        self,
        unit_parameters: Float[Tensor, "batch parameter"],
        nebula: Bending,
        noise_rows: Int[Tensor, " batch"] | None = None,
        choices: Float64[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1], one row for each row of parameters.

        Differentiable with respect to `unit_parameters`, whose dtype it follows unless the player has one, where the
        synth is a wiring.

        Args:
            unit_parameters: Values in [0, 1], columns in the order of the synth's parameters.
            nebula: The correlation that mixes them, if any, and the curves that bend them.
            noise_rows: Which of the 32 noises each sound gets; position in the batch modulo 32 if not given, as in
                torchsynth.
            choices: Of a component of a mixture for each sound, as `nebula.draws.sample_choices` gives them.

        Raises:
            ArgumentError: The nebula is another synth's, or a mixture and there are no choices; the parameters do not
                have its columns or leave [0, 1], the noise rows do not fit, or the audio takes more memory than the
                device has; `nebula.data.Sounds` renders any number in batches.
        """
        panel = self.synth.panel
        if nebula.synth != self.synth.name:
            raise ArgumentError(f"nebula: got one of the synth {nebula.synth!r}, expected one of {self.synth.name!r}")
        if unit_parameters.ndim != 2 or unit_parameters.shape[1] != len(panel):
            raise ArgumentError(
                f"unit_parameters: got shape {tuple(unit_parameters.shape)}, expected (batch, {len(panel)})"
            )
        self._check_size(unit_parameters)
        outside = unit_parameters.detach()[~((unit_parameters >= 0.0) & (unit_parameters <= 1.0))]
        if len(outside):
            raise ArgumentError(f"unit_parameters: got {outside[0].item():g}, expected values from 0 to 1")
        if noise_rows is None:
            noise_rows = torch.arange(len(unit_parameters)) % NOISE_ROWS
        elif noise_rows.shape != unit_parameters.shape[:1] or bool(
            ((noise_rows < 0) | (noise_rows >= NOISE_ROWS)).any()
        ):
            raise ArgumentError(f"noise_rows: expected one integer from 0 to {NOISE_ROWS - 1} for each sound")
        physical = self.physical(unit_parameters.to(self.device), nebula, choices)
        renderer = self.renderer or self.synth.render
        return renderer(physical, noise_rows.to(self.device), self.timeline, self.dtype)

    def physical(
        self,
        unit_parameters: Float[Tensor, "batch parameter"],
        nebula: Bending,
        choices: Float64[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch parameter"]:
        """Returns the physical values that a nebula makes of unit parameters; the number of a choice for a switch.

        Args:
            unit_parameters: Values in [0, 1], columns in the order of the synth's parameters.
            nebula: The correlation that mixes them, if any, and the curves that bend them.
            choices: Of a component of a mixture for each sound, as `nebula.draws.sample_choices` gives them.

        Raises:
            ArgumentError: The nebula is a mixture and there are no choices.
        """
        if not nebula.others:
            return self._bent(unit_parameters, nebula)
        if choices is None:
            raise ArgumentError("choices: missing, a mixture takes one number from 0 to 1 for each sound")
        weights, components = zip(*nebula.components, strict=True)
        which = chosen(weights, choices.to(unit_parameters.device))
        physical = torch.zeros_like(unit_parameters)
        for number, component in enumerate(components):
            (rows,) = torch.nonzero(which == number, as_tuple=True)
            physical = physical.index_copy(0, rows, self._bent(unit_parameters[rows], component))
        return physical

    def _bent(self, unit_parameters: Tensor, nebula: Bending) -> Tensor:
        unit = unit_parameters if nebula.correlation is None else nebula.correlation.apply(unit_parameters)
        curve = torch.tensor(nebula.curves, dtype=unit.dtype, device=unit.device)
        symmetric = torch.tensor(nebula.symmetric, device=unit.device)
        return to_physical(self.synth.panel, unit, curve, symmetric, falls_tensor(nebula.falls, unit.device))

    def _check_size(self, unit_parameters: Tensor) -> None:
        # Renderers bound what they need beside the audio. The audio itself has to fit, and a system that is asked for
        # more than it has may grant it, and end the process later.
        wanted = len(unit_parameters) * self.timeline.samples * (self.dtype or unit_parameters.dtype).itemsize
        if self.device.type == "cuda":
            there = torch.cuda.get_device_properties(self.device).total_memory
        elif self.device.type == "cpu" and hasattr(os, "sysconf"):
            there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        else:
            return
        if wanted > there:
            raise ArgumentError(
                f"unit_parameters: got {len(unit_parameters)} sounds, whose audio takes {wanted / 1e9:.1f} GB; "
                f"{self.device} has {there / 1e9:.1f} GB: render fewer at a time, as nebula.data.Sounds does"
            )

    def play(self, seeds: Seeds, nebula: Bending) -> Float[Tensor, "batch time"]:
        """Returns the sounds of these seeds, in [-1, 1]; row i depends on `seeds[i]` alone.

        Args:
            seeds: One integer in [0, 2**32) for each sound. Seed s of the default nebula is sound s of synth1B1.
            nebula: The curves that bend the draw.

        Raises:
            ArgumentError: A seed is not an integer or lies outside that range, or the nebula is another synth's.
        """
        return self.render(sample(self.synth.panel, seeds), nebula, *self._beside(seeds, nebula))

    def play_pairs(self, seeds: Seeds, nebula: Bending, delta: float) -> Float[Tensor, "batch 2 time"]:
        """Returns two sounds for each of these seeds, in [-1, 1], that `sample_pairs` draws.

        A pair depends on its seed alone. Both have the noise that the seed has, and of a mixture its component. At a
        delta of 0 both are what `play` gives.

        Args:
            seeds: One integer in [0, 2**32) for each pair.
            nebula: The curves that bend the draw once it is moved.
            delta: How far both move away from the seed's draw, as a share of each range, 0 or more.

        Raises:
            ArgumentError: A seed is not an integer or lies outside that range, delta is negative, or the nebula is
                another synth's.
        """
        drawn = sample_pairs(self.synth.panel, seeds, delta).flatten(0, 1)
        beside = (None if values is None else values.repeat_interleave(2) for values in self._beside(seeds, nebula))
        audio = self.render(drawn, nebula, *beside)
        return audio.view(-1, 2, audio.shape[1])

    def _beside(self, seeds: Seeds, nebula: Bending) -> tuple[Tensor, Tensor | None]:
        """What a seed decides beside its parameters: which noise, and of a mixture which component."""
        rows = torch.tensor([seed % NOISE_ROWS for seed in seed_list(seeds)], dtype=torch.int64)
        return rows, sample_choices(self.synth.panel, seeds) if nebula.others else None


def usable_device(device: str | torch.device) -> torch.device:
    """Returns the device, once it is known to work.

    Raises:
        ArgumentError: The name is not one of torch's, or this machine has no such device.
    """
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        cause = str(error).splitlines()[0]
        raise ArgumentError(
            f"device: got {str(device)!r}, expected one that works here, such as 'cpu' ({cause})"
        ) from error
    return chosen
