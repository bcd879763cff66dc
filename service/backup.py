"""Everything that the service knows, in one file: made while it runs, put back into an empty place.

A backup is a tar archive: `backup.json` says what made it, `nebula.db` and `optuna.db` (SQLite) or `postgresql.dump`
are the databases as they were at one moment, and `home/` holds the files. Databases are copied first: a file that is
written later has no row in them, and the next start removes it; the other way round, a row could lack its file.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from service.errors import BackupError
from service.settings import OPTUNA_SCHEMA, Settings, parsed_url

_FORMAT = 1
_MANIFEST, _DUMP = "backup.json", "postgresql.dump"

#: The service's own first: of what the manager enters in both, Optuna's has the truth and may be ahead.
_SQLITE_FILES = ("nebula.db", "optuna.db")

# Belong to running processes, or to databases that are copied otherwise.
_LEFT_OUT = (".lock", ".db", ".db-wal", ".db-shm", ".db-journal")


def backup(settings: Settings, path: Path, watch: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Writes databases and files into one archive, whole or not at all, while everything runs.

    Args:
        settings: Where the database and the home folder are.
        path: Of the archive; nothing may be there yet.
        watch: Called with the number of files done and in all.

    Raises:
        BackupError: The archive cannot be written, or the database cannot be read.
    """
    if path.exists():
        raise BackupError(f"file: got {str(path)!r}, where there is something already, expected a new name")
    aside = path.with_name(f".{path.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as scratch:
            databases = list(_saved_databases(settings, Path(scratch)))
            # For nobody else to read: it holds everything.
            with os.fdopen(os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
                with tarfile.open(fileobj=file, mode="w|") as archive:
                    _write(archive, settings, Path(scratch), databases, watch)
                file.flush()
                os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise BackupError(f"backup {str(path)!r}: cannot be written ({error.strerror or error})") from error
    finally:
        aside.unlink(missing_ok=True)


def restore(settings: Settings, path: Path) -> None:
    """Puts back what `backup` has written, into an empty home folder and an empty database.

    Args:
        settings: Where they are.
        path: Of the archive.

    Raises:
        BackupError: The archive is not whole or of another kind of database, or the place is not empty.
    """
    _refuse_unless_empty(settings)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.home) as scratch:
            with tarfile.open(path) as archive:
                archive.extractall(scratch, filter="data")
            _put_back(settings, Path(scratch))
    except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
        raise BackupError(f"backup {str(path)!r}: is not a whole backup ({' '.join(str(error).split())})") from error
    except OSError as error:
        raise BackupError(f"backup {str(path)!r}: cannot be restored ({error.strerror or error})") from error


def _write(
    archive: tarfile.TarFile, settings: Settings, scratch: Path, databases: list[str], watch: Callable[[int, int], None]
) -> None:
    manifest = scratch / _MANIFEST
    manifest.write_text(
        json.dumps(
            {
                "format": _FORMAT,
                "nebula": version("nebula"),
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "databases": databases,
            },
            indent=2,
        )
    )
    for name in (_MANIFEST, *databases):
        archive.add(scratch / name, name)
    files = list(_files(settings.home))
    for number, relative in enumerate(files, 1):
        try:
            file = (settings.home / relative).open("rb")
        except FileNotFoundError:
            continue  # deleted meanwhile, with the row that knew of it
        with file:
            archive.addfile(archive.gettarinfo(arcname=f"home/{relative.as_posix()}", fileobj=file), file)
        watch(number, len(files))


def _files(home: Path) -> Iterator[Path]:
    """Yields the files to keep, relative to the home folder; what begins with a dot is not finished."""
    for folder, subfolders, names in os.walk(home):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(_LEFT_OUT):
                yield Path(folder, name).relative_to(home)


def _saved_databases(settings: Settings, scratch: Path) -> Iterator[str]:
    """Copies the databases into a folder and yields the names of the copies."""
    if settings.database_url:
        with (scratch / _DUMP).open("wb") as dump:
            _run_client(settings, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges"], stdout=dump.fileno())
        yield _DUMP
        return
    for name in _SQLITE_FILES:
        source = settings.home / name
        if not source.exists():
            continue
        try:
            with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(scratch / name)) as writing:
                # In one step, so that it is one moment; readers of a write-ahead log hold up nobody.
                reading.backup(writing)
        except sqlite3.Error as error:
            raise BackupError(f"backup: {source} cannot be read ({error})") from error
        yield name


def _refuse_unless_empty(settings: Settings) -> None:
    held = sorted(path.name for path in settings.home.iterdir()) if settings.home.exists() else []
    if held:
        raise BackupError(f"home: got {str(settings.home)!r}, which holds {held[0]!r}, expected an empty folder")
    if not settings.database_url:
        return
    # Imported here, because SQLite's files need none of it, and it takes long to load.
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(settings.database)
    try:
        tables = inspect(engine).get_table_names() + inspect(engine).get_table_names(OPTUNA_SCHEMA)
    except SQLAlchemyError as error:
        raise BackupError(f"restore: the database does not answer ({str(error).splitlines()[0]})") from error
    finally:
        engine.dispose()
    if tables:
        raise BackupError(f"database: got one that holds the table {tables[0]!r}, expected an empty one")


def _put_back(settings: Settings, scratch: Path) -> None:
    manifest = json.loads((scratch / _MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != _FORMAT:
        raise ValueError(f"format: got {manifest['format']}, expected {_FORMAT}")
    is_dump = _DUMP in manifest["databases"]
    if is_dump != bool(settings.database_url):
        kinds = ("PostgreSQL", "SQLite") if is_dump else ("SQLite", "PostgreSQL")
        raise BackupError(f"file: got a backup of {kinds[0]}, expected one of {kinds[1]}, as NEBULA_DATABASE_URL says")
    if (scratch / "home").exists():
        # The archive holds no folders, and those that are made for its files are for everyone to read: a listening test
        # whose sounds others can read is not opened.
        for folder, _, _ in os.walk(scratch / "home"):
            Path(folder).chmod(0o700)
        for entry in (scratch / "home").iterdir():
            shutil.move(entry, settings.home / entry.name)
    if is_dump:
        options = ["--single-transaction", "--no-owner", "--no-privileges"]
        _run_client(settings, "pg_restore", options, str(scratch / _DUMP))
        return
    for name in manifest["databases"]:
        (scratch / name).rename(settings.home / name)


def _run_client(settings: Settings, program: str, options: list[str], *files: str, stdout: int | None = None) -> None:
    """Runs a program of PostgreSQL's on the database; the password is not where other users see it."""
    url = parsed_url(settings.database)
    address = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    try:
        subprocess.run(
            [program, *options, f"--dbname={address}", *files],
            check=True,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program}: is not installed; install the client programs of PostgreSQL") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program}: failed ({' '.join(error.stderr.split())[:300]})") from error
