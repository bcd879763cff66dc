"""Finding out, one by one, which sounds of new corpora can be used.

What was found is in the database; after a crash the rest is read.
"""

import logging
import time
from threading import Condition, Thread

from sqlalchemy.exc import SQLAlchemyError

from nebula.errors import CorpusError, SoundError
from service.corpora import queries
from service.corpora.decoder import Decoder
from service.corpora.store import Store
from service.corpora.tables import Corpus, CorpusSound, CorpusState
from service.database import Database

_log = logging.getLogger(__name__)

# What was found goes to the database this often: a page that watches moves on, and writing costs little.
_REPORT_SECONDS = 0.5

# A database that was restarted is back within seconds.
_RETRY_SECONDS = 2.0


class Inspector:
    """A thread that reads the sounds of new corpora, one corpus at a time, the oldest first.

    Args:
        database: Where corpora are and findings go.
        store: Where their files are.
        decoder: What reads them.
    """

    def __init__(self, database: Database, store: Store, decoder: Decoder) -> None:
        self._database, self._store, self._decoder = database, store, decoder
        self._changed = Condition()
        self._stopping = False
        self._asked = True  # what an earlier process left
        self._thread = Thread(target=self._run, name="inspection", daemon=True)

    def start(self) -> None:
        """Begins, with what an earlier process has left."""
        self._thread.start()

    def wake(self) -> None:
        """Says that there is a new corpus."""
        with self._changed:
            self._asked = True
            self._changed.notify_all()

    def wait(self, corpus_id: str, seconds: float) -> None:
        """Returns when a corpus has been read, or after so many seconds."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._is_reading(corpus_id) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def stop(self) -> None:
        """Ends the thread after the sound that it reads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _is_reading(self, corpus_id: str) -> bool:
        with self._database.read() as session:
            corpus = session.get(Corpus, corpus_id)
            return corpus is not None and corpus.state is CorpusState.READING

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked or self._stopping)
                if self._stopping:
                    return
                self._asked = False
            try:
                self._read_all()
            except SQLAlchemyError as error:
                _log.warning("the database does not answer, trying again: %s", str(error).splitlines()[0])
                with self._changed:
                    self._asked = True
                    self._changed.wait_for(lambda: self._stopping, _RETRY_SECONDS)

    def _read_all(self) -> None:
        with self._database.read() as session:
            waiting = queries.unread(session)
        for corpus_id in waiting:
            self._read(corpus_id)
            with self._changed:
                self._changed.notify_all()
                if self._stopping:
                    return

    def _read(self, corpus_id: str) -> None:
        with self._database.read() as session:
            names = queries.unread_sounds(session, corpus_id)
        path = self._store.content(corpus_id)
        found: dict[int, float | str] = {}
        reported = time.monotonic()
        for number, name in names:
            try:
                found[number] = self._decoder.seconds(path, name)
            except SoundError as error:
                found[number] = str(error)
            except CorpusError as error:
                # The folder or zip itself cannot be read any more: deleted meanwhile, or damaged on disk.
                self._fail(corpus_id, str(error).removeprefix(f"{path}: "))
                return
            if time.monotonic() - reported > _REPORT_SECONDS:
                if self._stopping or not self._report(corpus_id, found):
                    return
                found, reported = {}, time.monotonic()
        self._report(corpus_id, found)

    def _report(self, corpus_id: str, found: dict[int, float | str]) -> bool:
        """Writes what was found; returns whether the corpus is still there."""
        with self._database.begin() as session:
            corpus = session.get(Corpus, corpus_id, with_for_update=True)
            if corpus is None:
                return False
            for number, finding in found.items():
                sound = session.get_one(CorpusSound, (corpus_id, number))
                if isinstance(finding, str):
                    sound.reason = finding
                else:
                    sound.seconds = finding
            session.flush()
            queries.recount(session, corpus)
        return True

    def _fail(self, corpus_id: str, reason: str) -> None:
        with self._database.begin() as session:
            corpus = session.get(Corpus, corpus_id, with_for_update=True)
            if corpus is not None:
                _log.warning("corpus %s: %s", corpus_id, reason)
                corpus.state, corpus.reason = CorpusState.FAILED, reason
