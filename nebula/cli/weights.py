"""The `nebula weights` command: which trained weights there are, fetching and checking them."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from nebula.cli.terminal import print_table, progress_bar
from nebula.distances import weights
from nebula.distances.weights import WeightsFile, WeightsState
from nebula.errors import WeightsError

command = typer.Typer(
    name="weights",
    help="List, fetch and verify the trained weights that distances need and that are not shipped.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Names = Annotated[list[str] | None, typer.Argument(help="openl3, or names of files; all of them if none is given.")]
Folder = Annotated[Path | None, typer.Option(help="Folder of the weights, instead of the one in the user's cache.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@command.command("list")
def list_files(folder: Folder = None, as_json: AsJson = False) -> None:
    """Print every known file, where it belongs and whether it is there."""
    _print([(file, file.state(folder)) for file in weights.FILES], folder, as_json)


@command.command()
def fetch(names: Names = None, folder: Folder = None, as_json: AsJson = False) -> None:
    """Download what is missing, continue what was interrupted, and verify all of it."""
    files = weights.choose(names or [])
    with progress_bar("", bytes_=True) as advance:
        for file in files:
            weights.fetch(file, folder, partial(advance, words=file.name))
    _print([(file, WeightsState.VERIFIED) for file in files], folder, as_json)


@command.command()
def verify(names: Names = None, folder: Folder = None, as_json: AsJson = False) -> None:
    """Compare the files that are there with the published ones; exit status 1 if one differs or none is there."""
    found = [(file, file.state(folder, check=True)) for file in weights.choose(names or [])]
    _print(found, folder, as_json)
    damaged = [file.name for file, state in found if state is WeightsState.DAMAGED]
    if damaged:
        raise WeightsError(f"{', '.join(damaged)}: not the published content; delete and run `nebula weights fetch`")
    if all(state is not WeightsState.VERIFIED for _, state in found):
        raise WeightsError("none of the files is there: run `nebula weights fetch`")


def _print(found: list[tuple[WeightsFile, WeightsState]], folder: Path | None, as_json: bool) -> None:
    rows = [
        {
            "group": file.group,
            "name": file.name,
            "state": state.value,
            "path": str(file.path(folder)),
            "url": f"{file.source}/{file.name}",
            "blob_id": file.blob_id,
        }
        for file, state in found
    ]
    if as_json:
        print(json.dumps({"items": rows}, indent=2))
        return
    table = Table("for", "file", "state", title=f"weights in {folder or weights.default_folder()}")
    for row in rows:
        table.add_row(row["group"], row["name"], row["state"])
    print_table(table)
