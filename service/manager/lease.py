"""That only one manager works at a time."""

import socket
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError

from service.database import Database, new_id, now
from service.errors import ServiceError
from service.manager.tables import ManagerBeat

#: A manager of another machine that has not been heard of for this long is taken for dead. The machines' clocks have to
#: agree within a few seconds.
SILENCE_SECONDS = 15.0


class LeaseLost(ServiceError):  # noqa: N818 — it says what happened
    """Another manager has taken over."""


class Lease:
    """The right to work on studies.

    On one machine a lock on a file in the home folder decides: the system frees it when its holder dies, at once, and
    not while the holder is only stopped. Between machines a row with a heartbeat does.

    Args:
        database: Where the row is.
        home: The home folder.
    """

    def __init__(self, database: Database, home: Path) -> None:
        self.holder = new_id()
        self._database, self._home, self._host = database, home, socket.gethostname()
        self._lock = FileLock(home / "manager.lock", timeout=0, mode=0o644)

    def take(self) -> bool:
        """Returns whether this process has the lease now; another one that works keeps it."""
        if not self._lock.is_locked:
            try:
                self._lock.acquire()
            except Timeout:
                return False
        try:
            with self._database.begin() as session:
                if session.get(ManagerBeat, 1) is None:
                    session.add(ManagerBeat(host=self._host, home=str(self._home)))
        except IntegrityError:
            # Another machine's manager has just made the row.
            return False
        free = or_(
            ManagerBeat.holder == "",
            ManagerBeat.holder == self.holder,
            ManagerBeat.beat_at < now() - timedelta(seconds=SILENCE_SECONDS),
            # It had the lock that this process has now: it is dead.
            (ManagerBeat.host == self._host) & (ManagerBeat.home == str(self._home)),
        )
        with self._database.begin() as session:
            taken = session.scalar(
                update(ManagerBeat)
                .where(free)
                .values(holder=self.holder, host=self._host, home=str(self._home), beat_at=now())
                .returning(ManagerBeat.id)
            )
        return taken is not None

    def release(self) -> None:
        """Lets the next manager begin at once."""
        with self._database.begin() as session:
            session.execute(update(ManagerBeat).where(ManagerBeat.holder == self.holder).values(holder="", tasks=0))
        self._lock.release()
