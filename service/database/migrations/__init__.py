"""Migrations: how a database of any earlier version becomes one of this version.

- `versions`: one step each, in order; a changed table comes with one, which `python -m service.tables "what changes"`
  writes from the difference
- `env`: how Alembic runs them, without knowing the tables of the nouns

Migrating an empty database gives the same tables as creating them, which a test compares.
"""

import sys
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from service.database.engine import Database
from service.database.faults import fault
from service.errors import SettingsError, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

#: Name of the table that says which version a database has. Optuna, which may share the database, has the usual one.
VERSION_TABLE = "nebula_version"

# Any number that nothing else in the database locks.
_LOCK = 0x6E65_6275_6C61


def migrate(database: Database) -> None:
    """Brings a database to this version, in one transaction; of processes that start at once, one after the other.

    Raises:
        Unavailable: The database cannot be reached.
        SettingsError: It was made by a later version.
    """
    try:
        # On SQLite the transaction itself is the lock.
        with database.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if _version(connection) != newest():
                _upgrade(connection)
    except DBAPIError as error:
        if not (reason := fault(error)):
            raise
        place = database.engine.url.render_as_string(hide_password=True)
        raise Unavailable(f"{reason}: {place} ({' '.join(str(error.orig).split())})") from error


def newest() -> str:
    """Returns which version this one is: that of the last step, with whose number its file begins."""
    files = resources.files("service.database.migrations") / "versions"
    return max(file.name[:4] for file in files.iterdir() if file.name[:4].isdigit())


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return version


def _upgrade(connection: Connection) -> None:
    # Imported here, because most databases are of this version, and Alembic takes a quarter of a second to load.
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(configuration(connection=connection), "head")
    except CommandError as error:
        raise SettingsError(f"database: it was made by a later version of nebula ({error})") from error


def configuration(**attributes: object) -> "Config":
    """Returns what Alembic needs to know; `attributes` is what `env` is given."""
    from alembic.config import Config

    # Said here: Alembic's own default is what standard output was when Alembic was loaded.
    config = Config(stdout=sys.stdout, attributes=dict(attributes))
    config.set_main_option("script_location", "service.database:migrations")
    config.set_main_option("path_separator", "os")
    return config
