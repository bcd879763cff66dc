"""The one place where a route's transaction begins and ends.

It ends before the answer is sent: what a caller was told is done, is done.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from service.api.parts import parts_of
from service.database.engine import Database

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Together fewer than there are connections to the database, and each fewer than there are threads to answer with.
# SQLite has one writer at a time anyway.
_READERS, _WRITERS, _SQLITE_WRITERS = 30, 16, 1


class Turns:
    """Lets so many routes read at once and so many write, and the rest wait in the order in which they came.

    If they waited in the database instead, or for a connection to it, each would hold a thread. Once all threads wait,
    the route that holds the lock or the connection has none left to finish in: a transaction ends in another thread
    than its route's.
    """

    def __init__(self, database_url: str) -> None:
        is_sqlite = make_url(database_url).get_backend_name() == "sqlite"
        self._readers = asyncio.Semaphore(_READERS)
        self._writers = asyncio.Semaphore(_SQLITE_WRITERS if is_sqlite else _WRITERS)

    def of(self, method: str) -> asyncio.Semaphore:
        """Returns what a request of an HTTP method waits for."""
        return self._readers if method in _SAFE_METHODS else self._writers


async def _turn(request: Request) -> AsyncIterator[None]:
    async with parts_of(request)[Turns].of(request.method):
        yield


#: In the arguments of what opens a transaction of its own: a turn of those who read or write.
Turn = Annotated[None, Depends(_turn, scope="function")]


def transaction(request: Request, database: Database) -> Iterator[Session]:
    """Yields a session: it reads only for GET, and is committed at the end, else rolled back.

    Args:
        request: Whose method decides.
        database: Where the rows are.
    """
    with database.read() if request.method in _SAFE_METHODS else database.begin() as session:
        yield session


def _transaction(request: Request, turn: Turn) -> Iterator[Session]:
    yield from transaction(request, parts_of(request)[Database])


#: `session: Transaction` in a route's arguments: reads only for GET, committed if the route returns, else rolled back.
Transaction = Annotated[Session, Depends(_transaction, scope="function")]
