"""Any embedding with the interface of the HEAR 2021 challenge as a distance.

A HEAR module has `load_model(path)`, `get_scene_embeddings(audio, model)` and `get_timestamp_embeddings(audio, model)`;
its models have a `sample_rate`. Dozens of published embeddings are such. Once installed, each is a distance by name:

    hear:MODULE[:WEIGHTS]               one vector for a sound
    hear-timestamps:MODULE[:WEIGHTS]    vectors over time, one after the other, so that sounds are compared in time

Behind a question mark are options that the module's `load_model` takes by name, as in
`hear:MODULE?size=large&fast=true`: whole numbers, other numbers, true and false, or else texts. What a module prints
goes to standard error, so that it cannot spoil what a command prints.

https://hearbenchmark.com/hear-api.html
"""

import hashlib
import importlib
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlencode

import torch
from jaxtyping import Float
from torch import Tensor

from nebula.distances import level
from nebula.distances.base import SAMPLE_RATES_HZ, Distance, Settings, require
from nebula.distances.resampling import resample
from nebula.errors import ArgumentError, DistanceError

#: What a module must have.
FUNCTIONS = ("load_model", "get_scene_embeddings", "get_timestamp_embeddings")

#: What an option may be.
Option = bool | int | float | str

_BLOCK_BYTES = 2**20
_WORDS: dict[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class HearSettings(Settings):
    """Settings of a HEAR distance.

    Args:
        module: Dotted name of the installed module.
        weights: What its `load_model` is given: usually the path of a file, empty for the module's own.
        timestamps: Whether vectors keep their places in time.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
    """

    module: str = ""
    weights: str = ""
    timestamps: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        dotted = all(part.isidentifier() for part in self.module.split("."))
        require(dotted, "module", repr(self.module), "the dotted name of an installed module")


class Hear(Distance):
    """The l1 distance of the vectors that a HEAR module gives.

    Vectors are as the module gives them, not divided by their length. A sound whose peak is beyond full scale once its
    level is aligned is scaled down, since the interface wants samples from -1 to 1.

    Args:
        module: Dotted name of the installed module.
        weights: What its `load_model` is given; empty for the module's own weights.
        options: What its `load_model` is given by name.
        timestamps: Whether vectors keep their places in time.
        duration_seconds: Length that is compared.
        level_rms: Level of every sound.

    Raises:
        ArgumentError: If a setting is outside what is allowed.
        DistanceError: If there is no such module, it lacks a function, or its model cannot be loaded.
    """

    version = 1

    def __init__(
        self,
        module: str,
        weights: str = "",
        options: Mapping[str, Option] | None = None,
        *,
        timestamps: bool = False,
        duration_seconds: float = 4.0,
        level_rms: float = level.LEVEL_RMS,
    ) -> None:
        written = urlencode([(option, _written(value)) for option, value in sorted((options or {}).items())])
        self.settings: HearSettings = HearSettings(
            module=module,
            weights=weights,
            timestamps=timestamps,
            duration_seconds=duration_seconds,
            level_rms=level_rms,
        )
        kind = "hear-timestamps" if timestamps else "hear"
        self.name = kind + f":{module}" + (f":{weights}" if weights else "") + (f"?{written}" if written else "")
        self._module = _imported(module)
        self._model = self._called("load_model", *([weights] if weights else []), **(options or {}))
        rate = getattr(self._model, "sample_rate", None)
        if not isinstance(rate, int | float) or not SAMPLE_RATES_HZ[0] <= rate <= SAMPLE_RATES_HZ[1]:
            raise DistanceError(f"{self.name}: got {rate!r} as the model's sample_rate, expected 8000 to 768000")
        self._rate_hz = round(rate)
        self._fingerprint = _fingerprint(self._module, self._model, weights)

    @classmethod
    def named(cls, name: str) -> "Hear":
        """The distance of a name.

        Args:
            name: `hear:MODULE[:WEIGHTS][?NAME=VALUE&...]`, or the same with `hear-timestamps`.

        Raises:
            ArgumentError: If the name is wrong.
            DistanceError: If there is no such module, it lacks a function, or its model cannot be loaded.
        """
        kind, _, rest = name.partition(":")
        place, _, query = rest.partition("?")
        module, _, weights = place.partition(":")
        return cls(module, weights, _options(name, query), timestamps=kind == "hear-timestamps")

    @property
    def key(self) -> str:
        """Text that two distances share exactly if their vectors are the same: settings and content of the weights."""
        return f"{super().key},content={self._fingerprint[:16]}"

    def analyse(self, audio: Float[Tensor, "batch time"], sample_rate_hz: float) -> Float[Tensor, "batch dimension"]:
        """Vectors of a few sounds that are already level and of the right length.

        Args:
            audio: Sounds.
            sample_rate_hz: Any rate that `embed` allows.

        Raises:
            DistanceError: If the module fails, or what it gives is not one finite vector for each sound.
        """
        sounds = resample(audio, sample_rate_hz, self._rate_hz).to(torch.float32)
        peak = sounds.detach().abs().amax(1, keepdim=True) if sounds.shape[1] else 1.0
        sounds = sounds / torch.as_tensor(peak, device=audio.device).clamp(min=1.0)
        if isinstance(self._model, torch.nn.Module):
            self._model = self._model.to(audio.device)
        if self.settings.timestamps:
            answer = self._called("get_timestamp_embeddings", sounds, self._model)
            found = answer[0] if isinstance(answer, tuple | list) and answer else answer
            axes = 3
        else:
            found = self._called("get_scene_embeddings", sounds, self._model)
            axes = 2
        vectors = torch.as_tensor(found, device=audio.device)
        if vectors.ndim != axes or len(vectors) != len(audio) or not vectors.numel():
            raise DistanceError(f"{self.name}: gave shape {tuple(vectors.shape)} for {len(audio)} sounds")
        if not bool(vectors.detach().isfinite().all()):
            raise DistanceError(f"{self.name}: gave numbers that are not finite")
        return vectors.flatten(1).to(audio.dtype)

    def _called(self, function: str, /, *arguments: object, **options: object) -> Any:
        try:
            with _PRINTS.to_standard_error():
                return getattr(self._module, function)(*arguments, **options)
        except Exception as error:
            words = " ".join(f"{type(error).__name__}: {error}".split())
            raise DistanceError(f"{self.name}: {function} failed: {words}") from error


class _Prints:
    """Leads what is printed to standard error while anyone wants that, in all threads: `sys.stdout` is one for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = 0
        self._before: TextIO = sys.stdout

    @contextmanager
    def to_standard_error(self) -> Iterator[None]:
        with self._lock:
            if self._wanted == 0:
                self._before, sys.stdout = sys.stdout, sys.stderr
            self._wanted += 1
        try:
            yield
        finally:
            with self._lock:
                self._wanted -= 1
                if self._wanted == 0:
                    sys.stdout = self._before


_PRINTS = _Prints()


def _options(name: str, query: str) -> dict[str, Option]:
    """What a query says, each value as a number or a truth where it reads as one."""
    pairs = [part.partition("=") for part in query.split("&")] if query else []
    if not all(option.isidentifier() and equals for option, equals, _ in pairs):
        raise ArgumentError(f"distance: got {name!r}, expected NAME=VALUE, joined by &, behind the question mark")
    values = parse_qsl(query, keep_blank_values=True)
    if len(dict(values)) != len(values):
        raise ArgumentError(f"distance: got {name!r}, expected each option once")
    return {option: _read(value) for option, value in values}


def _read(text: str) -> Option:
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _written(value: Option) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _imported(name: str) -> Any:
    try:
        with _PRINTS.to_standard_error():
            module = importlib.import_module(name)
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise DistanceError(f"hear:{name}: the module cannot be imported: {words}") from error
    missing = [function for function in FUNCTIONS if not callable(getattr(module, function, None))]
    if missing:
        raise DistanceError(f"hear:{name}: the module has no {', '.join(missing)}, so it is not a HEAR module")
    return module


def _fingerprint(module: Any, model: object, weights: str) -> str:
    """SHA-256 of everything that is known to decide the vectors: the module's code, the model's numbers, the file."""
    digest = hashlib.sha256()
    for path in (getattr(module, "__file__", None), weights):
        for part in _files(path):
            with part.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
    if isinstance(model, torch.nn.Module):
        for name, value in sorted(model.state_dict().items()):
            if isinstance(value, Tensor):
                digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
                digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _files(path: str | None) -> Iterable[Path]:
    """The file, or all files of the folder, that a path names; none if it names neither."""
    place = Path(path) if path else None
    if place is None or not place.exists():
        return ()
    return sorted(part for part in place.rglob("*") if part.is_file()) if place.is_dir() else (place,)
