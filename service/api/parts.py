"""What a running server has beside its database's rows: caches, renderers, threads. Routes ask for them by type."""

from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

Part = TypeVar("Part")


class Parts:
    """The parts of one server.

    Args:
        parts: At most one of each type.
    """

    def __init__(self, *parts: object) -> None:
        self._parts = {type(part): part for part in parts}
        assert len(self._parts) == len(parts), "two parts of one type"

    def __getitem__(self, kind: type[Part]) -> Part:
        """Returns the part of a type, which is there."""
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part


def parts_of(connection: HTTPConnection) -> Parts:
    """Returns the parts of the server that a request came to."""
    parts: Parts = connection.app.state.parts
    return parts


async def _given(connection: HTTPConnection) -> Parts:
    # Routes that wait for nothing else need no thread for this.
    return parts_of(connection)


#: `parts: Given` in a route's arguments, and `parts[Shelf]` where the shelf is needed.
Given = Annotated[Parts, Depends(_given)]
