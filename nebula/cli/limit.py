"""The `nebula evaluate limit` command: how near a synth comes to recordings, whatever the nebula."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from nebula import distances, matching
from nebula.cli.evaluate import AsJson, Device, Seed
from nebula.cli.judges import print_judging
from nebula.cli.pool import (
    SchedulerOption,
    TlsCaOption,
    TlsCertOption,
    TlsKeyOption,
    WorkersOption,
    chosen_workers,
)
from nebula.cli.terminal import finite, progress_bar, stopping


def limit(
    synth: Annotated[str, typer.Argument(help="Name of the synthesizer, see nebula synths.")],
    recordings: Annotated[str, typer.Argument(help="Folder, zip or file of what is to be resembled.")],
    others: Annotated[
        list[str] | None, typer.Option(help="Recordings of other things, to be told from the target; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the matches; runs/limit-SYNTH if not given.")] = None,
    sounds: Annotated[int, typer.Option(min=12, help="Most recordings that are matched.")] = 128,
    distance: Annotated[
        str, typer.Option(help=f"Distance that sounds are matched by: {', '.join(distances.names())}.")
    ] = "log-mel",
    bank: Annotated[int, typer.Option(min=32, help="Random sounds that are looked through first.")] = 8192,
    generations: Annotated[int, typer.Option(min=0, help="Of evolution, for each recording.")] = 128,
    hold_out: Annotated[
        Literal["group", "corpus"], typer.Option(help="What the halves do not share: takes of one hit, or libraries.")
    ] = "group",
    seed: Seed = 0,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    device: Device = "cpu",
    tls_ca: TlsCaOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    as_json: AsJson = False,
) -> None:
    """Print how well classifiers tell the nearest sounds that a synth can make from recordings: its limit.

    Recordings of one half are matched, as nebula match does, and what is found is judged beside the other half, as
    nebula evaluate listener does. No nebula of this synth is told apart less by classifiers like these, but for what a
    better search would find. The same command again continues where it stopped.
    """
    # Imported here, because torch and Dask take seconds to load that help need not spend.
    from nebula.audio import Corpus
    from nebula.tuning.limit import measure_limit

    pool = chosen_workers(workers, device, scheduler, tls_ca, tls_cert, tls_key)
    folder = out or Path("runs") / f"limit-{Path(synth).name}"
    known, *apart = (Corpus.open(path) for path in (recordings, *(others or ())))
    with progress_bar("recordings") as advance, stopping(f"what is matched is kept in {folder}"):
        found = measure_limit(
            synth,
            known,
            folder,
            apart,
            distance=distances.get(distance),
            effort=matching.Effort(bank, generations),
            sounds=sounds,
            by=hold_out,
            seed=seed,
            workers=pool,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    for corpus in (known, *apart):
        for remark in corpus.remarks:
            print(f"{corpus.name}: {remark}", file=sys.stderr)
    if as_json:
        print(json.dumps(finite(asdict(found)), indent=2))
        return
    print_judging(found.judging)
    print(
        f"{found.recordings} recordings matched by {found.synth}, {found.distance}: median {found.nearest:.4f}, "
        f"nearest random sounds {found.nearest_random:.4f}; sounds and presets in {folder}"
    )
