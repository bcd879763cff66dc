"""The engine, and the one place where transactions begin and are committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

# A reader never waits with a write-ahead log; a writer waits this long for another one.
_SQLITE_BUSY_MILLISECONDS = 30_000

# A machine that is gone does not answer, which the system notices after minutes only.
_CONNECT_SECONDS = 10

# Execution option of connections that only read.
_READ_ONLY = "nebula_read_only"

# Enough for every thread of the API, so that none waits for a connection while it keeps another one busy. Those of
# SQLite cost next to nothing to keep; those of PostgreSQL are a process each.
_CONNECTIONS = 50
_SERVER_CONNECTIONS_KEPT = 10


class Database:
    """Connections to one database.

    Args:
        url: SQLAlchemy URL, of SQLite or of PostgreSQL through psycopg.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        sqlite = make_url(url).get_backend_name() == "sqlite"
        kept = _CONNECTIONS if sqlite else _SERVER_CONNECTIONS_KEPT
        self.engine = create_engine(
            url,
            pool_pre_ping=not sqlite,  # a file does not hang up
            pool_size=kept,
            max_overflow=_CONNECTIONS - kept,
            connect_args={} if sqlite else {"connect_timeout": _CONNECT_SECONDS},
        )
        reading: dict[str, Any] = {_READ_ONLY: True}
        if sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            reading |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        readers = self.engine.execution_options(**reading)
        self._readers = sessionmaker(readers, expire_on_commit=False, autoflush=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Yields a session in a transaction, which is committed at the end of the block or rolled back on an error."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yields a session that only reads: it waits for no writer, and sees one moment of the database throughout."""
        with self._readers.begin() as session:
            yield session

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # Python's driver would begin transactions late and by its own rules; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_SQLITE_BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # A transaction that has read and then wants to write is refused at once if another one has written meanwhile, no
    # matter the timeout. Those that may write therefore queue up at their beginning.
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
