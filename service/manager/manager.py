"""What to begin, go on with, leave and end, over and over."""

import logging
import time
from dataclasses import dataclass, field
from threading import Event as Flag

from sqlalchemy import Select, case, select, update
from sqlalchemy.exc import SQLAlchemyError

from service.database import Database
from service.errors import Conflict
from service.manager.lease import SILENCE_SECONDS, Lease, LeaseLost
from service.manager.matching import Matcher
from service.manager.pool import SharedPool
from service.manager.run import Assignment, End, Run
from service.manager.shares import shares
from service.settings import Settings
from service.studies.moves import move
from service.studies.states import ACTIVE, ManagerVerb, StudyState, StudyVerb
from service.studies.tables import Study

_log = logging.getLogger("service.manager")

# How soon a wish is seen, and a study where there was none.
_TICK_SECONDS = 0.5
_IDLE_TICK_SECONDS = 1.0

# How often the lease is renewed and the workers are looked at.
_BEAT_SECONDS = 4.0

# How long a study waits that found the database or the pool gone: longer each time, up to the last.
_BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


@dataclass
class _Pause:
    """When a study that lost its database or its pool is tried again."""

    times: int = 0
    until: float = field(default=0.0)

    def lengthen(self) -> None:
        self.until = time.monotonic() + _BACKOFF_SECONDS[min(self.times, len(_BACKOFF_SECONDS) - 1)]
        self.times += 1


