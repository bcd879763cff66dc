"""A backup holds everything, and is put back into an empty place."""

import os
import re
import tarfile
import threading

import optuna
import psycopg
import pytest
from optuna.storages import RDBStorage
from sqlalchemy import make_url, select

from service.backup import backup, restore
from service.database import Database
from service.database.migrations import migrate
from service.errors import BackupError
from service.settings import Settings
from service.studies.tables import Study


@pytest.fixture
def used(settings):
    """Settings of a service with a study in each database and some files."""
    settings.home.mkdir(parents=True)
    database = Database(settings.database)
    migrate(database)
    with database.begin() as session:
        session.add(Study(name="drums", spec={"name": "drums"}, trials_total=3))
    database.close()
    with_trials(settings, 3)
    (settings.home / "corpora" / "0123" / "sounds").mkdir(parents=True)
    (settings.home / "corpora" / "0123" / "sounds" / "ä.wav").write_bytes(os.urandom(5000))
    (settings.home / "corpora" / ".half").mkdir()
    (settings.home / "corpora" / ".half" / "b.wav").write_bytes(b"unfinished")
    (settings.home / "manager.lock").touch()
    return settings


def with_trials(settings, count):
    storage = RDBStorage(settings.optuna_storage)
    study = optuna.create_study(storage=storage, study_name="drums", load_if_exists=True)
    study.optimize(lambda trial: trial.suggest_float("curve", 0.1, 10.0), n_trials=count)
    storage.remove_session()
    storage.engine.dispose()


def content(settings):
    """Names of studies, and values of Optuna's trials."""
    database = Database(settings.database)
    migrate(database)
    with database.read() as session:
        names = list(session.scalars(select(Study.name)))
    database.close()
    storage = RDBStorage(settings.optuna_storage)
    values = [trial.params["curve"] for trial in optuna.load_study(storage=storage, study_name="drums").trials]
    storage.remove_session()
    storage.engine.dispose()
    return names, values


def new_database(server):
    """URL of a new, empty database on a PostgreSQL server."""
    name = f"test_{os.urandom(6).hex()}"
    address = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def elsewhere(settings, tmp_path):
    """Settings of an empty place of the same kind."""
    url = new_database(settings.database_url) if settings.database_url else ""
    return Settings.read(home=tmp_path / "elsewhere", database_url=url)


def test_what_is_restored_is_what_was_backed_up(used, elsewhere, tmp_path):
    before = content(used)
    backup(used, tmp_path / "nebula.tar")
    assert (tmp_path / "nebula.tar").stat().st_mode & 0o777 == 0o600
    restore(elsewhere, tmp_path / "nebula.tar")
    assert content(elsewhere) == before
    sound = "corpora/0123/sounds/ä.wav"
    assert (elsewhere.home / sound).read_bytes() == (used.home / sound).read_bytes()
    assert not (elsewhere.home / "corpora" / ".half").exists()
    assert not (elsewhere.home / "manager.lock").exists()
    # It goes on from there: sequences continue behind what was restored.
    with_trials(elsewhere, 2)
    assert content(elsewhere)[1][:3] == before[1]
    assert len(content(elsewhere)[1]) == 5


def test_restored_folders_are_for_nobody_else_to_read(used, elsewhere, tmp_path):
    backup(used, tmp_path / "nebula.tar")
    restore(elsewhere, tmp_path / "nebula.tar")
    folders = [elsewhere.home, *(path for path in elsewhere.home.rglob("*") if path.is_dir())]
    assert len(folders) == 4
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_a_backup_of_a_database_that_is_written_meanwhile_is_one_moment_of_it(used, elsewhere, tmp_path):
    stop = threading.Event()
    written = []

    def write():
        database = Database(used.database)
        while not stop.is_set():
            with database.begin() as session:
                # Both or none: a backup in between would show an odd number.
                session.add_all([Study(name=f"pair {len(written)}", spec={}, trials_total=1) for _ in range(2)])
            written.append(1)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 3:
        stop.wait(0.01)
    backup(used, tmp_path / "nebula.tar")
    stop.set()
    writer.join()
    restore(elsewhere, tmp_path / "nebula.tar")
    names = [name for name in content(elsewhere)[0] if name.startswith("pair ")]
    assert len(names) >= 6
    assert all(names.count(name) == 2 for name in names)


def test_it_is_restored_only_where_nothing_is(used, tmp_path):
    backup(used, tmp_path / "nebula.tar")
    with pytest.raises(BackupError, match=r"which holds 'corpora', expected an empty folder"):
        restore(used, tmp_path / "nebula.tar")
    if used.database_url:
        there = Settings.read(home=tmp_path / "other", database_url=used.database_url)
        with pytest.raises(BackupError, match=r"database: got one that holds the table "):
            restore(there, tmp_path / "nebula.tar")


def test_nothing_is_written_over(used, tmp_path):
    (tmp_path / "nebula.tar").write_text("dear")
    with pytest.raises(BackupError, match="where there is something already, expected a new name"):
        backup(used, tmp_path / "nebula.tar")
    assert (tmp_path / "nebula.tar").read_text() == "dear"


def test_an_archive_that_breaks_off_or_is_none_is_refused_and_leaves_the_home_empty(used, elsewhere, tmp_path):
    backup(used, tmp_path / "nebula.tar")
    whole = (tmp_path / "nebula.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.tar").write_text("text")
    with tarfile.open(tmp_path / "foreign.tar", "w") as archive:
        archive.add(tmp_path / "text.tar", "text")
    for name in ("cut", "text", "foreign", "missing"):
        path = tmp_path / f"{name}.tar"
        with pytest.raises(BackupError, match=re.escape(f"backup {str(path)!r}: ")):
            restore(elsewhere, path)
        assert list(elsewhere.home.iterdir()) == []


def test_a_backup_of_the_other_kind_of_database_is_refused(used, postgres, tmp_path):
    backup(used, tmp_path / "nebula.tar")
    there = Settings.read(home=tmp_path / "other", database_url="" if used.database_url else postgres.new_database())
    kinds = ("PostgreSQL", "SQLite") if used.database_url else ("SQLite", "PostgreSQL")
    with pytest.raises(BackupError) as caught:
        restore(there, tmp_path / "nebula.tar")
    expected = f"expected one of {kinds[1]}, as NEBULA_DATABASE_URL says"
    assert str(caught.value) == f"file: got a backup of {kinds[0]}, {expected}"
    assert list(there.home.iterdir()) == []
