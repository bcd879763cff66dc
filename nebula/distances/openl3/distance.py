"""The OpenL3 distance: embeddings of one-second windows by a network trained on video with sound."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from nebula.distances import level
from nebula.distances import weights as published
from nebula.distances.base import (
    SAMPLE_RATES_HZ,
    Distance,
    Settings,
    check_audio,
    check_finite,
    require,
    require_number,
)
from nebula.distances.openl3.checkpoint import Checkpoint, read
from nebula.distances.openl3.frontend import BANDS, FRONTENDS, SAMPLE_RATE_HZ, WINDOW_SAMPLES, Picture
from nebula.distances.openl3.network import Network
from nebula.distances.resampling import resample
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor, torch

#: From one window to the next: a tenth of a second.
HOP_SAMPLES = 4_800

#: Zeros in front, so that the first window is centred on the sound's beginning.
SAMPLES_BEFORE = WINDOW_SAMPLES // 2

#: Windows made into pictures together: 100 MB of frames.
WINDOWS_PER_CHUNK = 64

CONTENT_TYPES = ("music", "env")
EMBEDDING_SIZES = (512, 6144)
PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, kw_only=True)
class OpenL3Settings(Settings):
    """Settings of the OpenL3 distance.

    Args:
        content_type: What the network was trained on: "music" or "env", sounds of the environment.
        input_repr: What it sees: "mel256", "mel128" or "linear".
        embedding_size: Numbers for each window, 512 or 6144.
        frontend: "0.4.2", that of the last release, or "0.3.1", that with which the weights were trained.
        pooled: Whether a sound is the mean of its windows, deaf to time, or all of them one after the other.
        precision: In which the network computes: "float32", "bfloat16" or "float16".

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    content_type: str = "music"
    input_repr: str = "mel256"
    embedding_size: int = 512
    frontend: str = "0.4.2"
    pooled: bool = False
    precision: str = "float32"

    def __post_init__(self) -> None:
        super().__post_init__()
        for argument, allowed in _CHOICES.items():
            value = getattr(self, argument)
            require(value in allowed, argument, repr(value), f"one of {', '.join(str(choice) for choice in allowed)}")

    @property
    def name(self) -> str:
        """The distance's name: "openl3", then the settings that are not the usual ones, such as "openl3:env-6144"."""
        usual = OpenL3Settings()
        words = [str(getattr(self, key)) for key in _CHOICES if getattr(self, key) != getattr(usual, key)]
        words += ["pooled"] if self.pooled else []
        return "openl3" + (":" + "-".join(words) if words else "")

    @classmethod
    def named(cls, name: str) -> "OpenL3Settings":
        """The settings of a name.

        Args:
            name: "openl3", then, behind a colon and joined by hyphens, what is to differ from "music", "mel256", "512",
                "0.4.2" and "float32", in any order, and "pooled".

        Raises:
            ArgumentError: If a word is unknown, or two contradict each other.

        Example:
            >>> OpenL3Settings.named("openl3:env-mel128-6144").embedding_size
            6144
        """
        changes: dict[str, object] = {}
        _, colon, variant = name.partition(":")
        for word in variant.split("-") if colon else ():
            if word not in _WORDS:
                raise ArgumentError(f"distance: got {name!r}, expected after 'openl3:' any of {', '.join(_WORDS)}")
            key, value = _WORDS[word]
            if key in changes:
                raise ArgumentError(f"distance: got {name!r}, expected {key} to be said once")
            changes[key] = value
        return cls(**changes)  # type: ignore[arg-type]  # each key is a field and each value one of its choices


_CHOICES: dict[str, tuple[object, ...]] = {
    "content_type": CONTENT_TYPES,
    "input_repr": tuple(BANDS),
    "embedding_size": EMBEDDING_SIZES,
    "frontend": FRONTENDS,
    "precision": PRECISIONS,
}

_WORDS: dict[str, tuple[str, object]] = {
    **{str(choice): (key, choice) for key, choices in _CHOICES.items() for choice in choices},
    "pooled": ("pooled", True),
}


