"""What the commands show: a progress bar on standard error, tables on standard output, figures in files."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from nebula.errors import ArgumentError

# Of what takes minutes or hours, where a file or another program reads along.
_LINE_SECONDS = 15.0


@contextmanager
def progress_bar(label: str, *, bytes_: bool = False, lines: bool = False) -> Iterator[Callable[..., None]]:
    """Yields `advance(done, total, label, best)`, which shows progress while the block runs.

    Args:
        label: What is being done, until `advance` says another thing.
        bytes_: Whether bytes are counted, rather than things.
        lines: Whether a line says so now and then where there is no terminal, for what takes minutes or hours.
    """
    measures: tuple[ProgressColumn, ...] = (
        (DownloadColumn(), TransferSpeedColumn()) if bytes_ else (MofNCompleteColumn(), TimeRemainingColumn())
    )
    columns = (TextColumn("{task.description}"), BarColumn(), *measures, TextColumn("{task.fields[best]}"))
    console = Console(stderr=True)
    if lines and not console.is_interactive:
        yield _now_and_then()
        return
    # Into a file it would write nothing but an empty line at its end.
    with Progress(*columns, console=console, transient=True, disable=not console.is_interactive) as bar:
        task = bar.add_task(label, total=None, best="")

        def advance(done: int, total: int | None, words: str = label, best: float | None = None) -> None:
            if words != bar.tasks[0].description:
                # Another thing is counted now; the time that the last one took says nothing about it.
                bar.reset(task, description=words)
            bar.update(task, completed=done, total=total, best="" if best is None else f"best {best:.4g}")

        yield advance


def _now_and_then() -> Callable[..., None]:
    """Returns an `advance` that writes a line whenever another thing begins, and every so many seconds."""
    said, said_at = "", -math.inf

    def advance(done: int, total: int | None, words: str, best: float | None = None) -> None:
        nonlocal said, said_at
        if words == said and time.monotonic() - said_at < _LINE_SECONDS:
            return
        said, said_at = words, time.monotonic()
        share = f", {100 * done // total} %" if total else ""
        print(f"{words}{share}" + ("" if best is None else f", best {best:.4g}"), file=sys.stderr, flush=True)

    return advance


def print_table(table: Table) -> None:
    """Prints a table with its title at the left."""
    table.title_justify = "left"
    console = Console()
    # Where there is no terminal rich assumes 80 columns and would cut names and paths short.
    (console if console.is_terminal else Console(width=200)).print(table)


def page_path(path: Path | None) -> Path | None:
    """Returns where a figure is to be written, checked before what it shows is computed.

    Raises:
        ArgumentError: The name does not end in .html, or its folder does not exist.
    """
    if path is not None and (path.suffix.lower() != ".html" or not path.parent.is_dir()):
        raise ArgumentError(f"plot: got {str(path)!r}, expected a name that ends in .html, in a folder that exists")
    return path


def finite(value: Any) -> Any:
    """Returns a value as JSON holds it, where a bound that is unknown is null: JSON has no infinity."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
