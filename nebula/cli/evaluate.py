"""The `nebula evaluate` command: the experiments that judge a distance on labelled sounds."""

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from nebula import distances, evaluation
from nebula.cli.terminal import finite, page_path, print_table, progress_bar
from nebula.evaluation import RANK_LABELS
from nebula.files import write_whole

if TYPE_CHECKING:
    from nebula.audio import Corpus
    from nebula.evaluation import Ordering, PairedDifference, Retrieval

    Experiment = TypeVar("Experiment", Ordering, Retrieval)
else:
    # What an experiment is needs torch, for which help need not wait.
    Experiment = TypeVar("Experiment")

command = typer.Typer(
    name="evaluate",
    help="Judge distances by what is known about the sounds of a corpus, and nebulae by classifiers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CorpusPath = Annotated[str, typer.Argument(help="Folder, zip or file of labelled sounds.")]
Labels = Annotated[
    Path | None, typer.Option(help="A csv with a path column; found in the corpus or beside it if not given.")
]
DistanceNames = Annotated[
    list[str] | None,
    typer.Option("--distance", help=f"log-mel if not given; may be repeated: {', '.join(distances.names())}."),
]
By = Annotated[str, typer.Option(help=f"What varies within a preset: {' or '.join(RANK_LABELS)}.")]
Seed = Annotated[int, typer.Option(min=0, help="Everything random follows from it.")]
Each = Annotated[bool, typer.Option("--each", help="Print a row for every preset too; --json always has them.")]
Device = Annotated[str, typer.Option(help="Where to compute, such as cpu or cuda.")]
Plot = Annotated[
    Path | None, typer.Option(callback=page_path, help="Write a figure too, as a page of its own: FILE.html.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@command.command()
def ordering(
    corpus: CorpusPath,
    labels: Labels = None,
    distance: DistanceNames = None,
    by: By = "pitch",
    minimum: Annotated[int, typer.Option(min=3, help="Fewest sounds of a preset; 3 always score 1.")] = 4,
    limit: Annotated[int, typer.Option(min=1, help="Most choices of three sounds in a preset.")] = 200,
    seed: Seed = 0,
    each: Each = False,
    device: Device = "cpu",
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """Print how well a distance puts the sounds of a preset in order: Spearman's correlation, by equation (1).

    Beside it: what random distances score, and what differences in pitch or velocity themselves score.
    """
    rows = _judged(
        corpus,
        labels,
        distance,
        lambda opened, name, watcher: evaluation.evaluate_ordering(
            opened, name, by=by, minimum=minimum, limit=limit, seed=seed, device=device, watcher=watcher
        ),
    )
    table = Table(
        "distance", "Spearman", "95 % interval", "chance", "ideal", "presets", "sounds", title=f"ordering by {by}"
    )
    for row in rows:
        scores = (f"{row.spearman:.3f}", _interval(row), f"{row.chance:.3f}", f"{row.ideal:.3f}")
        table.add_row(row.distance, *scores, str(len(row.presets)), str(row.sounds))
        for preset in row.presets if each else ():
            numbers = (f"{preset.spearman:.3f}", "", f"{preset.chance:.3f}", f"{preset.ideal:.3f}")
            table.add_row(f"  {preset.name}", *numbers, "", str(preset.sounds))
    _show(corpus, rows, table, plot, as_json)


@command.command()
def retrieval(
    corpus: CorpusPath,
    labels: Labels = None,
    distance: DistanceNames = None,
    by: By = "pitch",
    sounds: Annotated[int, typer.Option(min=4, help="Sounds in a trial, two of each preset.")] = 400,
    trials: Annotated[int, typer.Option(min=1, help="How often presets and sounds are drawn.")] = 100,
    seed: Seed = 0,
    each: Each = False,
    device: Device = "cpu",
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """Print how well a distance finds the other sound of the same preset: discounted cumulative gain.

    By pitch the two sounds are a tritone apart. Beside it: the gain at a random place.
    """
    rows = _judged(
        corpus,
        labels,
        distance,
        lambda opened, name, watcher: evaluation.evaluate_retrieval(
            opened, name, by=by, sounds=sounds, trials=trials, seed=seed, device=device, watcher=watcher
        ),
    )
    table = Table(
        "distance", "DCG", "95 % interval", "chance", "presets", "sounds", "trials", title=f"retrieval by {by}"
    )
    for row in rows:
        scores = (f"{row.gain:.3f}", _interval(row), f"{row.chance:.3f}")
        table.add_row(row.distance, *scores, str(len(row.presets)), str(row.sounds), str(row.trials))
        for preset in row.presets if each else ():
            table.add_row(f"  {preset.name}", f"{preset.gain:.3f}", "", "", "", "", str(preset.trials))
    _show(corpus, rows, table, plot, as_json)


def _judged(
    path: str,
    labels: Path | None,
    names: Sequence[str] | None,
    judge: Callable[["Corpus", str, Callable[[int, int], None]], Experiment],
) -> list[Experiment]:
    """The experiment with each distance, with progress on standard error, what had to be skipped and guessed."""
    # Imported here, because torch takes seconds to load that help need not spend.
    from nebula.audio import Corpus

    opened = Corpus.open(path, labels)
    with progress_bar("") as advance:

        def judged(name: str) -> Experiment:
            return judge(opened, name, lambda done, total: advance(done, total, name))

        rows = [judged(name) for name in names or ["log-mel"]]
    for remark in opened.remarks:
        print(f"{opened.name}: {remark}", file=sys.stderr)
    if rows[0].skipped:
        first = rows[0].skipped[0]
        print(f"{len(rows[0].skipped)} sounds were skipped, the first: {first.name}: {first.reason}", file=sys.stderr)
    return rows


def _show(corpus: str, rows: "Sequence[Ordering | Retrieval]", table: Table, plot: Path | None, as_json: bool) -> None:
    """Shows a judgement of each distance, and how they differ: as a figure, and as JSON or tables."""
    if plot is not None:
        # Imported here, because plotly takes a second to load that other commands need not spend.
        from nebula.evaluation.plots import judgement_page

        write_whole(plot, judgement_page(rows))
    if as_json:
        items, apart = ([asdict(row) for row in found] for found in (rows, evaluation.differences(rows)))
        print(json.dumps(finite({"corpus": corpus, "items": items, "differences": apart}), indent=2))
        return
    print_table(table)
    if len(rows) > 1:
        table = Table("distance", f"minus {rows[0].distance}", "95 % interval", "presets", title="preset by preset")
        for row in evaluation.differences(rows):
            table.add_row(row.distance, f"{row.difference:+.3f}", _interval(row), str(row.presets))
        print_table(table)


def _interval(row: "Ordering | Retrieval | PairedDifference") -> str:
    return f"{row.low:.3f} to {row.high:.3f}" if math.isfinite(row.low) else "unknown, 1 preset"
