"""The `nebula match` command: the preset of a synth whose sound is nearest to a recording."""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.table import Table

from nebula import distances, matching, synths
from nebula.cli.pool import (
    SchedulerOption,
    TlsCaOption,
    TlsCertOption,
    TlsKeyOption,
    WorkersOption,
    chosen_workers,
)
from nebula.cli.terminal import print_table, progress_bar, stopping
from nebula.errors import ArgumentError
from nebula.nebulae import Nebula


def match(
    recordings: Annotated[list[str], typer.Argument(help="Sound files, folders or zips.")],
    out: Annotated[Path, typer.Option(help="Folder for sounds and presets; made if missing.")],
    synth: Annotated[str, typer.Option(help="Name of the synthesizer, see nebula synths.")] = "voice",
    start: Annotated[str | None, typer.Option(help="Nebula that half of the random sounds are drawn from.")] = None,
    distance: Annotated[
        str, typer.Option(help=f"Distance between sounds: {', '.join(distances.names())}.")
    ] = "log-mel",
    bank: Annotated[int, typer.Option(min=32, help="Random sounds that are looked through first.")] = 8192,
    generations: Annotated[int, typer.Option(min=0, help="Of evolution, for each recording.")] = 128,
    children: Annotated[int, typer.Option(min=2, help="Sounds in each generation.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Everything random follows from it.")] = 0,
    format_: Annotated[str | None, typer.Option("--format", help="Of presets; the synth's own if not given.")] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    device: Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")] = "cpu",
    tls_ca: TlsCaOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Find the preset whose sound is nearest to each recording. The same command again continues where it stopped.

    A recording NAME.wav leaves NAME.flac, the sound, its preset, and NAME.match.json, which says how near it came.
    """
    # Imported here, because torch and Dask take seconds to load that help need not spend.
    from nebula.audio import Corpus
    from nebula.tuning.matching import match_into

    chosen, effort = synths.get(synth), matching.Effort(bank, generations, children, seed)
    if format_ is not None and format_ not in chosen.preset_formats:
        raise ArgumentError(f"format: got {format_!r}, expected one of {', '.join(chosen.preset_formats)}")
    pool = chosen_workers(workers, device, scheduler, tls_ca, tls_cert, tls_key)
    begun = None if start is None else Nebula.load(start)
    if begun is not None and begun.synth != synth:
        raise ArgumentError(f"start: got a nebula of the synth {begun.synth!r}, expected one of {synth!r}")
    between = distances.get(distance)
    corpora = [Corpus.open(path) for path in recordings]
    with progress_bar("recordings") as advance, stopping(f"what is matched is kept in {out}"):
        jobs = match_into(
            out,
            corpora,
            synth,
            between,
            effort,
            begun,
            format_=format_,
            workers=pool,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    rows = [row for row in (job.read() for job in jobs) if row is not None]
    for skipped in (skipped for corpus in corpora for skipped in corpus.skipped):
        print(f"nebula: {skipped.name} was skipped: {skipped.reason}", file=sys.stderr)
    if as_json:
        print(json.dumps(rows))
        return
    counted = f"{len(rows)} recording{'s' * (len(rows) != 1)}"
    table = Table(title=f"{counted} matched by {synth}, {distance}")
    for column in ("recording", "distance", "nearest random sound"):
        table.add_column(column, justify="left" if column == "recording" else "right")
    for row in rows:
        table.add_row(str(row["recording"]), f"{row['value']:.4f}", f"{row['nearest_random_sound']:.4f}")
    print_table(table)
    values, before = ([float(str(row[key])) for row in rows] for key in ("value", "nearest_random_sound"))
    print(f"median {median(values):.4f}, nearest random sounds {median(before):.4f}; sounds and presets in {out}")
