"""Finding out, one by one, which sounds of new corpora can be used.

What was found is in the database; after a crash the rest is read.
"""

import logging
import time
from collections.abc import Callable
from threading import Condition, Thread

from sqlalchemy.exc import SQLAlchemyError

from nebula.errors import CorpusError, SoundError
from service.corpora import queries
from service.corpora.decoder import Decoder, Finding
from service.corpora.store import CorpusStore
from service.corpora.tables import CorpusState, UploadedCorpus
from service.database import Database
from service.database.faults import fault

_log = logging.getLogger(__name__)

# What was found goes to the database this often: a page that watches moves on, writing costs little, and a corpus of a
# few sounds waits no longer. More sounds than one can read in that time need not be asked for.
_SLICE_SECONDS = 0.5
_MOST_SOUNDS = 2000

# A database that was restarted is back within seconds.
_RETRY_SECONDS = 2.0


class Inspector:
    """Two threads that read the sounds of new corpora side by side, each in slices of half a second.

    After each slice the first turns to the corpus that has waited longest, the second to the one with the fewest sounds
    left. So a few sounds never wait behind many, and many come to their end however many few arrive.

    Args:
        database: Where corpora are and findings go.
        store: Where their files are.
        decoder: What reads them.
    """

    def __init__(self, database: Database, store: CorpusStore, decoder: Decoder) -> None:
        self._database, self._store, self._decoder = database, store, decoder
        self._changed = Condition()
        self._stopping = False
        self._asked = 0  # how often; what an earlier process left counts as the first time
        self._held: set[str] = set()
        self._threads = [
            Thread(target=self._run, args=(choose,), name="inspection", daemon=True) for choose in (_oldest, _smallest)
        ]

    def start(self) -> None:
        """Begins, with what an earlier process has left."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Says that there is a new corpus."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()

    def wait(self, corpus_id: str, seconds: float) -> None:
        """Returns when a corpus has been read, or after so many seconds."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._is_reading(corpus_id) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def stop(self) -> None:
        """Ends the threads, each after the sound that it reads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _is_reading(self, corpus_id: str) -> bool:
        with self._database.read() as session:
            corpus = session.get(UploadedCorpus, corpus_id)
            return corpus is not None and corpus.state is CorpusState.READING

    def _run(self, choose: Callable[[list[queries.Unread]], queries.Unread]) -> None:
        while not self._stopping:
            asked = self._asked
            try:
                corpus_id = self._taken(choose)
                if corpus_id is None:
                    with self._changed:
                        self._changed.wait_for(lambda asked=asked: self._asked != asked or self._stopping)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
                    continue
                try:
                    self._read(corpus_id)
                finally:
                    with self._changed:
                        self._held.remove(corpus_id)
                        self._changed.notify_all()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("reading waits: %s", fault(error) or str(error).splitlines()[0])
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, _RETRY_SECONDS)

    def _taken(self, choose: Callable[[list[queries.Unread]], queries.Unread]) -> str | None:
        """Returns the id of the corpus to go on with, which no other thread reads; None if there is none."""
        with self._changed:
            with self._database.read() as session:
                waiting = [corpus for corpus in queries.unread(session) if corpus.id not in self._held]
            if not waiting:
                return None
            corpus_id = choose(waiting).id
            self._held.add(corpus_id)
            return corpus_id

    def _read(self, corpus_id: str) -> None:
        """Reads a slice of a corpus' sounds."""
        with self._database.read() as session:
            names = queries.unread_sounds(session, corpus_id, _MOST_SOUNDS)
        path = self._store.content(corpus_id)
        found: dict[int, Finding | str] = {}
        began = time.monotonic()
        for number, name in names:
            try:
                found[number] = self._decoder.finding(path, name)
            except SoundError as error:
                found[number] = str(error)
            except CorpusError as error:
                # The folder or zip itself cannot be read any more: deleted meanwhile, or damaged on disk.
                self._fail(corpus_id, str(error).removeprefix(f"{path}: "))
                return
            if self._stopping:
                break
            if time.monotonic() - began > _SLICE_SECONDS:
                self._decoder.prepare(len(self._held) + 1)
                break
        with self._database.begin() as session:
            corpus = session.get(UploadedCorpus, corpus_id, with_for_update=True)
            if corpus is not None:  # else deleted meanwhile
                queries.enter_findings(session, corpus, dict(names), found)

    def _fail(self, corpus_id: str, reason: str) -> None:
        with self._database.begin() as session:
            corpus = session.get(UploadedCorpus, corpus_id, with_for_update=True)
            if corpus is not None:
                _log.warning("corpus %s: %s", corpus_id, reason)
                corpus.state, corpus.reason = CorpusState.FAILED, reason


def _oldest(waiting: list[queries.Unread]) -> queries.Unread:
    return waiting[0]


def _smallest(waiting: list[queries.Unread]) -> queries.Unread:
    return min(waiting, key=lambda corpus: corpus.sounds)
