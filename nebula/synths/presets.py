"""Sounds as settings that can be read: physical values with names and units."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

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


def _value(parameter: Parameter, value: float) -> float | str:
    return parameter.choices[int(value)] if parameter.choices else float(f"{value:.9g}")


def _setting(parameter: Parameter, value: float | str) -> dict[str, float | str]:
    return {"value": value, "unit": parameter.unit} if parameter.unit else {"value": value}
