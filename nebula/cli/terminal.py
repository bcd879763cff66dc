"""What the commands show: a progress bar on standard error, tables on standard output, figures in files."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
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

# The exit status of what Ctrl-C ended.
_INTERRUPTED = 130

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
        yield _now_and_then(label)
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


@contextmanager
def stopping(kept: str) -> Iterator[None]:
    """Ends the command, where Ctrl-C interrupts the block, with a line that says what is kept.

    Args:
        kept: Such as "finished trials are kept in runs/drum".
    """
    try:
        yield
    except KeyboardInterrupt:
        print(f"nebula: stopped; {kept}, the same command continues", file=sys.stderr)
        raise typer.Exit(_INTERRUPTED) from None


def _now_and_then(label: str) -> Callable[..., None]:
    """Returns an `advance` that writes a line whenever another thing begins, and every so many seconds."""
    said, said_at, done_then = "", -math.inf, 0

    def advance(done: int, total: int | None, words: str = label, best: float | None = None) -> None:
        nonlocal said, said_at, done_then
        now = time.monotonic()
        if words == said and now - said_at < _LINE_SECONDS:
            return
        share = f", {100 * done // total} %" if total else ""
        # By what was done since the last line: what an earlier run had done already took no time.
        left = ""
        if total and words == said and done > done_then:
            left = f", about {span((now - said_at) * (total - done) / (done - done_then))} left"
        said, said_at, done_then = words, now, done
        print(f"{words}{share}{left}" + ("" if best is None else f", best {best:.4g}"), file=sys.stderr, flush=True)

    return advance


def span(seconds: float) -> str:
    """Returns how long something takes as people say it, such as `40 s`, `12 min` or `1 h 5 min`.

    Args:
        seconds: 0 or more; below two minutes it is rounded to seconds, above to minutes.
    """
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


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
