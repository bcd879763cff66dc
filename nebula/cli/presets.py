"""The `nebula presets` command: sounds of a nebula as what its synth loads."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nebula import data, synths
from nebula.draws import SEED_LIMIT
from nebula.errors import ArgumentError
from nebula.files import write_whole
from nebula.nebulae import Nebula


def presets(
    nebula: Annotated[str, typer.Argument(help="Name of a nebula, or path of a JSON file.")],
    out: Annotated[Path, typer.Option(help="File to write; its ending says the format: .syx, .json, .csv, ...")],
    base: Annotated[str | None, typer.Option(help="Nebula that gives what a file of torchsynth's leaves out.")] = None,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many sounds, with consecutive seeds.")] = 32,
    seed: Annotated[int, typer.Option(min=0, max=SEED_LIMIT - 1, help="Seed of the first sound.")] = 0,
) -> None:
    """Write random sounds of a nebula as presets that its synth loads, or as settings to be read."""
    chosen = Nebula.load(nebula, None if base is None else Nebula.load(base))
    synth = synths.get(chosen.synth)
    format_ = out.suffix.lower().removeprefix(".")
    if format_ not in synth.preset_formats or not out.parent.is_dir():
        endings = " or ".join(f".{known}" for known in synth.preset_formats)
        raise ArgumentError(f"out: got {str(out)!r}, expected a name that ends in {endings}, in a folder that exists")
    if seed + count > SEED_LIMIT:
        raise ArgumentError(f"count: got {count}, expected at most {SEED_LIMIT - seed} from seed {seed}")
    write_whole(out, data.draw_presets(chosen, range(seed, seed + count), format_))
    print(f"{count} sounds of {chosen.name!r} in {out}")
    if paths := synth.left_out(format_):
        print(f"nebula: .{format_} has no place for {', '.join(paths)}; .csv lists them", file=sys.stderr)
