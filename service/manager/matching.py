"""Matches, one at a time beside the studies: each is a single task of the pool.

Those that wait in a row for the same bank of random sounds, such as those of a whole corpus, share it: it takes longer
to render than a search.
"""

import logging
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from nebula import distances
from nebula.errors import NebulaError, StudyDisconnected, StudyInterrupted
from nebula.matching import Effort, Job, find_jobs
from nebula.tuning import Control, Searches, Workers
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
        # Set as one, since another thread reads both.
        self._now = ("", Control())
        self._is_leaving = False
        self._rests_until = 0.0

    @property
    def is_working(self) -> bool:
        """Whether a search runs."""
        return self._thread is not None and self._thread.is_alive()

    def tick(self) -> None:
        """Does what is to be done at this moment: begins the next match, or leaves one that was deleted."""
        if self.is_working:
            match_id, control = self._now
            with self._database.read() as session:
                wanted = queries.is_wanted(session, match_id)
            if not wanted:
                control.leave()
            return
        if time.monotonic() < self._rests_until:
            return
        match = self._next()
        if match is not None:
            # Not a daemon: a process that ends waits for what is being written.
            self._thread = Thread(target=self._work, args=(match,), name="matches")
            self._thread.start()

    def leave(self) -> None:
        """Has a search that runs end; the next manager begins it anew."""
        self._is_leaving = True
        self._now[1].leave()

    def join(self) -> None:
        """Waits until no search runs."""
        if self._thread is not None:
            self._thread.join()

    def _next(self, before: RecordingMatch | None = None) -> RecordingMatch | None:
        """Begins the next match, and returns it; after another one, only what is searched for in the same bank."""
        with self._database.read() as session:
            match = queries.next_in_line(session)
        if match is None or (before is not None and _bank(match) != _bank(before)):
            return None
        with self._database.begin() as session:
            queries.begin(session, match.id)
        self._now = (match.id, Control())
        if self._is_leaving:
            self._now[1].leave()
        return match

    def _work(self, match: RecordingMatch | None) -> None:
        """Works on a match, and on those behind it that begin with the same bank."""
        with ExitStack() as opened:
            searches: Searches | None = None
            try:
                while match is not None:
                    # What failed for one is not counted against the next.
                    if searches is None or searches.failures:
                        opened.close()
                        searches = None
                    searches = self._search(match, searches, opened)
                    match = self._next(match) if searches is not None else None
            except SQLAlchemyError as error:
                _log.warning("matches: wait, %s", _one_line(error))
                self._rests_until = time.monotonic() + _REST_SECONDS

    def _search(self, match: RecordingMatch, searches: Searches | None, opened: ExitStack) -> Searches | None:
        """Works on one match; returns the workers that the next one can have, None if there are none."""
        _, control = self._now
        try:
            job = self._job(match)
            if searches is None:
                searches = opened.enter_context(self._searches(match))
            for _, found in searches.do([job], control):
                with self._database.begin() as session:
                    queries.finish(session, match.id, found.unit.tolist(), found.distance, found.retrieved)
            _log.info("match %s: done", match.id)
            return searches
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
        return None

    def _job(self, match: RecordingMatch) -> Job:
        with self._database.read() as session:
            corpus = usable(session, self._settings.home, match.corpus).subset([match.recording])
        (job,) = find_jobs([corpus], Path(), match.synth, distances.get(DISTANCE), _effort(match))
        return job

    def _searches(self, match: RecordingMatch) -> Searches:
        workers = Workers(
            device=self._settings.device,
            scheduler=self._pool.address,
            tls=self._pool.tls,
            failures_allowed=_FAILURES_ALLOWED,
        )
        _log.info("matches: begin with a bank of %d random sounds of %s", match.bank, match.synth)
        return Searches(match.synth, distances.get(DISTANCE), _effort(match), workers=workers)

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


def _effort(match: RecordingMatch) -> Effort:
    return Effort(match.bank, generations=match.generations, seed=match.seed)


def _bank(match: RecordingMatch) -> tuple[str, Effort]:
    """Returns what is equal for matches whose searches begin with the same random sounds and are as long."""
    return match.synth, _effort(match)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[:1])
