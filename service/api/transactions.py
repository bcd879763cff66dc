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

# Far fewer than there are threads to answer with; SQLite has one writer at a time anyway.
_WRITERS, _SQLITE_WRITERS = 16, 1


class Turns(asyncio.Semaphore):
    """Lets so many routes write at once, and the rest wait in the order in which they came.

    If they waited in the database instead, each would hold a thread. Once all threads wait, the route that holds the
    lock has none left to finish in.
    """

    def __init__(self, database_url: str) -> None:
        super().__init__(_SQLITE_WRITERS if make_url(database_url).get_backend_name() == "sqlite" else _WRITERS)


async def _turn(request: Request) -> AsyncIterator[None]:
    if request.method in _SAFE_METHODS:
        yield
        return
    async with parts_of(request)[Turns]:
        yield


#: In the arguments of what opens a transaction of its own: a turn of those who write.
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
