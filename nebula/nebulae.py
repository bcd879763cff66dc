"""The nebula: a distribution over sounds, as one curve and one symmetry flag for each parameter of the Voice.

A nebula may also say which draws go together. torchsynth's JSON form has no place for that, so `NAME.json` stays what
torchsynth reads and `NAME.correlation.json` lies beside it.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from nebula.errors import ArgumentError, NebulaFileError
from nebula.files import write_whole
from nebula.synth import COLUMNS, PARAMETERS, Correlation

# torchsynth lists hyperparameters by module in alphabetical order, and within a module as they are registered.
_FILE_ORDER = sorted(range(len(PARAMETERS)), key=lambda column: (PARAMETERS[column].module, column))


@dataclass(frozen=True)
class Nebula:
    """Curves and symmetry of one voice; columns in the order of `PARAMETERS`.

    Attributes:
        curves: A positive finite number for each parameter; 1 leaves its draw uniform.
        symmetric: Whether each parameter's curve bends around the centre of its range.
        name: What messages, plots and reports call it. Not part of its identity: two nebulae are equal if they make the
            same sounds.
        correlation: Which draws go together; None draws all parameters independently.

    Raises:
        ArgumentError: There is not one of each for each parameter, or a curve is not a positive finite number.

    Example:
        >>> import nebula
        >>> drum = nebula.Nebula.load("drum")
        >>> drum.curve("keyboard", "duration")
        0.01
    """

    curves: tuple[float, ...]
    symmetric: tuple[bool, ...]
    name: str = "unnamed"
    correlation: Correlation | None = None

    def __post_init__(self) -> None:
        for field in ("curves", "symmetric"):
            if len(getattr(self, field)) != len(PARAMETERS):
                raise ArgumentError(f"{field}: got {len(getattr(self, field))} values, expected {len(PARAMETERS)}")
        for parameter, curve in zip(PARAMETERS, self.curves, strict=True):
            if not (curve > 0 and math.isfinite(curve)):
                raise ArgumentError(f"curves: {parameter.path} is {curve!r}, expected a positive finite number")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Nebula):
            return NotImplemented
        return self._sounds == other._sounds

    def __hash__(self) -> int:
        return hash(self._sounds)

    @property
    def _sounds(self) -> tuple[Any, ...]:
        return self.curves, self.symmetric, self.correlation

    def curve(self, module: str, parameter: str) -> float:
        """Returns one parameter's curve."""
        return self.curves[COLUMNS[module, parameter]]

    @classmethod
    def shipped(cls) -> tuple[str, ...]:
        """Returns the names of the nebulae that come with the package, in alphabetical order."""
        files = resources.files("nebula.shipped_nebulae").iterdir()
        names = [file.name.removesuffix(".json") for file in files if file.name.endswith(".json")]
        return tuple(sorted(name for name in names if not name.endswith((".provenance", ".correlation"))))

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str]) -> "Nebula":
        """Returns a nebula that comes with the package, by name, or one from a JSON file and the correlation beside it.

        Args:
            name_or_path: One of `Nebula.shipped()`, or a path.

        Raises:
            NebulaFileError: There is no such name or file, the file is not a complete nebula, or the correlation beside
                it is not one or belongs to another nebula.
        """
        if isinstance(name_or_path, str) and name_or_path in cls.shipped():
            files = resources.files("nebula.shipped_nebulae")
            text, beside = (files / f"{name_or_path}.json").read_text(), files / f"{name_or_path}.correlation.json"
            return cls.from_json(text, name_or_path, correlation=beside.read_text() if beside.is_file() else None)
        path = Path(name_or_path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            known = ", ".join(cls.shipped())
            raise NebulaFileError(
                f"nebula {str(path)!r}: no such file, and not one of those shipped ({known})"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise NebulaFileError(f"nebula {str(path)!r}: cannot be read ({_reason(error)})") from error
        beside = correlation_path(path)
        try:
            correlation = beside.read_text(encoding="utf-8") if beside.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise NebulaFileError(f"nebula {str(beside)!r}: cannot be read ({_reason(error)})") from error
        return cls.from_json(text, path.stem, str(path), correlation)

    @classmethod
    def from_json(
        cls, text: str, name: str = "unnamed", source: str | None = None, correlation: str | None = None
    ) -> "Nebula":
        """Returns the nebula written in torchsynth's JSON form.

        The form is a list of `{"name": [module, parameter, "curve" | "symmetric"], "value": number | boolean}`, with
        exactly two entries for each of the 78 parameters, in any order.

        Args:
            text: The JSON text.
            name: Name of the result.
            source: What error messages call the text; `name` if not given.
            correlation: What `correlation_json` gave for the same nebula.

        Raises:
            NebulaFileError: The text is not such a list; the message names the first entry that is unknown, missing,
                repeated or has a wrong value. Or `correlation` is not one, or is another nebula's.
        """
        source = repr(source or name)
        try:
            entries = json.loads(text)
        except json.JSONDecodeError as error:
            raise NebulaFileError(f"nebula {source}: not JSON ({error.msg}, line {error.lineno})") from error
        if not isinstance(entries, list):
            raise NebulaFileError(f"nebula {source}: got {type(entries).__name__}, expected a list of entries")
        values: dict[tuple[str, str, str], Any] = {}
        for position, entry in enumerate(entries):
            key = _entry_key(entry, f"nebula {source}, entry {position}")
            if key in values:
                raise NebulaFileError(f"nebula {source}: {_label(key)} appears twice")
            values[key] = _entry_value(key, entry["value"], f"nebula {source}")
        for module, parameter in COLUMNS:
            for kind in ("curve", "symmetric"):
                if (module, parameter, kind) not in values:
                    raise NebulaFileError(f"nebula {source}: {_label((module, parameter, kind))} is missing")
        nebula = cls(
            curves=tuple(values[p.module, p.name, "curve"] for p in PARAMETERS),
            symmetric=tuple(values[p.module, p.name, "symmetric"] for p in PARAMETERS),
            name=name,
        )
        if correlation is None:
            return nebula
        return replace(nebula, correlation=_correlation(correlation, nebula, f"nebula {source}, its correlation"))

    def to_json(self) -> str:
        """Returns the nebula in torchsynth's JSON form, which torchsynth loads unchanged, without its correlation."""
        entries = []
        for column in _FILE_ORDER:
            parameter = PARAMETERS[column]
            for kind, value in (("curve", self.curves[column]), ("symmetric", self.symmetric[column])):
                name = json.dumps([parameter.module, parameter.name, kind])
                entries.append(f' {{\n  "name": {name},\n  "value": {json.dumps(value)}\n }}')
        return "[\n" + ",\n".join(entries) + "\n]\n"

    def correlation_json(self) -> str | None:
        """Returns the correlation as JSON, or None where draws are independent.

        An object of `version`, the `nebula` that it belongs to (SHA-256 of its JSON form), and `loadings`, a row for
        each parameter by its path.
        """
        if self.correlation is None:
            return None
        pairs = zip(PARAMETERS, self.correlation.loadings, strict=True)
        rows = ",\n".join(f"  {json.dumps(parameter.path)}: {json.dumps(row)}" for parameter, row in pairs)
        return f'{{\n "version": 1,\n "nebula": "{_fingerprint(self)}",\n "loadings": {{\n{rows}\n }}\n}}\n'

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the nebula as a JSON file, whole or not at all, and its correlation beside it.

        A correlation that lay there is removed where this nebula has none.

        Raises:
            NebulaFileError: A file cannot be written.
        """
        correlation = self.correlation_json()
        try:
            # In this order: a correlation without its nebula is refused, a nebula without its correlation is not.
            if correlation is not None:
                write_whole(correlation_path(Path(path)), correlation)
            write_whole(Path(path), self.to_json())
            if correlation is None:
                correlation_path(Path(path)).unlink(missing_ok=True)
        except OSError as error:
            raise NebulaFileError(f"nebula {str(path)!r}: cannot be written ({error.strerror})") from error


def correlation_path(path: Path) -> Path:
    """Returns where the correlation of the nebula at `path` lies: `NAME.correlation.json` beside `NAME.json`."""
    return path.with_name(f"{path.stem}.correlation.json")


def _fingerprint(nebula: Nebula) -> str:
    return hashlib.sha256(nebula.to_json().encode()).hexdigest()


def _correlation(text: str, nebula: Nebula, where: str) -> Correlation:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise NebulaFileError(f"{where}: not JSON ({error.msg}, line {error.lineno})") from error
    if not isinstance(content, Mapping) or set(content) != {"version", "nebula", "loadings"}:
        raise NebulaFileError(f"{where}: got {_short(content)}, expected an object with version, nebula and loadings")
    if content["version"] != 1:
        raise NebulaFileError(f"{where}: version is {_short(content['version'])}, expected 1")
    if content["nebula"] != _fingerprint(nebula):
        raise NebulaFileError(f"{where}: belongs to a nebula with other curves; remove it, or put that nebula back")
    loadings = content["loadings"]
    paths = [parameter.path for parameter in PARAMETERS]
    if not isinstance(loadings, Mapping) or set(loadings) != set(paths):
        raise NebulaFileError(f"{where}: loadings are {_short(loadings)}, expected a row for each parameter")
    for path in paths:
        row = loadings[path]
        if not isinstance(row, list) or not all(type(value) in (int, float) for value in row):
            raise NebulaFileError(f"{where}: loadings of {path} are {_short(row)}, expected a list of numbers")
    try:
        return Correlation(tuple(tuple(float(value) for value in loadings[path]) for path in paths))
    except ArgumentError as error:
        raise NebulaFileError(f"{where}: {error}") from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return getattr(error, "strerror", None) or "it is not a text file"


def _label(key: tuple[str, str, str]) -> str:
    return f"{key[0]}.{key[1]} {key[2]}"


def _entry_key(entry: Any, where: str) -> tuple[str, str, str]:
    if not isinstance(entry, Mapping) or set(entry) != {"name", "value"}:
        raise NebulaFileError(f"{where}: got {_short(entry)}, expected an object with name and value")
    name = entry["name"]
    if not (isinstance(name, list) and len(name) == 3 and all(isinstance(part, str) for part in name)):
        raise NebulaFileError(f"{where}: name is {_short(name)}, expected [module, parameter, curve or symmetric]")
    module, parameter, kind = name
    if (module, parameter) not in COLUMNS or kind not in ("curve", "symmetric"):
        raise NebulaFileError(f"{where}: {module}.{parameter} {kind} is not a hyperparameter of the Voice")
    return module, parameter, kind


def _entry_value(key: tuple[str, str, str], value: Any, where: str) -> float | bool:
    if key[2] == "symmetric":
        if not isinstance(value, bool):
            raise NebulaFileError(f"{where}: {_label(key)} is {_short(value)}, expected true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (value > 0 and math.isfinite(value)):
        raise NebulaFileError(f"{where}: {_label(key)} is {_short(value)}, expected a positive finite number")
    return float(value)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
