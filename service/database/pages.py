"""Long lists in pieces: each piece says where the next one begins."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.database.base import Moment
from service.errors import RequestError

Row = TypeVar("Row")


def page(
    session: Session,
    query: Select[Row],
    order: Sequence[InstrumentedAttribute[Any]],
    after: str | None,
    limit: int,
    *,
    descending: bool = True,
) -> tuple[list[Row], str | None]:
    """Returns a piece of what the query finds, and where the next one begins.

    The piece begins behind the values of the last one's last row, not after so many rows: rows that come or go
    meanwhile neither repeat nor hide others.

    Args:
        session: The transaction.
        query: Selects the rows of one table.
        order: Columns to order by, which together differ between any two rows.
        after: What this returned for the piece before.
        limit: Most rows, 1 or more.
        descending: Whether the largest come first.

    Raises:
        RequestError: `after` is not what was returned.
    """
    if after is not None:
        bounds = [literal(value, column.type) for value, column in zip(_decode(after, order), order, strict=True)]
        here = tuple_(*order)
        query = query.where(here < tuple_(*bounds) if descending else here > tuple_(*bounds))
    query = query.order_by(*(column.desc() if descending else column.asc() for column in order))
    rows = list(session.scalars(query.limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], _encode([getattr(last, column.key) for column in order])


def _encode(values: list[Any]) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(after: str, order: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        text = base64.b64decode(after.encode() + b"=" * (-len(after) % 4), altchars=b"-_", validate=True)
        return [_value(value, column) for value, column in zip(json.loads(text), order, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise RequestError(f"after: got {after[:60]!r}, expected `next` of the answer before") from error


def _value(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    if isinstance(column.type, Moment):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    kind = column.type.python_type
    if type(value) is not kind:
        raise ValueError(f"not a {kind.__name__}")
    if (kind is int and abs(value) >= 2**31) or (kind is str and not (value.isascii() and value.isprintable())):
        raise ValueError("no key of ours")
    return value
