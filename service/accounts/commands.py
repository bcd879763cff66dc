"""`nebula key`: whoever can run commands where the database is may make keys."""

import json
from typing import Annotated

import typer
from rich.table import Table

from nebula.cli.terminal import print_table
from service.accounts.roles import Role
from service.database.opening import opened
from service.settings import Settings

command = typer.Typer(name="key", help="Make, list and revoke the API keys of the service.", no_args_is_help=True)


@command.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose or what for.")],
    role: Annotated[Role, typer.Option(help="What it allows.")] = Role.VIEWER,
) -> None:
    """Make a key and print it, once: only a digest of it is kept."""
    from service.accounts import queries
    from service.accounts.caller import COMMAND_LINE

    token = queries.new_token()
    with opened(Settings.read()) as database, database.begin() as session:
        queries.create_key(session, COMMAND_LINE, name, role, token)
    print(token)


@command.command("list")
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False) -> None:
    """List keys, those that ended too, the newest first."""
    from service.accounts import queries
    from service.accounts.schemas import KeyAnswer

    with opened(Settings.read()) as database, database.read() as session:
        keys = [KeyAnswer.model_validate(key).model_dump(mode="json") for key in queries.all_keys(session)]
    if as_json:
        print(json.dumps({"items": keys}, indent=2))
        return
    table = Table("id", "name", "role", "made", "ended", title="keys")
    for key in keys:
        table.add_row(key["id"], key["name"], key["role"], key["created_at"], key["revoked_at"] or "")
    print_table(table)


@command.command()
def revoke(key: Annotated[str, typer.Argument(metavar="ID", help="As `nebula key list` shows it.")]) -> None:
    """End a key, and with it every browser session that it began."""
    from service.accounts import queries
    from service.accounts.caller import COMMAND_LINE

    with opened(Settings.read()) as database, database.begin() as session:
        print(f"key {queries.revoke_key(session, COMMAND_LINE, key).name!r} ended")