class OpenL3(Distance):
    """The l1 distance of OpenL3's embeddings, window by window, as the original has them.

    A sound is resampled to 48 kHz, half a second of silence is put in front, and every tenth of a second begins a
    window of one second, the last one filled up with silence. `windows` gives the embedding of each; a vector is all of
    them one after the other, not divided by their number, so that distances are of the size that papers report, or
    their mean if pooled. Each window is taken relative to its own loudest point, down to 1e-8 of that amplitude: below
    1e-7 of it, in the valleys of a pure tone without any noise, pictures show the rounding of single precision, here as
    in the original, and embeddings of such tones agree between implementations within a few hundredths only.

    The weights are not shipped: `nebula weights fetch openl3` brings them. They are read when the distance is made,
    once per process, and their content is part of `key`.

    Args:
        weights: A file of weights in the official layout, `.h5` or `.h5.gz`; None takes the official one for
            `input_repr` and `content_type`.
        frontend: As in `OpenL3Settings`, and so are all that follow.
        input_repr: What the network sees.
        embedding_size: Numbers for each window.
        content_type: What the network was trained on.
        pooled: Whether a vector is the mean of its windows.
        precision: In which the network computes.
        duration_seconds: Length that `embed` compares; `windows` takes sounds as they are.
        level_rms: Level at which `embed` compares; `windows` takes sounds as they are.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
        WeightsError: If the weights are not there, or the file is not one of OpenL3.

    References:
        Cramer, Wu, Salamon and Bello, "Look, listen, and learn more: Design choices for deep audio embeddings", ICASSP
        2019.
    """

    version = 1

    def __init__(
        self,
        weights: str | os.PathLike[str] | None = None,
        frontend: str = "0.4.2",
        input_repr: str = "mel256",
        embedding_size: int = 512,
        *,
        content_type: str = "music",
        pooled: bool = False,
        precision: str = "float32",
        duration_seconds: float = 4.0,
        level_rms: float = level.LEVEL_RMS,
    ) -> None:
        self.settings: OpenL3Settings = OpenL3Settings(
            content_type=content_type,
            input_repr=input_repr,
            embedding_size=embedding_size,
            frontend=frontend,
            pooled=pooled,
            precision=precision,
            duration_seconds=duration_seconds,
            level_rms=level_rms,
        )
        self.name = self.settings.name
        self.checkpoint = _checkpoint(_official(self.settings) if weights is None else Path(weights))
        self._picture = Picture(frontend, input_repr)
        self._networks: dict[torch.device, Network] = {}

    @classmethod
    def named(cls, name: str) -> "OpenL3":
        """The distance of a name as `OpenL3Settings.named` takes it, with the official weights.

        Args:
            name: Such as "openl3" or "openl3:env-mel128-6144".

        Raises:
            ArgumentError: If the name is wrong.
            WeightsError: If the weights are not there.
        """
        settings = OpenL3Settings.named(name)
        return cls(**{field.name: getattr(settings, field.name) for field in fields(settings)})

    @property
    def key(self) -> str:
        """Text that two distances share exactly if their vectors are the same: settings and content of the weights."""
        return f"{super().key},weights={self.checkpoint.fingerprint[:16]}"

    def windows(
        self, audio: Float[Tensor, "batch time"], sample_rate_hz: float
    ) -> Float[Tensor, "batch window dimension"]:
        """The embeddings of each sound's windows, on its device and in its dtype; gradients flow through.

        Nothing is done to the sounds before: neither their length nor their level is aligned. A silent window has an
        embedding like any other. Memory grows with the result and one chunk of windows only.

        Args:
            audio: Finite sounds of any length; no samples at all are one window of silence.
            sample_rate_hz: From 8,000 to 768,000; taken to the nearest whole hertz.

        Raises:
            ArgumentError: If a sample is NaN or infinite, or the shape, dtype or sample rate is outside what is
                allowed.
        """
        check_audio(audio)
        require_number("sample_rate_hz", sample_rate_hz, *SAMPLE_RATES_HZ)
        check_finite(audio)
        # In double precision, as the original: above the old band pictures show what is 100 dB below the sound.
        sounds = resample(audio.double(), sample_rate_hz, SAMPLE_RATE_HZ).float()
        missing = -(sounds.shape[1] + SAMPLES_BEFORE - WINDOW_SAMPLES) % HOP_SAMPLES
        missing = max(missing, WINDOW_SAMPLES - SAMPLES_BEFORE - sounds.shape[1])
        framed = torch.nn.functional.pad(sounds, (SAMPLES_BEFORE, missing)).unfold(1, WINDOW_SAMPLES, HOP_SAMPLES)
        batch, count, _ = framed.shape
        if batch == 0:
            return audio.new_empty(0, count, self.settings.embedding_size)
        # One-shots are mostly silence: a silent window, whose embedding has no gradient, is embedded once for all.
        sounding = framed.detach().amax(2).ne(0).logical_or_(framed.detach().amin(2).ne(0))
        order = sounding.nonzero().tolist()
        parts = [
            self._embeddings(torch.stack([framed[sound, window] for sound, window in order[first:end]]))
            for first, end in ((k, k + WINDOWS_PER_CHUNK) for k in range(0, len(order), WINDOWS_PER_CHUNK))
        ]
        silence = self._embeddings(sounds.new_zeros(1, WINDOW_SAMPLES)) if len(order) < batch * count else None
        if silence is None:
            return torch.cat(parts).view(batch, count, -1).to(audio.dtype)
        embeddings = silence.expand(batch * count, -1)
        if parts:
            places = sounding.flatten().nonzero()[:, 0]
            embeddings = embeddings.index_copy(0, places, torch.cat(parts))
        return embeddings.reshape(batch, count, -1).to(audio.dtype)

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        windows = self.windows(audio, sample_rate_hz)
        return windows.mean(1) if self.settings.pooled else windows.flatten(1)

    def _embeddings(self, windows: Float[Tensor, "window time"]) -> Float[Tensor, "window dimension"]:
        network = self._networks.get(windows.device)
        if network is None:
            precision = getattr(torch, self.settings.precision)
            network = Network(self.checkpoint, self._picture, self.settings.embedding_size, windows.device, precision)
            self._networks[windows.device] = network
        return network(windows)


def _official(settings: OpenL3Settings) -> Path:
    return published.find(f"openl3_audio_{settings.input_repr}_{settings.content_type}-v0_4_0.h5.gz")


def _checkpoint(path: Path) -> Checkpoint:
    """The weights in a file, read once per process unless the file changes."""
    try:
        status = path.stat()
    except OSError:
        return read(path)
    return _read_once(path.resolve(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _read_once(path: Path, changed: int, size: int) -> Checkpoint:
    return read(path)
