"""Sounds as settings that can be read: physical values with names and units."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nebula.draws import Panel, Parameter
from nebula.errors import ArgumentError
from nebula.tensors import Float, Tensor

#: What settings of any synth can be written as.
FORMATS = ("json", "csv")


def settings(
    synth: str, panel: Panel, physical: Float[Tensor, "sound parameter"], names: Sequence[str], format_: str
) -> bytes:
    """Returns the settings of sounds as the content of a file.

    `json` is an object of `synth` and `presets`, each with a `name` and `parameters`: by path, its `value`, and `unit`
    where it has one. `csv` has a row for each sound and a column for each parameter, `path [unit]`. The value of a
    switch is the name of its choice.

    Args:
        synth: Name of the synth.
        panel: Its parameters.
        physical: Physical values of each sound.
        names: What each sound is called.
        format_: One of `FORMATS`.

    Raises:
        ArgumentError: There is no such format.
    """
    rows = [
        [_value(parameter, value) for parameter, value in zip(panel, row, strict=True)] for row in physical.tolist()
    ]
    if format_ == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["name", *(f"{p.path} [{p.unit}]" if p.unit else p.path for p in panel)])
        writer.writerows([name, *row] for name, row in zip(names, rows, strict=True))
        return text.getvalue().encode()
    if format_ == "json":
        presets = [
            {"name": name, "parameters": {p.path: _setting(p, value) for p, value in zip(panel, row, strict=True)}}
            for name, row in zip(names, rows, strict=True)
        ]
        return (json.dumps({"synth": synth, "presets": presets}, indent=1, ensure_ascii=False) + "\n").encode()
    raise ArgumentError(f"format: got {format_!r}, expected one of {', '.join(FORMATS)}")


@dataclass(frozen=True)
class WrittenSettings:
    """Sounds as `settings` wrote them.

    Attributes:
        names: What each sound is called.
        rows: Physical values of each, in the order of the panel; the number of a choice for a switch.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]


def settings_synth(text: str) -> str | None:
    """Returns the name of the synth that settings in JSON are of; None where the text is nothing of the kind."""
    try:
        form = json.loads(text)
    except (ValueError, RecursionError):
        return None
    synth = form.get("synth") if isinstance(form, dict) and "presets" in form else None
    return synth if isinstance(synth, str) else None


def read_settings(text: str, panel: Panel, format_: str) -> WrittenSettings:
    """Returns the sounds that a file of `settings` holds.

    Args:
        text: Its content.
        panel: Of the synth that it is of.
        format_: One of `FORMATS`.

    Raises:
        ArgumentError: The text is no such file of this synth.
    """
    found = _from_csv(text) if format_ == "csv" else _from_json(text)
    if not found:
        raise ArgumentError("presets: got none, expected one or more")
    rows = tuple(tuple(_number(parameter, values) for parameter in panel) for _, values in found)
    return WrittenSettings(tuple(name for name, _ in found), rows)


def _from_json(text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        return [
            (str(preset["name"]), {path: setting["value"] for path, setting in preset["parameters"].items()})
            for preset in json.loads(text)["presets"]
        ]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ArgumentError("presets: got another JSON, expected what nebula presets writes") from error


def _from_csv(text: str) -> list[tuple[str, dict[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text))
    return [(row.get("name") or "", {(head or "").partition(" [")[0]: row[head] for head in row}) for row in rows]


def _number(parameter: Parameter, values: dict[str, Any]) -> float:
    value = values.get(parameter.path)
    if parameter.choices and value in parameter.choices:
        return float(parameter.choices.index(value))
    try:
        if parameter.choices or value is None or isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        wanted = f"one of {', '.join(parameter.choices)}" if parameter.choices else "a number"
        raise ArgumentError(f"presets: {parameter.path} is {value!r:.60}, expected {wanted}") from error


def _value(parameter: Parameter, value: float) -> float | str:
    return parameter.choices[int(value)] if parameter.choices else float(f"{value:.9g}")


def _setting(parameter: Parameter, value: float | str) -> dict[str, float | str]:
    return {"value": value, "unit": parameter.unit} if parameter.unit else {"value": value}
