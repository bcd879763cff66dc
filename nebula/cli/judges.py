"""The `nebula evaluate listener` command: whether classifiers take a nebula's sounds for recordings of its target."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from nebula.cli.evaluate import AsJson, Device, Seed
from nebula.cli.terminal import finite, print_table, progress_bar

if TYPE_CHECKING:
    from nebula.discrepancy import Interval
    from nebula.evaluation.judges import Judging


def judges(
    target: Annotated[str, typer.Argument(help="Recordings of the target that no tuning saw: folder, zip or file.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Nebulae to judge, or other sets of sounds; default and drum always are.")
    ] = None,
    others: Annotated[
        list[str] | None, typer.Option(help="Recordings of other things, to be told from the target; may be repeated.")
    ] = None,
    sounds: Annotated[int, typer.Option(min=12, help="Sounds judged of each.")] = 256,
    recordings: Annotated[int, typer.Option(min=12, help="Most recordings learned, of either kind.")] = 1024,
    hold_out: Annotated[
        Literal["group", "corpus"],
        typer.Option(help="Examine classifiers on recordings of other takes than they learned, or libraries."),
    ] = "group",
    seed: Seed = 0,
    device: Device = "cpu",
    as_json: AsJson = False,
) -> None:
    """Print what classifiers that know recordings make of the sounds of nebulae: three kinds, on traits of the sounds.

    taken: share of sounds taken for the target rather than for the others. told: share rightly called recorded or
    rendered, 0.5 where nobody can tell. precision, density: low where a nebula is too wide. recall, coverage: low where
    it is too narrow. The first row is the target itself, one half judged beside the other. Intervals are 95 %, by
    bootstrap over sounds.
    """
    # Imported here, because torch takes seconds to load that help need not spend.
    from nebula.audio import Corpus
    from nebula.embedding import open_named
    from nebula.evaluation.judges import YARDSTICKS, judge_sounds

    judged = {name: open_named(name) for name in (*(names or ()), *YARDSTICKS)}
    known, *apart = (Corpus.open(path) for path in (target, *(others or ())))
    with progress_bar("reading") as advance:
        found = judge_sounds(
            judged,
            known,
            apart,
            sounds=sounds,
            recordings=recordings,
            by=hold_out,
            seed=seed,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    for corpus in (known, *apart):
        for remark in corpus.remarks:
            print(f"{corpus.name}: {remark}", file=sys.stderr)
    if as_json:
        print(json.dumps(finite(asdict(found)), indent=2))
        return
    print_judging(found)


def print_judging(found: "Judging") -> None:
    """Prints what judges made of sets of sounds as a table."""
    # They need not be recordings: a target may be a nebula.
    title = f"classifiers know {found.recordings} sounds of {found.target}"
    if found.recognised is not None and found.mistaken is not None:
        title += (
            f" and {found.other_recordings} of {', '.join(found.others)}; taken for {found.target} when held out: "
            f"{_text(found.recognised)} and {_text(found.mistaken)}"
        )
    columns = ("taken", "told", "precision", "recall", "density", "coverage")
    table = Table("sounds of", *columns, "sounds", title=title)
    for place, row in enumerate(found.judgements):
        same = row.fidelity
        name = f"{row.name}, by halves" if place == 0 else row.name
        intervals = (row.share, row.told_apart, same.precision, same.recall, same.density, same.coverage)
        table.add_row(name, *map(_text, intervals), str(row.sounds))
    print_table(table)


def _text(interval: "Interval | None") -> str:
    return "–" if interval is None else f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f})"
