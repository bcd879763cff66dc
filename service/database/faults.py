"""What keeps a database or a disk from being used, in a sentence: nobody's mistake, and over once somebody acts."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

_AWAY = "the database does not answer at present"
_FULL = "the disk of the server is full"
_BUSY = "the database is busy"
_DAMAGED = "the database is damaged; restore a backup"

# The codes of https://sqlite.org/rescode.html; extended ones hold the main ones in their lowest byte.
_OF_SQLITE = {
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,  # not even the index of the write-ahead log finds room
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "the disk of the server cannot be written or read",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_READONLY: "the database may only be read",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}

# PostgreSQL's own codes: a full disk, too many connections, two that wait for each other. Without one nobody answered.
_OF_POSTGRESQL = {"53100": _FULL, "53300": _BUSY, "40001": _BUSY, "40P01": _BUSY, "55P03": _BUSY}

_OF_FILES = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EROFS: "the disk of the server may only be read"}


def fault(error: BaseException) -> str:
    """Returns what keeps the database or the disk from being used, nothing where the error tells of another thing."""
    if isinstance(error, NoConnection):
        return _BUSY
    if isinstance(error, OSError):
        return _OF_FILES.get(error.errno or 0, "")
    if not isinstance(error, DBAPIError):
        return ""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        return _OF_SQLITE.get(code) or _OF_SQLITE.get(code & 0xFF, "")
    if error.connection_invalidated or isinstance(error, OperationalError):
        return _OF_POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "", _AWAY)
    return ""
