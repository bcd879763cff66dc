"""Nebulae as JSON, in two forms.

torchsynth's is a list of `{"name": [module, parameter, "curve" | "symmetric"], "value": number | boolean}`, two entries
for each parameter of the Voice, in any order. It has no place for falls, correlations, mixtures or other synths.
Ours is an object:

    {
     "version": 1,
     "synth": "voice-fm",
     "parameters": {"keyboard.midi_f0": {"curve": 1.0, "symmetric": false}, ...},        ("fall" where it is not 1)
     "correlation": {"keyboard.midi_f0": [0.1, -0.2], ...}        (only where draws go together)
    }

A mixture has, in place of parameters and correlation, a list of components, each of which has them and a `weight`; the
weights add up to 1.

A nebula is written in torchsynth's form whenever that can hold all of it. Earlier versions wrote a correlation into a
file of its own beside that form, which is still read.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nebula import synths
from nebula.draws import Correlation, Panel
from nebula.errors import ArgumentError, NebulaFileError
from nebula.messages import short

#: Of our form.
VERSION = 1

#: The synth whose nebulae torchsynth reads.
TORCHSYNTH = "voice"


@dataclass(frozen=True)
class Content:
    """What a file holds.

    Attributes:
        synth: Name of the synthesizer.
        curves: For each parameter, in the order of the synth's panel.
        symmetric: The same.
        correlation: Which draws go together.
        falls: As `curves`; none where all are 1.
        others: Weight and content of each further component.
    """

    synth: str
    curves: tuple[float, ...]
    symmetric: tuple[bool, ...]
    correlation: Correlation | None = None
    falls: tuple[float, ...] = ()
    others: tuple[tuple[float, "Content"], ...] = ()


def write(content: Content) -> str:
    """Returns JSON: torchsynth's form where that can hold all, else ours."""
    panel = synths.get(content.synth).panel
    is_plain = content.correlation is None and not content.others and set(content.falls) <= {1.0}
    if content.synth == TORCHSYNTH and is_plain:
        return _torchsynth_form(content, panel)
    if content.others:
        left = 1.0 - sum(weight for weight, _ in content.others)
        parts = [
            f'  {{\n "weight": {json.dumps(weight)},{_parts(part, panel)}\n  }}'
            for weight, part in ((left, content), *content.others)
        ]
        body = '\n "components": [\n' + ",\n".join(parts) + "\n ]"
    else:
        body = _parts(content, panel)
    return f'{{\n "version": {VERSION},\n "synth": {json.dumps(content.synth)},{body}\n}}\n'


def _parts(content: Content, panel: Panel) -> str:
    """The keys `parameters` and, where draws go together, `correlation`."""
    falls = content.falls or (1.0,) * len(panel)
    rows = zip(panel.paths, content.curves, falls, content.symmetric, strict=True)
    parameters = ",\n".join(
        f"  {json.dumps(path)}: {_setting(curve, fall, symmetric)}" for path, curve, fall, symmetric in rows
    )
    text = f'\n "parameters": {{\n{parameters}\n }}'
    if content.correlation is not None:
        loadings = zip(panel.paths, content.correlation.loadings, strict=True)
        listed = ",\n".join(f"  {json.dumps(path)}: {json.dumps(row)}" for path, row in loadings)
        text += f',\n "correlation": {{\n{listed}\n }}'
    return text


def read(text: str, where: str, beside: str | None = None, base: Content | None = None) -> Content:
    """Returns what a text of either form holds.

    Args:
        text: The JSON text, with or without a byte order mark.
        where: What messages call it.
        beside: The correlation that an earlier version wrote beside a nebula in torchsynth's form.
        base: Gives what torchsynth's form does not list.

    Raises:
        NebulaFileError: The text is neither form, or not complete.
        SynthError: The synthesizer is not there.
    """
    form = _parsed(text.removeprefix("\ufeff"), where)
    if isinstance(form, list):
        content = _read_torchsynth_form(form, where, base)
        if beside is None:
            return content
        return replace(content, correlation=_beside(beside, content, f"{where}, its correlation"))
    if isinstance(form, Mapping):
        return _read_our_form(form, where)
    raise NebulaFileError(f"{where}: got {type(form).__name__}, expected a list of entries or an object")


