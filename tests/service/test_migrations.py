"""Migrating an empty database gives the same tables as creating them, and migrating again changes nothing."""

import hashlib
import os
import re
import subprocess
import threading
from importlib import resources

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, make_url, select, text

from service.corpora.tables import CorpusSound, UploadedCorpus
from service.database import Database
from service.database.migrations import VERSION_TABLE, configuration, migrate
from service.errors import SettingsError, Unavailable
from service.studies.tables import Study
from service.tables import metadata


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


# Beginnings of SHA-256. A migration that has been used is never changed: what it lacks comes with a new one.
LANDED = {
    "0001_make_all_tables.py": "f3111ea3681c19ec",
    "0002_keep_corpora_and_nebulae.py": "52281e0c4ef1d4da",
    "0003_the_manager_and_its_workers.py": "9835d71cdbfb8eda",
    "0004_keep_listening_tests.py": "ea55b28353208e1e",
    "0005_keep_correlations_of_nebulae.py": "eaf0c304459f8750",
    "0006_keep_remarks_on_corpora.py": "8d221113409e57ce",
    "0007_keep_what_rescoring_came_to.py": "760332a645d06eb9",
    "0008_keep_how_far_stages_are.py": "a36a16ec213de51b",
    "0009_keep_matches.py": "8902b0e761428df8",
    "0010_keep_what_nebulae_were_saved_from.py": "35c33555d1d33f9a",
    "0011_keep_stars_of_nebulae.py": "775719289dd38122",
    "0012_keep_links_for_others.py": "9f609040c31768a8",
    "0013_keep_tags_and_notes_of_studies.py": "8c650c672b3bbc3a",
    "0014_keep_what_is_excluded_from_corpora.py": "f901030ef6dae27b",
}


_CORPUS = (
    "INSERT INTO corpora (id, name, state, reason, size_bytes, sounds_total, sounds_read, sounds_usable, seconds, "
    "owner, created_at) VALUES ('c', 'kit', 'ready', '', 1, 1, 0, 0, 0, '', '2026-01-01 00:00:00')"
)

_STUDY = (
    "INSERT INTO studies (id, name, spec, state, reason, stage, priority, concurrency, failures_allowed, failures, "
    "trials_total, trials_done, best, owner, created_at) VALUES "
    "('s', 'drums', '{\"objective\": \"match\"}', 'done', '', '', 0, 0, 3, 0, 1, 1, 0.1, '', '2026-01-01 00:00:00')"
)

_FINALIST = "INSERT INTO study_events (study_id, kind, data, at) VALUES ('s', 'finalist', :data, '2026-01-01 00:00:00')"

_FINALISTS = (
    '{"origin": "start", "mean": 7.5, "low": 7.0, "high": 8.0}',
    '{"origin": "centre", "mean": 1.5, "low": 1.0, "high": 2.0}',
    '{"origin": "trial 0.1", "mean": 2.5, "low": 2.0, "high": 3.0}',
)

_SOUND = "INSERT INTO corpus_sounds (corpus_id, number, name, reason) VALUES ('c', 0, 'a', '')"


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


def test_what_is_printed_goes_to_standard_output_as_it_is_now(capsys):
    made = configuration()
    # Loaded with this file, when standard output was another.
    assert isinstance(made, Config)
    made.print_stdout("Nothing to do.")
    assert capsys.readouterr().out == "Nothing to do.\n"


def test_nothing_is_left_for_the_next_migration(empty):
    migrate(empty)
    with empty.engine.begin() as connection:
        command.check(configuration(connection=connection, metadata=metadata))


def columns(database):
    """Returns names and kinds of the columns of each table, in no order."""
    found = inspect(database.engine)
    return {
        table: {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table)}
        for table in metadata.tables
    }


def test_migrations_that_landed_are_never_changed():
    folder = resources.files("service.database.migrations") / "versions"
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".py")}
    assert {name: hashlib.sha256(content).hexdigest()[:16] for name, content in files.items()} == LANDED


@pytest.mark.parametrize("version", [*sorted(name[:4] for name in LANDED), "0004 with correlations"])
def test_a_database_of_every_version_is_upgraded(empty, database_like, version):
    with empty.engine.begin() as connection:
        command.upgrade(configuration(connection=connection), version[:4])
        connection.execute(text(_STUDY))
        connection.execute(text(_FINALIST), [{"data": data} for data in _FINALISTS])
        if version.endswith("correlations"):
            connection.execute(text("ALTER TABLE nebulae ADD COLUMN correlation VARCHAR"))
        if version != "0001":
            connection.execute(text(_CORPUS))
            connection.execute(text(_SOUND))
            values = "'kept', 'content', 'owner', '2026-01-01 00:00:00'"
            connection.execute(text(f"INSERT INTO nebulae (name, content, owner, created_at) VALUES ({values})"))
    migrate(empty)
    created = database_like(empty)
    metadata.create_all(created.engine)
    assert columns(empty) == columns(created)
    with empty.engine.connect() as connection:
        kept = connection.execute(text("SELECT name, correlation FROM nebulae")).all()
    assert kept == ([] if version == "0001" else [("kept", None)])
    with empty.read() as session:
        corpora, sounds = session.scalars(select(UploadedCorpus)).all(), session.scalars(select(CorpusSound)).all()
    assert [(corpus.remarks, corpus.changes) for corpus in corpora] == ([] if version == "0001" else [([], {})])
    assert [sound.remark for sound in sounds] == ([] if version == "0001" else [""])
    with empty.read() as session:
        (study,) = session.scalars(select(Study))
    # What came before 0007 told is worked out; nothing is told of a database in which 0007 has already looked.
    assert study.rescored == (None if version >= "0007" else {"mean": 1.5, "low": 1.0, "high": 2.0})


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
    with pytest.raises(
        Unavailable, match=r"^the database does not answer at present: .*//nebula:\*\*\*@127\.0\.0\.1:1/nebula \("
    ):
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
