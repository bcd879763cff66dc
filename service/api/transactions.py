"""The one place where a route's transaction begins and ends.

It ends before the answer is sent: what a caller was told is done, is done.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def _transaction(request: Request) -> Iterator[Session]:
    database = request.app.state.database
    with database.read() if request.method in _SAFE_METHODS else database.begin() as session:
        yield session


#: `session: Transaction` in a route's arguments: reads only for GET, committed if the route returns, else rolled back.
Transaction = Annotated[Session, Depends(_transaction, scope="function")]
