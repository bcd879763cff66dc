"""The `nebula around` command: the nebula that surrounds one preset."""

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
    preset: Annotated[
        str, typer.Argument(help="Presets as .json, .csv or .syx; or a nebula, of which a seed is the preset.")
    ],
    out: Annotated[Path, typer.Option(help="JSON file to write, the nebula.")],
    width: Annotated[
        float, typer.Option(help="Share of a range that the central 90 % of a parameter's draws take, 0.005 to 0.9.")
    ] = 0.2,
    number: Annotated[int, typer.Option(min=1, help="Which preset of a file, counted from 1.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=SEED_LIMIT - 1, help="Which sound of a nebula.")] = 0,
    synth: Annotated[str | None, typer.Option(help="Whose presets a .csv holds.")] = None,
) -> None:
    """Write the nebula that surrounds one preset: its knobs near their values, its switches as they are."""
    if out.suffix.lower() != ".json" or not out.parent.is_dir():
        raise ArgumentError(f"out: got {str(out)!r}, expected a name that ends in .json, in a folder that exists")
    name, chosen, values = _preset(preset, number, seed, synth)
    nebula = Nebula.around(values, width, chosen, out.stem)
    nebula.save(out)
    print(f"around {name!r} of {chosen}, width {width:g}, in {out}")


def _preset(preset: str, number: int, seed: int, synth: str | None) -> tuple[str, str, list[float]]:
    """Name, synth and physical values of what is surrounded."""
    path = Path(preset)
    ending = path.suffix.lower()
    content = _content(path) if ending in (".json", ".csv", ".syx") and not Nebula.known(preset) else b""
    if ending == ".syx":
        names, voices = DX7.read_bank(content)
        return _numbered(preset, list(names), voices.tolist(), number, "dx7")
    text = content.decode(errors="replace").removeprefix("\ufeff")
    if ending == ".csv" and synth is None:
        raise ArgumentError("synth: missing, a .csv does not say whose presets it holds")
    whose = synth if ending == ".csv" else settings_synth(text)
    if whose is not None:
        found = read_settings(text, synths.get(whose).panel, ending.removeprefix("."))
        return _numbered(preset, list(found.names), [list(row) for row in found.rows], number, whose)
    nebula = Nebula.load(preset)
    player = synths.get(nebula.synth).player()
    (row,) = player.physical(player.synth.sample([seed]), nebula, sample_choices(nebula.panel, [seed])).tolist()
    return f"{nebula.name} {seed}", nebula.synth, row


def _numbered(
    preset: str, names: list[str], rows: list[list[float]], number: int, synth: str
) -> tuple[str, str, list[float]]:
    if number > len(rows):
        raise ArgumentError(f"number: got {number}, expected at most {len(rows)}, as many presets as {preset!r} holds")
    return names[number - 1], synth, rows[number - 1]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NebulaFileError(f"preset {str(path)!r}: cannot be read ({error.strerror})") from error
