"""What `nebula key` does: whoever can run commands where the database is may make keys."""

import json

from rich.table import Table

from nebula.cli.terminal import print_table
from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.accounts.schemas import KeyAnswer
from service.database.opening import opened
from service.settings import Settings


def create(settings: Settings, name: str, role: Role) -> str:
    """Returns a new key."""
    token = queries.new_token()
    with opened(settings) as database, database.begin() as session:
        queries.create_key(session, COMMAND_LINE, name, role, token)
    return token


def show(settings: Settings, as_json: bool) -> None:
    """Prints all keys, the newest first."""
    with opened(settings) as database, database.read() as session:
        keys = [KeyAnswer.model_validate(key).model_dump(mode="json") for key in queries.all_keys(session)]
    if as_json:
        print(json.dumps({"items": keys}, indent=2))
        return
    table = Table("id", "name", "role", "made", "ended", title="keys")
    for key in keys:
        table.add_row(key["id"], key["name"], key["role"], key["created_at"], key["revoked_at"] or "")
    print_table(table)


def revoke(settings: Settings, key_id: str) -> str:
    """Returns the name of a key that it has ended.

    Raises:
        NotFound: There is no such key.
        Conflict: Without it there would be no admin.
    """
    with opened(settings) as database, database.begin() as session:
        return queries.revoke_key(session, COMMAND_LINE, key_id).name
