"""The workers that all studies share, and what is known about them."""

import logging
import time
from collections import deque
from threading import Lock

from sqlalchemy import delete, update

from nebula.errors import StudyDisconnected
from nebula.tuning import Evaluation, Tls, Workplace
from service.database import Database, now
from service.manager.tables import ManagerBeat, WorkerBeat

_log = logging.getLogger("service.manager")

_MINUTE_SECONDS = 60.0


class SharedPool:
    """A scheduler with its workers, on this machine or on others.

    Args:
        workplace: The scheduler.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._counting = Lock()
        self._lately: deque[float] = deque()
        self._uncounted: list[Evaluation] = []
        self.slots = 1
        self._is_reached: bool | None = None

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return self._workplace.address

    @property
    def tls(self) -> Tls | None:
        """What to show to it, None without TLS."""
        return self._workplace.tls

    def count(self, evaluation: Evaluation) -> None:
        """Notes what a worker has computed."""
        with self._counting:
            self._lately.append(time.monotonic())
            self._uncounted.append(evaluation)

    def report(self, database: Database, holder: str) -> bool:
        """Looks at the workers and enters what it finds; returns whether `holder` still has the lease.

        Args:
            database: Where it is entered.
            holder: Of the lease, whose heartbeat this is.
        """
        try:
            workers = self._workplace.look()
        except StudyDisconnected as error:
            workers = None
            if self._is_reached is not False:
                _log.warning("%s", error)
        self._is_reached = workers is not None
        self.slots = max(1, len(workers or ()))
        with self._counting:
            while self._lately and self._lately[0] < time.monotonic() - _MINUTE_SECONDS:
                self._lately.popleft()
            counted, per_minute = list(self._uncounted), len(self._lately)
        with database.begin() as session:
            beat = session.scalar(
                update(ManagerBeat)
                .where(ManagerBeat.holder == holder)
                .values(
                    beat_at=now(),
                    pool_reached=self._is_reached,
                    tasks=sum(worker.tasks for worker in workers or ()),
                    evaluations=ManagerBeat.evaluations + len(counted),
                    evaluations_per_minute=per_minute,
                    render_seconds=ManagerBeat.render_seconds + sum(e.render_seconds for e in counted),
                    embed_seconds=ManagerBeat.embed_seconds + sum(e.embed_seconds for e in counted),
                    score_seconds=ManagerBeat.score_seconds + sum(e.score_seconds for e in counted),
                )
                .returning(ManagerBeat.id)
            )
            if beat is None:
                return False
            session.execute(delete(WorkerBeat))
            session.add_all(
                WorkerBeat(
                    address=worker.address,
                    name=worker.name,
                    host=worker.host,
                    device=worker.device,
                    tasks=worker.tasks,
                    memory_bytes=worker.memory_bytes,
                    seen_at=worker.seen_at,
                )
                for worker in workers or ()
            )
        # Not before it is committed: a database that is away makes the same evaluations count later.
        with self._counting:
            del self._uncounted[: len(counted)]
        return True

    def close(self) -> None:
        """Ends local workers; those of a remote scheduler stay."""
        self._workplace.close()
