"""What the commands show: a progress bar on standard error, tables on standard output, figures in files."""

import math
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


@contextmanager
def progress_bar(label: str, *, bytes_: bool = False) -> Iterator[Callable[..., None]]:
    """Yields `advance(done, total, label, best)`, which shows progress while the block runs.

    Args:
        label: What is being done, until `advance` says another thing.
        bytes_: Whether bytes are counted, rather than things.
    """
    measures: tuple[ProgressColumn, ...] = (
        (DownloadColumn(), TransferSpeedColumn()) if bytes_ else (MofNCompleteColumn(), TimeRemainingColumn())
    )
    columns = (TextColumn("{task.description}"), BarColumn(), *measures, TextColumn("{task.fields[best]}"))
    console = Console(stderr=True)
    # Into a file it would write nothing but an empty line at its end.
    with Progress(*columns, console=console, transient=True, disable=not console.is_interactive) as bar:
        task = bar.add_task(label, total=None, best="")

        def advance(done: int, total: int | None, words: str = label, best: float | None = None) -> None:
            if words != bar.tasks[0].description:
                # Another thing is counted now; the time that the last one took says nothing about it.
                bar.reset(task, description=words)
            bar.update(task, completed=done, total=total, best="" if best is None else f"best {best:.4g}")

        yield advance


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