class Manager:
    """Works on studies and matches as long as it has the lease.

    Args:
        settings: Where things are, and how many studies run at once.
        database: Where studies are.
        lease: Taken already.
        pool: The workers.
    """

    def __init__(self, settings: Settings, database: Database, lease: Lease, pool: SharedPool) -> None:
        self._settings, self._database, self._lease, self._pool = settings, database, lease, pool
        self._runs: dict[str, Run] = {}
        self._pauses: dict[str, _Pause] = {}
        self._matcher = Matcher(settings, database, pool)
        self._renewed_at = time.monotonic()
        self._beat_at = self._renewed_at - _BEAT_SECONDS
        self._is_idle = False

    def work(self, stop: Flag) -> None:
        """Works until `stop` is set; studies that run then are left as they are, for the next manager.

        Raises:
            LeaseLost: Another manager works.
        """
        troubled = False
        try:
            while not stop.wait(_IDLE_TICK_SECONDS if self._is_idle else _TICK_SECONDS):
                try:
                    self._beat()
                    self._tick()
                    if troubled:
                        _log.info("the database answers again")
                    troubled = False
                except SQLAlchemyError as error:
                    if not troubled:
                        _log.warning("the database does not answer: %s", str(error).splitlines()[0])
                    troubled = True
                    if time.monotonic() - self._renewed_at > SILENCE_SECONDS:
                        # Another manager may have the lease by now. Nobody enters a trial until that is known.
                        self._leave_all()
        finally:
            self._leave_all()
            for run in self._runs.values():
                run.join()
            self._matcher.join()

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at < _BEAT_SECONDS:
            return
        if not self._pool.report(self._database, self._lease.holder):
            raise LeaseLost("manager: another one has taken over, since this one was not heard of for too long")
        self._beat_at = self._renewed_at = time.monotonic()

    def _tick(self) -> None:
        """Does what is to be done at this moment; safe to be cut short anywhere and done again."""
        self._matcher.tick()
        with self._database.read() as session:
            studies = list(session.scalars(_in_line()))
        self._is_idle = not studies and not self._runs
        if self._is_idle:
            return
        for study in studies:
            if study.state in ACTIVE:
                self._obey(study)
        self._settle()
        with self._database.read() as session:
            studies = list(session.scalars(_in_line()))
        for study in studies:
            self._begin(study)
        self._share(studies)

    def _obey(self, study: Study) -> None:
        """Passes a wish on to the study's run, or does it where there is none."""
        if study.wish is None:
            return
        run = self._runs.get(study.id)
        if study.wish is StudyVerb.STOP and study.state is StudyState.RUNNING:
            self._move(study, StudyVerb.STOP)
            if run is not None:
                run.control.finish()
        elif study.wish is StudyVerb.SKIP:
            # All has been scored. Without a run there will be one, and this is come to again.
            if run is not None:
                run.control.finish()
        elif run is not None:
            run.control.leave()
        else:
            self._move(study, study.wish)

    def _settle(self) -> None:
        """Does what follows from runs that have ended."""
        for study_id, run in list(self._runs.items()):
            if run.end is None:
                continue
            with self._database.read() as session:
                study = session.get(Study, study_id)
            if study is not None and study.state in ACTIVE:
                self._settle_one(study, run)
            del self._runs[study_id]

    def _settle_one(self, study: Study, run: Run) -> None:
        if run.end is End.WAITS:
            self._pauses.setdefault(study.id, _Pause()).lengthen()
            _log.warning("study %s: waits, %s", study.id, run.reason)
            self._note(study, f"waits: {run.reason}")
            return
        self._pauses.pop(study.id, None)
        if run.end is End.FAILED:
            _log.warning("study %s: failed, %s", study.id, run.reason)
            self._move(study, ManagerVerb.FAIL, run.reason)
        elif run.end is End.FINISHED:
            self._move(study, ManagerVerb.FINISH)
        elif study.wish is not None and study.wish is not StudyVerb.STOP:
            self._move(study, study.wish)
        elif study.state is StudyState.STOPPING:
            self._move(study, ManagerVerb.FINISH, run.reason)
        # Else it was left because the lease was in doubt, and goes on with the next tick.

    def _begin(self, study: Study) -> None:
        """Starts a run, for a queued study if there is room."""
        if study.id in self._runs or (study.id in self._pauses and time.monotonic() < self._pauses[study.id].until):
            return
        if study.state is StudyState.QUEUED:
            if self._settings.studies_at_once <= self._active():
                return
            if not self._move(study, ManagerVerb.CLAIM):
                return
            study.failures = 0
        else:
            self._note(study, "")
        order = Assignment(study.id, study.name, study.spec, max(0, study.failures_allowed - study.failures))
        run = Run(order, self._settings, self._database, self._pool)
        if study.state is StudyState.STOPPING:
            run.control.finish()
        self._runs[study.id] = run

    def _active(self) -> int:
        waiting = [study_id for study_id in self._pauses if study_id not in self._runs]
        return len(self._runs) + len(waiting)

    def _share(self, studies: list[Study]) -> None:
        """Tells every run its share of the pool."""
        caps = {study.id: study.concurrency for study in studies if study.id in self._runs}
        for study_id, share in shares(self._pool.slots, caps).items():
            self._runs[study_id].control.share = share

    def _leave_all(self) -> None:
        self._matcher.leave()
        for run in self._runs.values():
            run.control.leave()

    def _move(self, study: Study, action: StudyVerb | ManagerVerb, reason: str = "") -> bool:
        """Returns whether the study was moved; it was not if somebody else did something with it first."""
        try:
            with self._database.begin() as session:
                move(session, study, action, reason)
        except Conflict as error:
            _log.info("%s", error)
            return False
        _log.info("study %s: %s", study.id, action)
        return True

    def _note(self, study: Study, reason: str) -> None:
        if study.reason != reason:
            with self._database.begin() as session:
                of_study = (Study.id == study.id) & (Study.state == study.state)
                session.execute(update(Study).where(of_study).values(reason=reason))


def _in_line() -> Select[Study]:
    """Studies to work on: those that run already, then the queued ones by priority, the oldest first."""
    return (
        select(Study)
        .where(Study.state.in_((*ACTIVE, StudyState.QUEUED)))
        .order_by(
            case((Study.state == StudyState.QUEUED, 1), else_=0), Study.priority.desc(), Study.created_at, Study.id
        )
    )
