"""What turns audio into vectors, an `Embedder`, and the contract of a `Distance`, whose vectors compare in l1."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar

from nebula.distances import level
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, torch

#: Below this rate a sound has no treble to compare; above it no converter records.
SAMPLE_RATES_HZ = (8_000, 768_000)

#: Sounds that a device other than the CPU analyses together: enough to fill it, 45 MB of audio at 4 s.
SOUNDS_PER_CHUNK = 64


def require(holds: bool, argument: str, value: object, allowed: str) -> None:
    """Nothing, if the argument is allowed.

    Args:
        holds: Whether the value is allowed.
        argument: Name of the argument.
        value: What was given.
        allowed: What would have been right, to follow "expected".

    Raises:
        ArgumentError: If it is not.
    """
    if not holds:
        raise ArgumentError(f"{argument}: got {value}, expected {allowed}")


def require_number(argument: str, value: float, minimum: float, maximum: float = math.inf) -> None:
    """Nothing, if the number is finite and within its limits.

    Args:
        argument: Name of the argument.
        value: What was given.
        minimum: Smallest number allowed.
        maximum: Largest number allowed; infinity allows every finite one.

    Raises:
        ArgumentError: If it is not.
    """
    limits = f"from {minimum:g} to {maximum:g}" if math.isfinite(maximum) else f"of at least {minimum:g}"
    require(math.isfinite(value) and minimum <= value <= maximum, argument, value, f"a finite number {limits}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every distance can be told; each one adds settings of its own.

    Args:
        duration_seconds: Length that is compared. Longer sounds are cut, shorter ones are followed by silence.
        level_rms: Root-mean-square level of every sound over that length, full scale being 1.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    duration_seconds: float = 4.0
    level_rms: float = level.LEVEL_RMS

    def __post_init__(self) -> None:
        require_number("duration_seconds", self.duration_seconds, 0.001, 3600)
        require_number("level_rms", self.level_rms, 1e-6, 1)


class Embedder(ABC):
    """A way to turn sounds into vectors.

    What all of them promise: loudness counts for nothing; a sound's vector depends on that sound alone, not on its
    neighbours in the batch; silence has a finite vector. Vectors compare if they come from embedders of the same `key`
    and from audio of the same sample rate.

    A new embedder sets `name` and `version`, keeps its settings and defines `analyse`; where a sound needs much memory
    it overrides `sounds_per_chunk` too, and where there is a faster way `vectors`. `embed` then does the checking, the
    cutting to length, the alignment of levels and the chunking.
    """

    #: What it is called in messages and in `key`, such as "log-mel".
    name: str
    #: Grows whenever the same settings yield other vectors than before, so that stored ones are not mistaken for new.
    version: int

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def key(self) -> str:
        """Text that two embedders share exactly if their vectors are the same, for use as a cache key."""
        values = (f"{field.name}={_text(getattr(self.settings, field.name))}" for field in fields(self.settings))
        return f"{self.name}-v{self.version}-{','.join(values)}"

    def embed(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of the sounds, on their device and in their dtype; gradients flow through.

        Args:
            audio: Finite sounds of any level and length; no samples at all are silence.
            sample_rate_hz: From 8,000 to 768,000.

        Raises:
            ArgumentError: If a sample is NaN or infinite, or the shape, dtype or sample rate is outside what is
                allowed.
        """
        check_audio(audio)
        require_number("sample_rate_hz", sample_rate_hz, *SAMPLE_RATES_HZ)
        samples = max(1, round(self.settings.duration_seconds * sample_rate_hz))
        if len(audio) == 0:
            silence = audio.new_zeros(1, samples, dtype=working_dtype(audio.dtype))
            return self.analyse(silence, sample_rate_hz)[:0].to(audio.dtype)
        return self.vectors(audio, samples, sample_rate_hz)

    def vectors(
        self, audio: Float[Tensor, "batch time"], samples: int, sample_rate_hz: float
    ) -> Float[Tensor, "batch dimension"]:
        """What `embed` returns, of at least one sound; the part of it to override where there is a faster way.

        Args:
            audio: Sounds of any level and length, not yet known to be finite.
            samples: Length that is compared.
            sample_rate_hz: A rate within `SAMPLE_RATES_HZ`.

        Raises:
            ArgumentError: If a sample is NaN or infinite.
        """
        size = max(1, self.sounds_per_chunk(audio.device))
        vectors: Tensor | None = None
        differentiable: list[Tensor] = []
        for start in range(0, len(audio), size):
            chunk = audio[start : start + size]
            check_finite(chunk, start)
            sounds = level.align(fit(chunk.to(working_dtype(audio.dtype)), samples), float(self.settings.level_rms))
            part = self.analyse(sounds, sample_rate_hz).to(audio.dtype)
            if part.requires_grad:
                differentiable.append(part)
                continue
            # Written in place, because joining the parts at the end would need the memory of all vectors twice.
            if vectors is None:
                vectors = part.new_empty(len(audio), part.shape[1])
            vectors[start : start + size] = part
        return torch.cat(differentiable) if vectors is None else vectors

    @abstractmethod
    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that `embed` has already checked, cut to length and aligned in level.

        Args:
            audio: At least one sound, float32 or float64, of exactly the length that is compared.
            sample_rate_hz: A rate within `SAMPLE_RATES_HZ`.
        """

    def sounds_per_chunk(self, device: torch.device) -> int:
        """How many sounds are analysed together; bounds the memory that analysis needs.

        One on the CPU: the intermediate values of one sound stay in its cache, and a vector cannot depend, not even in
        its last bit, on how many sounds there are.

        Args:
            device: Where the sounds are.
        """
        return 1 if device.type == "cpu" else SOUNDS_PER_CHUNK


class Distance(Embedder):
    """An embedder whose vectors are as far apart in l1 as their sounds are.

    Vectors are scaled already, so that nothing remains to be divided by. Users choose a distance by its `name`; it may
    promise more than an embedder does.
    """

    #: Whether somebody can wait for it: it embeds a sound of 4 s within 50 ms on one core of a CPU, so that a few
    #: hundred sounds take seconds. What takes longer is computed by workers only.
    is_quick: ClassVar[bool] = False


def check_audio(audio: Tensor) -> None:
    """Nothing, if the tensor can be a batch of sounds.

    Args:
        audio: Any tensor.

    Raises:
        ArgumentError: If it is not two-dimensional or not floating point.
    """
    require(audio.ndim == 2, "audio", f"shape {tuple(audio.shape)}", "shape (batch, time)")
    require(audio.is_floating_point(), "audio", audio.dtype, "a real floating-point dtype")


def check_finite(audio: Float[Tensor, "batch time"], first: int = 0) -> None:
    """Nothing, if every sample is finite.

    Args:
        audio: Sounds.
        first: Number of the first of them, for the message.

    Raises:
        ArgumentError: If a sample is NaN or infinite; it names the first such sample.
    """
    # The largest magnitude is NaN or infinite if any sample is, and costs a tenth of looking at each by itself.
    if audio.numel() == 0 or bool(audio.detach().abs().amax().isfinite()):
        return
    sound, sample = (int(place) for place in (~audio.isfinite()).nonzero()[0])
    value = f"{audio[sound, sample].item()} in sample {sample} of sound {first + sound}"
    require(False, "audio", value, "a finite number")


def fit(audio: Float[Tensor, "batch time"], samples: int) -> Float[Tensor, "batch samples"]:
    """The sounds at a given length, cut or followed by silence.

    Args:
        audio: Sounds of any length.
        samples: Length of the result, at least 0.
    """
    missing = samples - audio.shape[1]
    return audio if missing == 0 else torch.nn.functional.pad(audio, (0, missing))


def magnitude(spectrum: Tensor) -> Tensor:
    """Absolute value of a complex spectrum, with a finite gradient at zero.

    Three times as fast as `Tensor.abs`. What is added, 1e-12 in amplitude, is far below any floor used here.

    Args:
        spectrum: Complex numbers of ordinary size, whose squares neither overflow nor vanish.
    """
    return (spectrum.real.square() + spectrum.imag.square() + 1e-24).sqrt()


def working_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype to compute in: half precision cannot hold a spectrum."""
    return dtype if dtype in (torch.float32, torch.float64) else torch.float32


def _text(value: object) -> str:
    """A setting as text; numbers that are equal read the same."""
    if isinstance(value, tuple):
        return "+".join(_text(item) for item in value)
    if isinstance(value, int | float):
        return repr(float(value)).removesuffix(".0")
    return str(value)
