"""The `nebula evaluate probe` command: how well a label can be read from the vectors of distances."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from nebula.cli.evaluate import AsJson, CorpusPath, Device, Labels, Seed
from nebula.cli.terminal import print_table, progress_bar

if TYPE_CHECKING:
    from nebula.discrepancy import Interval


def probe(
    corpus: CorpusPath,
    label: Annotated[str, typer.Option(help="Which label is to be read: a column of the manifest.")],
    labels: Labels = None,
    distance: Annotated[
        list[str] | None,
        typer.Option("--distance", help="Whose vectors, HEAR modules included; may be repeated; log-mel if not given."),
    ] = None,
    learner: Annotated[
        Literal["linear", "hear"],
        typer.Option("--probe", help="A linear classifier, or the grid of the HEAR challenge, which takes minutes."),
    ] = "linear",
    hold_out: Annotated[
        Literal["group", "corpus"], typer.Option(help="What is never on both sides: whole takes, or whole libraries.")
    ] = "group",
    seed: Seed = 0,
    device: Device = "cpu",
    as_json: AsJson = False,
) -> None:
    """Print how well a classifier names recordings it never heard, by what their vectors say: balanced accuracy.

    Beside each distance: means and spreads of log-mel bands, and a network that has learned nothing. Five parts of the
    sounds are asked about in turn. Labels that fewer than five groups have are left out.
    """
    # Imported here, because torch takes seconds to load that help need not spend.
    from nebula.audio import Corpus
    from nebula.evaluation.probes import evaluate_probe

    opened = Corpus.open(corpus, labels)
    with progress_bar("reading") as advance:
        rows = evaluate_probe(
            opened,
            label,
            distance or ["log-mel"],
            learner=learner,
            by=hold_out,
            seed=seed,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    for remark in opened.remarks:
        print(f"{opened.name}: {remark}", file=sys.stderr)
    if as_json:
        print(json.dumps({"corpus": corpus, "label": label, "items": [asdict(row) for row in rows]}, indent=2))
        return
    first = rows[0]
    title = f"{learner} probe of {label}: {first.sounds:,} sounds of {first.groups:,} {_PLURAL[hold_out]}, "
    title += f"{', '.join(first.classes)}"
    table = Table("distance", "balanced", "95 % interval", "above statistics", "accuracy", "chance", title=title)
    for row in rows:
        above = "–" if row.above is None else f"{row.above.mean:+.3f} ({_range(row.above)})"
        numbers = (f"{row.balanced.mean:.3f}", _range(row.balanced), above, f"{row.accuracy:.3f}", f"{row.chance:.3f}")
        table.add_row(row.distance, *numbers)
    print_table(table)


_PLURAL = {"group": "groups", "corpus": "libraries"}


def _range(interval: "Interval") -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"
