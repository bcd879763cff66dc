"""What happens to studies, as it happens: one poller in the process, however many follow.

SQLite cannot tell a process that another one has written, so the database is asked several times a second, as long as
anybody follows. A follower that connects again names the last event it knows, and gets later ones from the database.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from service.database import Database
from service.database.faults import fault
from service.studies import queries
from service.studies.tables import StudyEvent

Found = TypeVar("Found")

_log = logging.getLogger("service.studies.feed")

_POLL_SECONDS = 0.25

# Proxies close a stream in which nothing was sent for longer.
_QUIET_SECONDS = 15.0

# A follower with this many events waiting is disconnected; it comes back, and reads the rest from the database.
_EVENTS_WAITING = 1000

_EVENTS_AT_ONCE = 500

# One for the poller, and one for followers that have just connected.
_THREADS = 2

# After this long a follower is disconnected; when it comes back, its key is checked again.
_LIFETIME_SECONDS = 900.0

# Transactions of different studies end in another order than their events are numbered. An event may thus be seen after
# others with greater numbers: this many of those are looked at again.
_OVERLAP = 100


@dataclass(frozen=True)
class Happening:
    """Something that happened to a study.

    Attributes:
        id: Greater than that of what happened to the same study before.
        kind: state, wish, stage, trial, best, importance, finalist or failure.
        data: What there is to say.
    """

    id: int
    kind: str
    data: dict[str, Any]


class Feed:
    """Follows studies for whoever asks; used from one event loop.

    Args:
        database: Where events are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: dict[str, set[asyncio.Queue[Happening | None]]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._closed = False
        self._lane = anyio.CapacityLimiter(_THREADS)

    async def follow(self, study_id: str, after: int | None) -> AsyncIterator[Happening | None]:
        """Yields what happens to a study, and None when nothing has happened for some seconds.

        It ends after a while, when the server stops, when the database is away, or when the follower falls too far
        behind.

        Args:
            study_id: Of the study.
            after: The last event that the follower knows; None if what is past does not matter.
        """
        queue: asyncio.Queue[Happening | None] = asyncio.Queue(_EVENTS_WAITING)
        followers = self._followers.setdefault(study_id, set())
        followers.add(queue)
        end = asyncio.get_running_loop().call_later(_LIFETIME_SECONDS, _end, queue)
        self._ensure_polling()
        try:
            last = await self._in_thread(self._last, study_id) if after is None else after
            while missed := await self._in_thread(self._missed, study_id, last):
                for happening in missed:
                    yield happening
                last = missed[-1].id
            while not self._closed:
                try:
                    following = await asyncio.wait_for(queue.get(), _QUIET_SECONDS)
                except TimeoutError:
                    yield None
                    continue
                if following is None:
                    break
                if following.id > last:
                    last = following.id
                    yield following
        except SQLAlchemyError as error:
            # The follower comes back, and is told the reason then.
            _log.warning("a follower is disconnected: %s", fault(error) or str(error).splitlines()[0])
        finally:
            end.cancel()
            followers.discard(queue)
            if not followers:
                self._followers.pop(study_id, None)

    def close(self) -> None:
        """Ends all that follow."""
        self._closed = True
        for followers in self._followers.values():
            for queue in followers:
                _end(queue)
        if self._poller is not None:
            self._poller.cancel()

    def _ensure_polling(self) -> None:
        if not self._closed and (self._poller is None or self._poller.done()):
            self._poller = asyncio.get_running_loop().create_task(self._poll())

    async def _in_thread(self, ask: Callable[..., Found], *arguments: Any) -> Found:
        # Not one of the threads that answer requests: when all of those are busy, events are still on time.
        return await anyio.to_thread.run_sync(ask, *arguments, limiter=self._lane)

    async def _poll(self) -> None:
        """Asks the database until nobody follows."""
        seen: deque[int] = deque(maxlen=10 * _OVERLAP)
        last: int | None = None
        troubled = False
        while self._followers:
            try:
                if last is None:
                    last = await self._in_thread(self._last, None)
                events = await self._in_thread(self._new, last - _OVERLAP, frozenset(seen))
                troubled = False
            except SQLAlchemyError as error:
                if not troubled:
                    _log.warning("events wait: %s", fault(error) or str(error).splitlines()[0])
                troubled, events = True, []
            for study_id, happening in events:
                seen.append(happening.id)
                last = max(last or 0, happening.id)
                for queue in self._followers.get(study_id, ()):
                    _put(queue, happening)
            await asyncio.sleep(_POLL_SECONDS)

    def _missed(self, study_id: str, after: int) -> list[Happening]:
        with self._database.read() as session:
            return [_happening(event) for event in queries.events(session, study_id, after, _EVENTS_AT_ONCE)]

    def _last(self, study_id: str | None) -> int:
        query = select(func.max(StudyEvent.id))
        if study_id is not None:
            query = query.where(StudyEvent.study_id == study_id)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def _new(self, after: int, seen: frozenset[int]) -> list[tuple[str, Happening]]:
        with self._database.read() as session:
            fresh = set(session.scalars(select(StudyEvent.id).where(StudyEvent.id > after))) - seen
            if not fresh:
                return []
            query = select(StudyEvent).where(StudyEvent.id >= min(fresh)).order_by(StudyEvent.id)
            return [(event.study_id, _happening(event)) for event in session.scalars(query) if event.id in fresh]


def _happening(event: StudyEvent) -> Happening:
    return Happening(event.id, event.kind, event.data)


def _put(queue: asyncio.Queue[Happening | None], happening: Happening) -> None:
    if queue.full():
        _end(queue)
    else:
        queue.put_nowait(happening)


def _end(queue: asyncio.Queue[Happening | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