def _parsed(text: str, where: str) -> Any:
    """What a JSON text says.

    Raises:
        NebulaFileError: It is none, it is nested too deep, or a number has more digits than Python reads.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        cause = f"{error.msg}, line {error.lineno}"
        raise NebulaFileError(f"{where}: not JSON ({cause})") from error
    except RecursionError as error:
        raise NebulaFileError(f"{where}: not JSON (nested too deep)") from error
    except ValueError as error:
        raise NebulaFileError(f"{where}: not JSON (a number with too many digits)") from error


def _setting(curve: float, fall: float, symmetric: bool) -> str:
    falls = {} if fall == 1.0 else {"fall": fall}
    return json.dumps({"curve": curve, **falls, "symmetric": symmetric})


def _torchsynth_form(content: Content, panel: Panel) -> str:
    # torchsynth lists hyperparameters by module in alphabetical order, and within a module as they are registered.
    entries = []
    for column in sorted(range(len(panel)), key=lambda column: (panel[column].module, column)):
        parameter = panel[column]
        for kind, value in (("curve", content.curves[column]), ("symmetric", content.symmetric[column])):
            name = json.dumps([parameter.module, parameter.name, kind])
            entries.append(f' {{\n  "name": {name},\n  "value": {json.dumps(value)}\n }}')
    return "[\n" + ",\n".join(entries) + "\n]\n"


def _read_torchsynth_form(entries: list[Any], where: str, base: Content | None) -> Content:
    panel = synths.get(TORCHSYNTH).panel
    if base is not None and base.synth != TORCHSYNTH:
        raise NebulaFileError(f"{where}: its base is of the synth {base.synth!r}, expected one of {TORCHSYNTH!r}")
    values: dict[tuple[str, str, str], Any] = {}
    for position, entry in enumerate(entries):
        key = _entry_key(entry, panel, f"{where}, entry {position}")
        if key in values:
            raise NebulaFileError(f"{where}: {_label(key)} appears twice")
        values[key] = _value(key[2], entry["value"], _label(key), where)
    curves: list[float] = []
    symmetric: list[bool] = []
    pairs: tuple[tuple[str, list[Any]], ...] = (("curve", curves), ("symmetric", symmetric))
    for (module, parameter), column in panel.columns.items():
        for kind, found in pairs:
            key = module, parameter, kind
            if key not in values and base is None:
                raise NebulaFileError(f"{where}: {_label(key)} is missing")
            if key in values or base is None:
                found.append(values[key])
            else:
                found.append((base.curves if kind == "curve" else base.symmetric)[column])
    return Content(TORCHSYNTH, tuple(curves), tuple(symmetric))


def _read_our_form(form: Mapping[str, Any], where: str) -> Content:
    body = "components" if "components" in form else "parameters"
    known = {"version", "synth", body} | ({"correlation"} if body == "parameters" else set())
    if missing := [key for key in ("version", "synth", body) if key not in form]:
        raise NebulaFileError(f"{where}: {missing[0]} is missing")
    if unknown := [key for key in form if key not in known]:
        raise NebulaFileError(f"{where}: got {short(unknown[0])}, expected only {', '.join(sorted(known))}")
    if form["version"] != VERSION or isinstance(form["version"], bool):
        raise NebulaFileError(f"{where}: version is {short(form['version'])}, expected {VERSION}")
    if not isinstance(form["synth"], str):
        raise NebulaFileError(f"{where}: synth is {short(form['synth'])}, expected a name")
    panel = synths.get(form["synth"]).panel
    if body == "parameters":
        return _read_parts(form, panel, where, form["synth"])
    return _read_components(form["components"], panel, where, form["synth"])


def _read_components(form: Any, panel: Panel, where: str, synth: str) -> Content:
    if not isinstance(form, list) or not form:
        raise NebulaFileError(f"{where}: components are {short(form)}, expected a list of one or more")
    found = []
    for number, part in enumerate(form, 1):
        place = f"{where}, component {number}"
        if not isinstance(part, Mapping) or set(part) - {"correlation"} != {"weight", "parameters"}:
            raise NebulaFileError(
                f"{place}: is {short(part)}, expected an object of weight, parameters and, where draws go together, "
                "correlation"
            )
        found.append((_value("weight", part["weight"], "weight", place), _read_parts(part, panel, place, synth)))
    total = sum(weight for weight, _ in found)
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise NebulaFileError(f"{where}: components have weights that add up to {total:g}, expected 1")
    return replace(found[0][1], others=tuple(found[1:]))


def _read_parts(form: Mapping[str, Any], panel: Panel, where: str, synth: str) -> Content:
    settings = _by_path(form["parameters"], panel, f"{where}: parameters", synth)
    curves: list[float] = []
    falls: list[float] = []
    symmetric: list[bool] = []
    for path, setting in zip(panel.paths, settings, strict=True):
        if not isinstance(setting, Mapping) or set(setting) - {"fall"} != {"curve", "symmetric"}:
            raise NebulaFileError(
                f"{where}: {path} is {short(setting)}, expected an object of curve, symmetric and, if not 1, fall"
            )
        falls.append(_value("fall", setting.get("fall", 1.0), f"{path} fall", where))
        curves.append(_value("curve", setting["curve"], f"{path} curve", where))
        symmetric.append(bool(_value("symmetric", setting["symmetric"], f"{path} symmetric", where)))
    correlation = None
    if "correlation" in form:
        correlation = _correlation(form["correlation"], panel, f"{where}, its correlation", synth)
    return Content(synth, tuple(curves), tuple(symmetric), correlation, tuple(falls))


def _by_path(form: Any, panel: Panel, where: str, synth: str) -> list[Any]:
    """The values of an object that has one for each parameter, in the order of the panel."""
    if not isinstance(form, Mapping):
        raise NebulaFileError(f"{where} are {short(form)}, expected an object with a key for each parameter")
    # A name that is misspelled is one that is missing too; what stands in the file is what helps.
    paths = set(panel.paths)
    if unknown := next((path for path in form if path not in paths), None):
        raise NebulaFileError(f"{where}: got {short(unknown)}, which the synth {synth!r} does not have")
    if missing := next((path for path in panel.paths if path not in form), None):
        raise NebulaFileError(f"{where}: {missing} is missing")
    return [form[path] for path in panel.paths]


def _correlation(loadings: Any, panel: Panel, where: str, synth: str) -> Correlation:
    rows = _by_path(loadings, panel, f"{where}: loadings", synth)
    for path, row in zip(panel.paths, rows, strict=True):
        if not isinstance(row, list) or not all(type(value) in (int, float) for value in row):
            raise NebulaFileError(f"{where}: loadings of {path} are {short(row)}, expected a list of numbers")
    try:
        return Correlation(tuple(tuple(float(value) for value in row) for row in rows))
    except (ArgumentError, OverflowError) as error:
        raise NebulaFileError(f"{where}: {error}") from error


def _beside(text: str, content: Content, where: str) -> Correlation:
    """The correlation of a nebula from the file that earlier versions wrote beside it."""
    form = _parsed(text, where)
    if not isinstance(form, Mapping) or set(form) != {"version", "nebula", "loadings"}:
        raise NebulaFileError(f"{where}: got {short(form)}, expected an object with version, nebula and loadings")
    if form["version"] != 1:
        raise NebulaFileError(f"{where}: version is {short(form['version'])}, expected 1")
    panel = synths.get(content.synth).panel
    if form["nebula"] != hashlib.sha256(_torchsynth_form(content, panel).encode()).hexdigest():
        raise NebulaFileError(f"{where}: belongs to a nebula with other curves; remove it, or put that nebula back")
    return _correlation(form["loadings"], panel, where, content.synth)


def _entry_key(entry: Any, panel: Panel, where: str) -> tuple[str, str, str]:
    if not isinstance(entry, Mapping) or set(entry) != {"name", "value"}:
        raise NebulaFileError(f"{where}: got {short(entry)}, expected an object with name and value")
    name = entry["name"]
    if not (isinstance(name, list) and len(name) == 3 and all(isinstance(part, str) for part in name)):
        raise NebulaFileError(f"{where}: name is {short(name)}, expected [module, parameter, curve or symmetric]")
    module, parameter, kind = name
    if (module, parameter) not in panel.columns or kind not in ("curve", "symmetric"):
        raise NebulaFileError(f"{where}: {module}.{parameter} {kind} is not a hyperparameter of the Voice")
    return module, parameter, kind


def _value(kind: str, value: Any, label: str, where: str) -> Any:
    if kind == "symmetric":
        # torchsynth's own files have true and false; scripts that write them often have 1 and 0.
        if type(value) in (bool, int, float) and value in (0, 1):
            return bool(value)
        raise NebulaFileError(f"{where}: {label} is {short(value)}, expected true or false")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (value > 0 and _is_finite(value)):
        raise NebulaFileError(f"{where}: {label} is {short(value)}, expected a positive finite number")
    return float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        # A whole number that is too large for a float.
        return False


def _label(key: tuple[str, str, str]) -> str:
    return f"{key[0]}.{key[1]} {key[2]}"
