"""What bodies may hold, whichever route reads them: one rule for each type, so that no route meets what it cannot keep.

Texts without null characters and halves of surrogate pairs, which PostgreSQL refuses; integers of 64 bits; finite
numbers; nothing nested deeper than people nest things.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from service.database import is_storable

#: Deeper than anything that the API takes.
DEEPEST = 100

_INTEGERS = 2**63


class BodyRoute(APIRoute):
    """A route whose JSON body holds nothing but what can be kept."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns what answers a request."""
        answer = super().get_route_handler()

        async def checked(request: Request) -> Response:
            return await answer(_CheckedRequest(request.scope, request.receive))

        return checked


class _CheckedRequest(Request):
    async def json(self) -> Any:
        """Returns the body.

        Raises:
            JSONDecodeError: It is no JSON.
            HTTPException: It holds what cannot be kept.
        """
        body = await self.body()
        found = json.loads(body, parse_int=_integer, parse_float=_number, parse_constant=_refused)
        if fault := _fault(found):
            raise HTTPException(422, fault)
        return found


def _fault(found: Any) -> str:
    """Returns what cannot be kept of a JSON value, nothing where all can."""
    waiting = [(found, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            return f"the body is nested deeper than {DEEPEST}, expected less"
        if isinstance(value, str) and not is_storable(value):
            return "the body holds text with a null character or half of a surrogate pair, expected neither"
        if isinstance(value, dict):
            waiting.extend((inside, depth + 1) for pair in value.items() for inside in pair)
        elif isinstance(value, list):
            waiting.extend((inside, depth + 1) for inside in value)
    return ""


def _integer(digits: str) -> int:
    # Twenty characters say enough: turning thousands of digits into a number takes long, and Python refuses it.
    if len(digits) > 20 or not -_INTEGERS <= int(digits) < _INTEGERS:
        _refused(digits)
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        _refused(digits)
    return number


def _refused(digits: str) -> None:
    raise HTTPException(422, f"the body holds the number {digits[:40]}, expected a finite one of 64 bits")
