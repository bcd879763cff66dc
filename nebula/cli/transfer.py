"""The `nebula evaluate transfer` command: what sounds of nebulae are worth as training data."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from nebula.cli.evaluate import AsJson, Device, Plot
from nebula.cli.terminal import finite, print_table, progress_bar
from nebula.files import write_whole

if TYPE_CHECKING:
    from nebula.discrepancy import Interval
    from nebula.evaluation.transfer import Transfer


def transfer(
    spec: Annotated[str, typer.Argument(help="Path of a transfer spec, or name of a shipped one.")],
    recordings: Annotated[Path, typer.Option(help="Folder that the recordings of the spec lie in.")] = Path(),
    out: Annotated[Path | None, typer.Option(help="Folder for what is done; runs/transfer-NAME if not given.")] = None,
    largest: Annotated[int | None, typer.Option(min=1, help="Most sounds a class, instead of the spec's.")] = None,
    repeats: Annotated[int | None, typer.Option(min=2, help="Draws of each size, instead of the spec's.")] = None,
    device: Device = "cpu",
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """Print how well classifiers that learned from sounds of nebulae know recordings of libraries they never heard.

    error: balanced, at the largest size. log-loss: likewise, in nats. unlimited: what the error would be with sounds
    without end, c of a n^-b + c. gap: that less the error of all real recordings. recordings: how many real ones of
    each class do as well. both: the error of rendered sounds and all recordings together. Where nothing can be said of
    unlimited sounds, the reason stands below, and gap and recordings are those of the largest size. The same command
    again continues where it stopped.
    """
    # Imported here, because torch takes seconds to load that help need not spend.
    from nebula.evaluation.transfer import TransferSpec, evaluate_transfer

    chosen = TransferSpec.load(spec)
    changes = {"largest": largest, "repeats": repeats}
    chosen = chosen.with_changes({key: value for key, value in changes.items() if value is not None})
    folder = out or Path("runs") / f"transfer-{chosen.name}"
    with progress_bar(chosen.name) as advance:
        found = evaluate_transfer(
            chosen,
            folder,
            recordings,
            device=device,
            watcher=lambda name, done, total: advance(done, total, name),
        )
    for remark in found.remarks:
        print(remark, file=sys.stderr)
    if plot is not None:
        # Imported here, because plotly takes a second to load that other commands need not spend.
        from nebula.evaluation.transfer.plot import transfer_page

        write_whole(plot, transfer_page(found))
    if as_json:
        print(json.dumps(finite(asdict(found)), indent=2))
        return
    _print_curves(found)


def _print_curves(found: "Transfer") -> None:
    from nebula.evaluation.transfer import exchange_text

    pairs = zip(found.classes, found.learned, found.tested, strict=True)
    title = f"{found.name} by {found.distance}; recordings learned and tested: " + ", ".join(
        f"{one:,} and {other:,} {name}" for name, one, other in pairs
    )
    if found.libraries:
        title += f", of {', '.join(found.libraries)}"
    columns = ("sounds", "error", "log-loss", "unlimited", "gap", "recordings", "both")
    table = Table("learned from", "model", *columns, title=title)
    for curve in found.curves:
        table.add_row(
            curve.training,
            curve.model,
            f"{curve.sizes[-1]:,}",
            _text(curve.errors[-1]),
            _text(curve.losses[-1]),
            _text(curve.floor),
            _text(curve.gap),
            "–" if curve.exchange is None else exchange_text(curve.exchange, min(found.learned)),
            _text(curve.both),
        )
    print_table(table)
    for curve in found.curves:
        if curve.refusal:
            print(f"{curve.training}, {curve.model}: unlimited: {curve.refusal}", file=sys.stderr)


def _text(interval: "Interval | None") -> str:
    return "–" if interval is None else f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"
