"""Vectors of a ResNet18 encoder as a distance: weights that `nebula train-embedding SPEC` left, or random ones."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nebula.distances.base import Distance, Settings, require
from nebula.distances.resnet.patches import patches
from nebula.errors import DistanceError
from nebula.tensors import Float, Tensor, torch

if TYPE_CHECKING:
    from nebula.distances.resnet.network import ResNetEncoder

_RANDOM = re.compile(r"random(?:-(\d{1,9}))?")


@dataclass(frozen=True, kw_only=True)
class ResNetSettings(Settings):
    """Settings of a ResNet distance.

    Args:
        weights: Path of a file of weights, or `random` or `random-SEED` for a network of a quarter of the published
            width that has learned nothing.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    weights: str = "random"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(bool(self.weights), "weights", repr(self.weights), "a path, or random")


class ResNet(Distance):
    """The l1 distance of unit vectors, each the mean direction of a sound's patches of 0.96 s.

    The encoder of Cherep and Singh's recipe, which `nebula train-embedding doppelgangers` follows; with random weights
    it is what any training of it has to better.

    Args:
        settings: Which weights.

    Raises:
        DistanceError: If the file cannot be read, or holds other weights.

    Example:
        >>> ResNet(ResNetSettings(weights="random-3")).embed(torch.zeros(1, 44100), 44100).shape
        torch.Size([1, 128])

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024.
    """

    version = 1

    def __init__(self, settings: ResNetSettings | None = None) -> None:
        self.settings: ResNetSettings = ResNetSettings() if settings is None else settings
        self.name = f"resnet:{self.settings.weights}"
        drawn = _RANDOM.fullmatch(self.settings.weights)
        self._content = None if drawn else _read(self.name, self.settings.weights)
        self._seed = int(drawn[1] or 0) if drawn else 0
        # A file of other weights is said now, and not where the first sound is embedded.
        self._encoder(torch.device("cpu"), torch.float32)

    @classmethod
    def named(cls, name: str) -> ResNet:
        """The distance of a name.

        Args:
            name: `resnet:FILE`, `resnet:random` or `resnet:random-SEED`.

        Raises:
            ArgumentError: If nothing follows the colon.
            DistanceError: If the file cannot be read, or holds other weights.
        """
        return cls(ResNetSettings(weights=name.partition(":")[2]))

    @property
    def key(self) -> str:
        """Text that two distances share exactly if their vectors are the same: settings and content of the weights."""
        content = "" if self._content is None else f",content={hashlib.sha256(self._content).hexdigest()[:16]}"
        return super().key + content

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.
        """
        seen = patches(audio, sample_rate_hz)
        vectors = torch.nn.functional.normalize(self._encoder(audio.device, audio.dtype)(seen.flatten(0, 1)), dim=1)
        return torch.nn.functional.normalize(vectors.unflatten(0, seen.shape[:2]).mean(1), dim=1)

    def _encoder(self, device: torch.device, dtype: torch.dtype) -> ResNetEncoder:
        return _made(self.name, self._content, self._seed, device, dtype)


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DistanceError(f"{name}: the weights cannot be read ({error.strerror})") from error


@lru_cache(maxsize=4)
def _made(name: str, content: bytes | None, seed: int, device: torch.device, dtype: torch.dtype) -> ResNetEncoder:
    from safetensors import SafetensorError
    from safetensors.torch import load

    from nebula.distances.resnet.network import WIDTH, ResNetEncoder, random_encoder

    # Kept for later calls, so its weights must not be inference tensors.
    with torch.inference_mode(False):
        if content is None:
            encoder = random_encoder(seed, WIDTH // 4)
        else:
            try:
                stored = load(content)
                encoder = ResNetEncoder(len(stored["entry.weight"]))
                encoder.load_state_dict(stored)
            except (SafetensorError, KeyError, RuntimeError) as error:
                raise DistanceError(f"{name}: the file holds no weights of such an encoder") from error
        return encoder.requires_grad_(False).eval().to(device, dtype)
