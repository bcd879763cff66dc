"""The `nebula render` command: random sounds of a nebula as files or shards."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from nebula import data
from nebula.cli.terminal import progress_bar, span
from nebula.data import FORMATS
from nebula.draws import SEED_LIMIT
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula
from nebula.synths import get as get_synth

# From so many sounds on, which take half a minute or longer, what that will be is said before.
_MANY = 10_000


def render(
    out: Annotated[Path, typer.Option(help="Folder for the sounds; made if missing.")],
    nebula: Annotated[str, typer.Option(help="Name of a shipped nebula, or path of a JSON file.")] = "default",
    base: Annotated[str | None, typer.Option(help="Nebula that gives what a file of torchsynth's leaves out.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=SEED_LIMIT - 1, help="Seed of the first sound.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many sounds, with consecutive seeds.")] = 16,
    duration: Annotated[float, typer.Option(help="Length of each sound in seconds.")] = 4.0,
    sample_rate: Annotated[int, typer.Option(min=1, max=655350, help="In Hz; FLAC ends at 655350.")] = 44100,
    format_: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}; tar alone is shards of FLAC.")
    ] = "flac",
    samples: Annotated[
        str | None,
        typer.Option(help="pcm24, pcm16, or float32 in WAV; float16 or float32 in npy. If not given, the first."),
    ] = None,
    level: Annotated[
        int | None, typer.Option(min=0, max=8, help="Of FLAC's compression: 0 fastest, 8 smallest; 5 if not given.")
    ] = None,
    shard_sounds: Annotated[int, typer.Option(min=1, help="Sounds, or pairs, in a shard.")] = 1000,
    pairs: Annotated[
        float | None, typer.Option(min=0, help="Two sounds a seed, so far from its draw: 0.25 of each range, say.")
    ] = None,
    device: Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")] = "cpu",
    only_estimate: Annotated[bool, typer.Option("--estimate", help="Say how long and how large, and end.")] = False,
) -> None:
    """Render random sounds of a nebula as files or tar shards. The same command again continues where it stopped.

    Parameters go to parameters.csv, or into each shard as SEED.json beside SEED.flac, SEED.wav or SEED.npy, as
    WebDataset reads them. With --pairs a seed has two sounds, SEED.first.flac and SEED.second.flac: doppelgängers, as
    nebula.data.Pairs has them. What many sounds will take is said before they are rendered.
    """
    if seed + count > SEED_LIMIT:
        raise ArgumentError(f"count: got {count}, expected at most {SEED_LIMIT - seed} from seed {seed}")
    chosen = Nebula.load(nebula, None if base is None else Nebula.load(base))
    player = get_synth(chosen.synth).player(device, sample_rate_hz=sample_rate, duration_seconds=duration)
    seeds = range(seed, seed + count)
    counted = f"{count} {'sounds' if pairs is None else 'pairs'} of {chosen.name!r}"
    if only_estimate or count >= _MANY:
        expected = data.estimate(chosen, seeds, player, format_, shard_sounds, pairs, samples, level)
        said = f"{counted}: about {span(expected.seconds)}, {_size(expected.size_bytes)}, {_free(out)} are free"
        if only_estimate:
            print(said)
            return
        print(said, file=sys.stderr, flush=True)
    with progress_bar("rendering", lines=count >= _MANY) as advance:
        data.export(chosen, seeds, out, player, format_, shard_sounds, advance, pairs, samples, level)
    print(f"{counted} in {out}")


def _size(size_bytes: float) -> str:
    """Returns a size as people read it, such as 2.4 GB."""
    return f"{size_bytes / 1e9:.3g} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.3g} MB"


def _free(folder: Path) -> str:
    """Returns how much room there is where a folder is, or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return _size(shutil.disk_usage(there).free)
