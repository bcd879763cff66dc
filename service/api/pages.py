"""Long lists in pieces: what requests ask for, and what answers them; `service.database.pages` finds a piece."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")

#: Most items that one answer holds.
LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=LIMIT, description="Most items in one answer.")]
After = Annotated[
    str | None, Query(max_length=500, description="`next` of the answer before; the first items if not given.")
]


class Page(BaseModel, Generic[Item]):
    """A piece of a list."""

    items: list[Item]
    next: Annotated[str | None, Field(description="Where the next piece begins, for `after`; null at the end.")]

    @classmethod
    def of(cls, piece: tuple[Sequence[Any], str | None]) -> "Page[Item]":
        """Returns what `page` found, each row as an item: `Page[StudySummary].of(queries.listed(...))`."""
        rows, following = piece
        return cls.model_validate({"items": rows, "next": following}, from_attributes=True)
