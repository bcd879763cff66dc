"""The engine, and the one place where transactions begin and are committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

# A reader never waits with a write-ahead log; a writer waits this long for another one.
_SQLITE_BUSY_MILLISECONDS = 30_000


class Database:
    """Connections to one database.

    Args:
        url: SQLAlchemy URL, of SQLite or of PostgreSQL through psycopg.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_engine(url, pool_pre_ping=True)
        if make_url(url).get_backend_name() == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Yields a session in a transaction, which is committed at the end of the block or rolled back on an error."""
        with self._sessions.begin() as session:
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
    connection.exec_driver_sql("BEGIN")
