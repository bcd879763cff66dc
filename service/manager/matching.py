"""Matches, one at a time beside the studies: each is a single task of the pool."""

import logging
import time
from pathlib import Path
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from nebula import distances
from nebula.errors import NebulaError, StudyDisconnected, StudyInterrupted
from nebula.matching import Effort, find_jobs
from nebula.tuning import Control, Workers, match_all
from service.corpora.targets import usable
from service.database import Database
from service.errors import ServiceError, Unavailable
from service.manager.pool import SharedPool
from service.matches import queries
from service.matches.schemas import DISTANCE
from service.matches.tables import RecordingMatch
from service.settings import Settings

_log = logging.getLogger("service.manager")

# How long the queue rests after the database or the pool was gone.
_REST_SECONDS = 5.0

# A search that killed so many workers is given up.
_FAILURES_ALLOWED = 2


class Matcher:
    """Works on matches, the oldest first.

    Args:
        settings: Where things are.
        database: Where matches are.
        pool: The workers.
    """

    def __init__(self, settings: Settings, database: Database, pool: SharedPool) -> None:
        self._settings, self._database, self._pool = settings, database, pool
        self._thread: Thread | None = None
        self._control = Control()
        self._id = ""
        self._rests_until = 0.0

    @property
    def is_working(self) -> bool:
        """Whether a search runs."""
        return self._thread is not None and self._thread.is_alive()

    def tick(self) -> None:
        """Does what is to be done at this moment: begins the next match, or leaves one that was deleted."""
        if self.is_working:
            with self._database.read() as session:
                wanted = queries.is_wanted(session, self._id)
            if not wanted:
                self._control.leave()
            return
        if time.monotonic() < self._rests_until:
            return
        with self._database.read() as session:
            match = queries.next_in_line(session)
        if match is not None:
            with self._database.begin() as session:
                queries.begin(session, match.id)
            self._id, self._control = match.id, Control()
            # Not a daemon: a process that ends waits for what is being written.
            self._thread = Thread(target=self._work, args=(match, self._control), name=f"match {match.id}")
            self._thread.start()

    def leave(self) -> None:
        """Has a search that runs end; the next manager begins it anew."""
        self._control.leave()

    def join(self) -> None:
        """Waits until no search runs."""
        if self._thread is not None:
            self._thread.join()

    def _work(self, match: RecordingMatch, control: Control) -> None:
        try:
            self._search(match, control)
        except StudyInterrupted:
            _log.info("match %s: left", match.id)
        except (StudyDisconnected, Unavailable, SQLAlchemyError) as error:
            self._rest(match, _one_line(error))
        except (NebulaError, ServiceError) as error:
            self._fail(match, _one_line(error))
        except OSError as error:
            self._fail(match, f"{error.filename or 'files'}: {error.strerror or error}")
        except Exception as error:
            _log.exception("match %s: an unexpected error", match.id)
            self._fail(match, f"internal error ({type(error).__name__}); the manager's log has more")

    def _search(self, match: RecordingMatch, control: Control) -> None:
        settings, distance = self._settings, distances.get(DISTANCE)
        effort = Effort(match.bank, generations=match.generations, seed=match.seed)
        with self._database.read() as session:
            corpus = usable(session, settings.home, match.corpus).subset([match.recording])
        jobs = find_jobs([corpus], Path(), match.synth, distance, effort)
        workers = Workers(
            device=settings.device,
            scheduler=self._pool.address,
            tls=self._pool.tls,
            failures_allowed=_FAILURES_ALLOWED,
        )
        for _, found in match_all(jobs, match.synth, distance, effort, workers=workers, control=control):
            with self._database.begin() as session:
                queries.finish(session, match.id, found.unit.tolist(), found.distance, found.retrieved)
        _log.info("match %s: done", match.id)

    def _rest(self, match: RecordingMatch, reason: str) -> None:
        _log.warning("match %s: waits, %s", match.id, reason)
        self._rests_until = time.monotonic() + _REST_SECONDS
        try:
            with self._database.begin() as session:
                queries.wait(session, match.id, reason)
        except SQLAlchemyError:
            # It stays as one that runs, and is begun anew once the database answers.
            return

    def _fail(self, match: RecordingMatch, reason: str) -> None:
        _log.warning("match %s: failed, %s", match.id, reason)
        try:
            with self._database.begin() as session:
                queries.fail(session, match.id, reason)
        except SQLAlchemyError:
            # It stays as one that runs, and fails again once the database answers.
            self._rests_until = time.monotonic() + _REST_SECONDS


def _one_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[:1])
