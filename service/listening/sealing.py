"""Sealing: a thread that renders the sounds of tests, keeps them, and commits to which is which."""

import logging
import secrets
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from sqlalchemy.orm import Session

from nebula.errors import NebulaError
from nebula.evaluation.listening import commit, new_salt
from service.corpora.targets import usable
from service.database import Database, now
from service.errors import ServiceError
from service.listening import queries
from service.listening.spec import ListeningSpec
from service.listening.states import State, Verb, after
from service.listening.stimuli import Sources, Stimulus, named, render
from service.listening.store import Store
from service.listening.tables import ListeningTest
from service.nebulae.shelf import Shelf
from service.settings import Settings

_log = logging.getLogger(__name__)

# So often a test says how many of its sounds are ready.
_REPORT_EVERY = 16

_SECRET_BYTES = 32


class _Stopped(Exception):  # noqa: N818 — nothing went wrong
    """The server stops."""


class Sealer:
    """Renders the sounds of one test after the other.

    Args:
        settings: Where the home folder is.
        database: Where tests are.
        store: Where their sounds go.
    """

    def __init__(self, settings: Settings, database: Database, store: Store) -> None:
        self._home, self._database, self._store = settings.home, database, store
        self._shelf = Shelf(settings.home)
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="sealing", daemon=True)

    def start(self) -> None:
        """Begins, with what an earlier process has left."""
        with self._database.read() as session:
            self._store.clean(queries.folders(session))
            for test_id in queries.sealing(session):
                self._waiting.put(test_id)
        self._thread.start()

    def seal(self, test_id: str) -> None:
        """Says that there is another one to be rendered."""
        self._waiting.put(test_id)

    def stop(self) -> None:
        """Ends the thread after the sounds that it renders; what is not done is done by the next process."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join()

    def sources(self, session: Session, spec: ListeningSpec) -> Sources:
        """Returns where a test's sounds come from.

        Raises:
            NotFound: There is no such nebula or corpus.
            Conflict: A corpus is still being read, or none of its sounds can be used.
        """
        nebulae, corpora = named(spec)
        return Sources(
            {name: self._shelf.find(session, name)[1] for name in sorted(nebulae)},
            {corpus_id: usable(session, self._home, corpus_id) for corpus_id in sorted(corpora)},
        )

    def _run(self) -> None:
        while (test_id := self._waiting.get()) is not None and not self._stopping.is_set():
            try:
                self._seal(test_id)
            except _Stopped:
                return
            except (ServiceError, NebulaError, OSError) as error:
                self._fail(test_id, " ".join(str(error).split()))
            except Exception:
                # Which nebula or seed it was stays out of what experimenters read.
                _log.exception("rendering failed")
                self._fail(test_id, "the server failed while rendering; its log tells more")

    def _seal(self, test_id: str) -> None:
        with self._database.read() as session:
            test = queries.find(session, test_id)
            if test.state is not State.SEALING:
                return
            spec = queries.spec_of(test)
            sources, used = self.sources(session, spec), queries.used_seeds(session)

        def advance(done: int) -> None:
            if self._stopping.is_set():
                raise _Stopped
            if done % _REPORT_EVERY == 0:
                with self._database.begin() as session:
                    queries.find(session, test_id).rendered = done

        stimuli, loudness_lufs = render(spec, sources, used, advance)
        folder, names = self._store.keep([stimulus.audio for stimulus in stimuli])
        key_map = self._key_map(spec, folder, dict(zip(names, stimuli, strict=True)), sources)
        with self._database.begin() as session:
            test = queries.find(session, test_id, changing=True)
            _keep(test, key_map, folder, len(stimuli), loudness_lufs)

    def _key_map(
        self, spec: ListeningSpec, folder: str, stimuli: dict[str, Stimulus], sources: Sources
    ) -> dict[str, Any]:
        """Returns what is committed to: which file is what, what each nebula was, and the plan."""
        return {
            "stimuli": {
                name: {
                    "question": stimulus.question,
                    "item": stimulus.item,
                    "system": stimulus.system,
                    "place": stimulus.place,
                    "source": stimulus.source,
                    "sha256": self._store.digest(folder, name),
                }
                for name, stimulus in stimuli.items()
            },
            "nebulae": {name: nebula.to_json() for name, nebula in sources.nebulae.items()},
            "plan": spec.plan.to_json(),
        }

    def _fail(self, test_id: str, reason: str) -> None:
        _log.warning("listening test %s: %s", test_id, reason)
        with self._database.begin() as session:
            test = queries.find(session, test_id, changing=True)
            test.state, test.reason = after(test.state, Verb.FAIL) or test.state, reason


def _keep(test: ListeningTest, key_map: dict[str, Any], folder: str, rendered: int, loudness_lufs: float) -> None:
    state = after(test.state, Verb.FINISH)
    assert state is not None
    test.state, test.sealed_at, test.reason = state, now(), ""
    test.folder, test.rendered, test.loudness_lufs = folder, rendered, loudness_lufs
    test.key_map, test.salt = key_map, new_salt()
    test.commitment = commit(key_map, test.salt)
    test.secret = secrets.token_hex(_SECRET_BYTES)
