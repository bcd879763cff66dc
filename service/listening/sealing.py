"""Sealing: a thread that renders the sounds of tests, keeps them, and commits to which is which."""

import logging
import secrets
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from nebula.errors import NebulaError
from nebula.listening import commit, new_salt
from service.corpora.targets import usable
from service.database import Database, now
from service.database.faults import fault
from service.errors import NotFound, ServiceError, Unprocessable
from service.listening import queries
from service.listening.audit import audit
from service.listening.design import questions
from service.listening.spec import ListeningSpec
from service.listening.states import ListeningState
from service.listening.stimuli import Rendered, Sources, Stimulus, named, render
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest
from service.nebulae.shelf import Shelf
from service.settings import Settings

_log = logging.getLogger(__name__)

# After this many sounds the test's count of ready ones is updated.
_REPORT_EVERY = 16

_SECRET_BYTES = 32

# How long the thread waits before it asks a database again that did not answer.
_RETRY_SECONDS = 2.0


class _Stopped(Exception):  # noqa: N818 — nothing went wrong
    """The server stops."""


class _Cancelled(Exception):  # noqa: N818 — nothing went wrong
    """The test is no longer to be sealed, or not as it was."""


class Sealer:
    """Renders the sounds of one test after the other.

    Args:
        settings: Where the home folder is.
        database: Where tests are.
        store: Where their sounds go.
    """

    def __init__(self, settings: Settings, database: Database, store: StimulusStore) -> None:
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
            while not self._attempt(test_id):
                if self._stopping.wait(_RETRY_SECONDS):
                    return

    def _attempt(self, test_id: str) -> bool:
        """Seals a test or says why not; returns whether the database was there for either."""
        try:
            try:
                self._seal(test_id)
            except (_Stopped, _Cancelled, NotFound, DBAPIError):
                raise
            except (ServiceError, NebulaError) as error:
                self._fail(test_id, " ".join(str(error).split()))
            except OSError as error:
                self._fail(test_id, fault(error) or f"the server's files: {error.strerror or error}")
            except Exception:
                # Which nebula or seed it was stays out of what experimenters read.
                _log.exception("rendering failed")
                self._fail(test_id, "the server failed while rendering; its log tells more")
        except (_Stopped, _Cancelled, NotFound):
            return True
        except DBAPIError as error:
            reason = fault(error) or " ".join(str(error).splitlines()[:1])
            _log.warning("listening test %s: %s, sealing is tried again", test_id, reason)
            return False
        return True

    def _seal(self, test_id: str) -> None:
        with self._database.read() as session:
            test = queries.find(session, test_id)
            if test.state is not ListeningState.SEALING:
                return
            spec = queries.spec_of(test)
            sources, used = self.sources(session, spec), queries.used_seeds(session)

        def advance(done: int) -> None:
            if self._stopping.is_set():
                raise _Stopped
            if done % _REPORT_EVERY == 0:
                with self._database.begin() as session:
                    test = queries.find(session, test_id, changing=True)
                    if test.state is not ListeningState.SEALING:
                        raise _Cancelled
                    test.rendered = done

        committed = committed_to(spec, render(spec, sources, used, advance), sources, self._store)
        try:
            rehearsed = ListeningTest(id=test_id, spec=spec.model_dump(mode="json"), **committed)
            # Nothing is committed to that could not be opened.
            if findings := audit(rehearsed, self._store):
                told = "; ".join(finding.message for finding in findings[:5])
                raise Unprocessable(f"listening test: the audit found leaks: {told}")
            with self._database.begin() as session:
                test = queries.find(session, test_id, changing=True)
                if test.state is not ListeningState.SEALING or queries.spec_of(test) != spec:
                    raise _Cancelled
                test.state, test.sealed_at, test.reason = ListeningState.SEALED, now(), ""
                for name, value in committed.items():
                    setattr(test, name, value)
        except BaseException:
            # The disk may be full, or the database away: files that no test refers to are removed.
            self._store.remove(committed["folder"])
            raise

    def _fail(self, test_id: str, reason: str) -> None:
        _log.warning("listening test %s: %s", test_id, reason)
        with self._database.begin() as session:
            test = queries.find(session, test_id, changing=True)
            # Else it was cancelled meanwhile.
            if test.state is ListeningState.SEALING:
                test.state, test.reason = ListeningState.DRAFT, reason


def committed_to(spec: ListeningSpec, rendered: Rendered, sources: Sources, store: StimulusStore) -> dict[str, Any]:
    """Returns what a test has once its sounds are kept and committed to, by the names of its columns.

    Args:
        spec: Of the test.
        rendered: Its sounds.
        sources: Its nebulae and corpora.
        store: Where the sounds go; nothing stays there if this fails.
    """
    folder, names = store.keep([stimulus.audio for stimulus in rendered.stimuli])
    try:
        stimuli = dict(zip(names, rendered.stimuli, strict=True))
        key_map = _key_map(spec, store, folder, stimuli, sources)
        key_map |= {"replaced": rendered.replaced, "channels": rendered.channels, "mono": rendered.mono}
        key_map |= {"lowered_db": rendered.lowered_db, "cut": rendered.cut, "seconds": spec.seconds}
        longest = max(stimulus.audio.shape[-1] for stimulus in rendered.stimuli)
        key_map |= {"longest_seconds": round(longest / spec.sample_rate_hz, 3)}
        salt = new_salt()
        return {
            "folder": folder,
            "rendered": len(stimuli),
            "loudness_lufs": rendered.loudness_lufs,
            "key_map": key_map,
            "salt": salt,
            "commitment": commit(key_map, salt),
            "secret": secrets.token_hex(_SECRET_BYTES),
        }
    except BaseException:
        store.remove(folder)
        raise


def _key_map(
    spec: ListeningSpec, store: StimulusStore, folder: str, stimuli: dict[str, Stimulus], sources: Sources
) -> dict[str, Any]:
    """Returns what is committed to: which file is what, what each nebula was, the attention checks, and the plan."""
    return {
        "stimuli": {
            name: {
                "question": stimulus.question,
                "item": stimulus.item,
                "system": stimulus.system,
                "place": stimulus.place,
                "source": stimulus.source,
                "sha256": store.digest(folder, name),
            }
            for name, stimulus in stimuli.items()
        },
        "nebulae": {name: nebula.to_json() for name, nebula in sources.nebulae.items()},
        "checks": [question.key for question in questions(spec) if question.check],
        "plan": spec.plan.to_json(),
    }
