"""The `nebula synths` command: which synthesizers there are, and what each can be set to."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from nebula import synths as registry
from nebula.cli.terminal import print_table
from nebula.draws import Parameter
from nebula.errors import SynthError
from nebula.synths import Synth

# A table shows no more choices than these of a switch; JSON has them all.
_CHOICES_IN_A_CELL = 8


def synths(
    name: Annotated[str | None, typer.Argument(help="A synthesizer, whose parameters are printed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print which synthesizers there are; with a name, what that one can be set to."""
    if name is None:
        _print_all([_summary(known) for known in registry.names()], as_json)
    else:
        _print_one(registry.get(name), as_json)


def _summary(name: str) -> dict[str, Any]:
    try:
        synth = registry.get(name)
    except SynthError as error:
        # Another package's, which does not load; it stands in the list all the same.
        return {"name": name, "parameters": None, "description": None, "ready": False, "needs": str(error)}
    return _about(synth)


def _about(synth: Synth) -> dict[str, Any]:
    needs = None if synth.missing is None else f"pip install 'nebula[{synth.missing}]'"
    return {
        "name": synth.name,
        "parameters": len(synth.panel),
        "description": synth.description,
        "ready": needs is None,
        "needs": needs,
    }


def _print_all(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"items": rows}, indent=2))
        return
    table = Table("synth", "parameters", "description", "ready", title="synthesizers")
    for row in rows:
        count = "" if row["parameters"] is None else str(row["parameters"])
        ready = "yes" if row["ready"] else row["needs"]
        table.add_row(*map(escape, (row["name"], count, row["description"] or "", ready)))
    print_table(table)


def _print_one(synth: Synth, as_json: bool) -> None:
    about = _about(synth)
    if as_json:
        parameters = [
            {
                "path": parameter.path,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "unit": parameter.unit,
                "choices": list(parameter.choices),
                "description": parameter.description,
            }
            for parameter in synth.panel
        ]
        more = {"repeatable": synth.repeatable, "preset_formats": list(synth.preset_formats)}
        print(json.dumps({**about, **more, "parameters": parameters}, indent=2))
        return
    table = Table("parameter", "range", "unit", "description", title=escape(f"{synth.name}: {synth.description}"))
    for parameter in synth.panel:
        table.add_row(*map(escape, (parameter.path, _range(parameter), parameter.unit, parameter.description)))
    print_table(table)


def _range(parameter: Parameter) -> str:
    choices = parameter.choices
    if len(choices) > _CHOICES_IN_A_CELL:
        return f"{choices[0]}, {choices[1]}, ... {choices[-1]} ({len(choices)} choices)"
    if choices:
        return ", ".join(choices)
    return f"{parameter.minimum:g} to {parameter.maximum:g}"
