"""Migrating an empty database gives the same tables as creating them, and migrating again changes nothing."""

import os
import re
import subprocess
import threading

import pytest
from sqlalchemy import make_url, text

from service.database import Database
from service.database.migrations import VERSION_TABLE, migrate
from service.database.tables import metadata
from service.errors import SettingsError, Unavailable


def form(database):
    """Returns all tables, constraints and indices as the database itself writes them, one statement each."""
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            found = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars().all()
        statements = [re.sub(r'[\s"]+', " ", statement) for statement in found]
    else:
        address = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["pg_dump", "--schema-only", "--no-owner", address]
        dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        lines = [line for line in dump.splitlines() if line and not line.startswith(("--", "\\"))]
        statements = re.sub(r"\s+", " ", "\n".join(lines)).split("; ")
    return sorted(statement for statement in statements if VERSION_TABLE not in statement)


@pytest.fixture
def empty(settings):
    settings.home.mkdir(parents=True)
    database = Database(settings.database)
    yield database
    database.close()


def test_migrating_equals_creating(empty, database_like):
    migrate(empty)
    created = database_like(empty)
    metadata.create_all(created.engine)
    assert form(empty) == form(created)
    assert len(form(empty)) >= len(metadata.tables)


def test_migrating_again_changes_nothing(empty):
    migrate(empty)
    before = form(empty)
    migrate(empty)
    assert form(empty) == before


def test_processes_that_start_at_once_migrate_one_after_the_other(empty):
    failures = []

    def run():
        try:
            migrate(empty)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_database_of_a_later_version_is_left_alone(empty):
    migrate(empty)
    with empty.engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = 'later'"))
    with pytest.raises(SettingsError, match="it was made by a later version of nebula"):
        migrate(empty)


def test_a_database_that_cannot_be_reached_is_named_without_its_password():
    database = Database("postgresql+psycopg://nebula:secret@127.0.0.1:1/nebula")
    with pytest.raises(Unavailable, match=r"database: postgresql\+psycopg://nebula:\*\*\*@127.0.0.1:1/nebula cannot"):
        migrate(database)
    database.close()


@pytest.fixture
def database_like(request, tmp_path):
    """Returns another empty database of the same kind."""
    made = []

    def another(database):
        url = make_url(database.url)
        if url.get_backend_name() == "sqlite":
            url = url.set(database=str(tmp_path / "another.db"))
        else:
            name = f"another_{os.urandom(6).hex()}"
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            url = url.set(database=name)
        made.append(Database(url.render_as_string(hide_password=False)))
        return made[-1]

    yield another
    for database in made:
        database.close()
