"""The `nebula around` command: the nebula that surrounds one preset, or several."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from nebula import synths
from nebula.draws import SEED_LIMIT, sample_choices
from nebula.errors import ArgumentError, NebulaFileError
from nebula.nebulae import Nebula
from nebula.synths.dx7 import DX7
from nebula.synths.presets import read_settings, settings_synth


def around(
    presets: Annotated[
        list[str],
        typer.Argument(
            help="Presets as .json, .csv or .syx, folders that nebula match made, or a nebula, of which a seed is the "
            "preset; of several a mixture."
        ),
    ],
    out: Annotated[Path, typer.Option(help="JSON file to write, the nebula.")],
    width: Annotated[
        float, typer.Option(help="Share of a range that the central 90 % of a parameter's draws take, 0.005 to 0.9.")
    ] = 0.2,
    number: Annotated[
        int | None, typer.Option(min=1, help="Which preset of a file, counted from 1; the first.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All presets of each file.")] = False,
    nearest: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of a folder's matches, those nearest to their recordings.")
    ] = 1.0,
    most: Annotated[
        int | None, typer.Option(min=1, help="At most so many of all these presets, evenly in their order.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=SEED_LIMIT - 1, help="Which sound of a nebula.")] = 0,
    synth: Annotated[str | None, typer.Option(help="Whose presets a .csv holds.")] = None,
) -> None:
    """Write the nebula that surrounds one preset: its knobs near their values, its switches as they are.

    Around several it is a mixture with a component for each, all of the same weight: around what nebula match found for
    a folder of recordings, it makes sounds near each of them.
    """
    if out.suffix.lower() != ".json" or not out.parent.is_dir():
        raise ArgumentError(f"out: got {str(out)!r}, expected a name that ends in .json, in a folder that exists")
    if every and number is not None:
        raise ArgumentError(f"number: got {number} beside --all, expected one of them")
    which = None if every else number or 1
    found = [preset for given in presets for preset in _presets(given, which, seed, synth, nearest)]
    if most is not None and most < len(found):
        found = [found[place * len(found) // most] for place in range(most)]
    first = found[0]
    for preset in found:
        if preset.synth != first.synth:
            raise ArgumentError(f"presets: got {preset.name!r} of {preset.synth}, expected presets of {first.synth}")
    if len(found) == 1:
        Nebula.around(first.values, width, first.synth, out.stem).save(out)
        print(f"around {first.name!r} of {first.synth}, width {width:g}, in {out}")
        return
    parts = [(1.0, Nebula.around(preset.values, width, preset.synth, preset.name)) for preset in found]
    Nebula.mixture(parts, out.stem).save(out)
    print(f"around {len(found)} presets of {first.synth}, width {width:g}, in {out}")


@dataclass(frozen=True)
class _Preset:
    """What is surrounded, in physical values."""

    name: str
    synth: str
    values: list[float]


def _presets(given: str, number: int | None, seed: int, synth: str | None, nearest: float) -> list[_Preset]:
    """The presets that an argument stands for: one by its number, or all of a file, or of a folder of matches."""
    path = Path(given)
    if path.is_dir():
        return [preset for one in _matched(path, nearest) for preset in _presets(str(one), 1, seed, synth, nearest)]
    ending = path.suffix.lower()
    content = _content(path) if ending in (".json", ".csv", ".syx") and not Nebula.known(given) else b""
    if ending == ".syx":
        names, voices = DX7.read_bank(content)
        return _numbered(given, list(names), voices.tolist(), number, "dx7")
    text = content.decode(errors="replace").removeprefix("\ufeff")
    if ending == ".csv" and synth is None:
        raise ArgumentError("synth: missing, a .csv does not say whose presets it holds")
    whose = synth if ending == ".csv" else settings_synth(text)
    if whose is not None:
        found = read_settings(text, synths.get(whose).panel, ending.removeprefix("."))
        return _numbered(given, list(found.names), [list(row) for row in found.rows], number, whose)
    nebula = Nebula.load(given)
    player = synths.get(nebula.synth).player()
    (row,) = player.physical(player.synth.sample([seed]), nebula, sample_choices(nebula.panel, [seed])).tolist()
    return [_Preset(f"{nebula.name} {seed}", nebula.synth, row)]


def _matched(folder: Path, nearest: float) -> list[Path]:
    """The presets of a folder that matches left, by name; of the share of them that is nearest to its recordings."""
    records = sorted(folder.rglob("*.match.json"))
    if not records:
        raise ArgumentError(f"presets: got the folder {str(folder)!r}, expected one that nebula match made")
    away = {record: _distance(record) for record in records}
    kept = sorted(records, key=away.__getitem__)[: max(1, round(nearest * len(records)))]
    return [_beside(record) for record in sorted(kept)]


def _distance(record: Path) -> float:
    try:
        return float(json.loads(_content(record))["value"])
    except (ValueError, RecursionError, OverflowError, TypeError, KeyError) as error:
        raise ArgumentError(f"presets: {str(record)!r} is not what nebula match writes") from error


def _beside(record: Path) -> Path:
    """The preset that a match left beside its record."""
    name = record.name.removesuffix(".match.json")
    for ending in ("json", "syx", "csv"):
        if (preset := record.with_name(f"{name}.{ending}")).is_file():
            return preset
    raise ArgumentError(f"presets: {str(record)!r} has no preset beside it, expected {name}.json, .syx or .csv")


def _numbered(given: str, names: list[str], rows: list[list[float]], number: int | None, synth: str) -> list[_Preset]:
    if number is not None and number > len(rows):
        raise ArgumentError(f"number: got {number}, expected at most {len(rows)}, as many presets as {given!r} holds")
    chosen = range(len(rows)) if number is None else [number - 1]
    return [_Preset(names[place], synth, rows[place]) for place in chosen]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NebulaFileError(f"preset {str(path)!r}: cannot be read ({error.strerror})") from error
