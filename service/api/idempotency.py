"""A POST that is sent twice is done once: a network that fails leaves the caller not knowing whether it arrived.

With the header `Idempotency-Key` the answer is kept for a day, in the transaction of what was done. The same request
again gets the same answer; another request under the same key is refused.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.api.tables import KeptAnswer
from service.database.base import now
from service.errors import Conflict, Unprocessable

_LIFETIME = timedelta(days=1)

Answer = TypeVar("Answer", bound=BaseModel)


class Once:
    """Does what a route does unless it was done before; see `Idempotent`."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._where = f"{request.method} {request.url.path}"
        self._key = key

    def __call__(
        self, session: Session, key_id: str, body: BaseModel | None, do: Callable[[], Answer], kind: type[Answer]
    ) -> Answer:
        """Returns the answer of `do`, or what it was when the same request came before.

        Args:
            session: The transaction in which `do` works.
            key_id: Of the API key that the caller has; callers with different ones have nothing to do with each other.
            body: What the request says.
            do: Does it.
            kind: What `do` returns.

        Raises:
            Unprocessable: The key was used for another request.
            Conflict: The same request is being answered at this moment.
        """
        if self._key is None:
            return do()
        content = "" if body is None else json.dumps(body.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(f"{self._where}\n{content}".encode()).hexdigest()
        session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < now() - _LIFETIME))
        kept = session.get(KeptAnswer, (key_id, self._key))
        if kept is not None:
            if kept.request_digest != digest:
                raise Unprocessable(f"Idempotency-Key: got {self._key!r} of another request, expected a new one")
            return kind.model_validate(kept.content)
        kept = KeptAnswer(key_id=key_id, idempotency_key=self._key, request_digest=digest, content={})
        session.add(kept)
        try:
            # Before anything is done: of two requests at once, the second one waits here for the first one's end.
            session.flush()
        except IntegrityError as error:
            raise Conflict(f"Idempotency-Key: {self._key!r} is in use at this moment; ask again") from error
        answer = do()
        kept.content = answer.model_dump(mode="json")
        return answer


def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=r"^[\x21-\x7e]{1,200}$",
            description="Any text that no other request of yours has: the same request again is not done again.",
        ),
    ] = None,
) -> Once:
    return Once(request, idempotency_key)


#: `once: Idempotent` in the arguments of a POST route, which returns `once(session, caller.key_id, body, do, Answer)`.
Idempotent = Annotated[Once, Depends(_once)]
