"""One study in a thread of its own."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from nebula.errors import NebulaError, StudyDisconnected, StudyInterrupted
from nebula.tuning import Control, Rescored, Storage, StudyProgress, StudySpec, TrialFinished, Workers, tune
from service.database import Database
from service.errors import ServiceError, Unavailable
from service.launch.inputs import resolve
from service.manager.forecast import Forecast
from service.manager.mirror import Mirror
from service.manager.pool import SharedPool
from service.settings import Settings
from service.studies.queries import judging_seconds
from service.studies.results import artifacts_folder, ledger_name, study_folder

_log = logging.getLogger("service.manager")


class End(StrEnum):
    """How a run ended."""

    FINISHED = "finished"  #: results are written
    LEFT = "left"  #: it was asked to
    WAITS = "waits"  #: the database, the pool or the target is not there now; the study can go on later
    FAILED = "failed"  #: it cannot go on


@dataclass(frozen=True)
class Assignment:
    """What a run needs to know of a study."""

    id: str
    name: str
    spec: dict[str, Any]
    failures_left: int


class Run:
    """Tunes one study until it ends, is left, or its thread finds the database or the pool gone.

    Attributes:
        control: Through which the manager ends it early and changes its share of the pool.
        end: How it ended, None while it runs.
        reason: Why, in a sentence, where it did not finish.

    Args:
        order: The study.
        settings: Where things are.
        database: Where the mirror is kept.
        pool: The workers.
    """

    def __init__(self, order: Assignment, settings: Settings, database: Database, pool: SharedPool) -> None:
        self.order, self.control = order, Control(share=1)
        self.end: End | None = None
        self.reason = ""
        self._settings, self._database, self._pool = settings, database, pool
        # Not a daemon: a process that ends waits for what is being written.
        self._thread = Thread(target=self._work, name=f"study {order.id}")
        self._thread.start()

    def join(self) -> None:
        """Waits until the thread has ended."""
        self._thread.join()

    def _work(self) -> None:
        try:
            self._tune()
            self.reason, self.end = "", End.FINISHED
        except StudyInterrupted as error:
            self.reason, self.end = str(error), End.LEFT
        except (StudyDisconnected, Unavailable, SQLAlchemyError) as error:
            self.reason, self.end = _one_line(error), End.WAITS
        except (NebulaError, ServiceError) as error:
            self.reason, self.end = _one_line(error), End.FAILED
        except OSError as error:
            self.reason, self.end = f"{error.filename or 'files'}: {error.strerror or error}", End.FAILED
        except Exception as error:
            _log.exception("study %s: an unexpected error", self.order.id)
            self.reason, self.end = f"internal error ({type(error).__name__}); the manager's log has more", End.FAILED

    def _tune(self) -> None:
        settings, order = self._settings, self.order
        with self._database.read() as session:
            inputs = resolve(session, StudySpec.parse(order.spec, order.name), settings)
            forecast = Forecast(inputs.spec, judging_seconds(session))
        mirror = Mirror(self._database, order.id, settings.home, forecast)

        def watch(progress: StudyProgress) -> None:
            if isinstance(progress.event, TrialFinished | Rescored):
                self._pool.count(progress.event.evaluation)
            mirror.follow(progress)

        outcome = tune(
            inputs.spec,
            study_folder(settings.home, order.id),
            target=inputs.target,
            start=inputs.start,
            others=inputs.others,
            workers=Workers(
                device=settings.device,
                scheduler=self._pool.address,
                tls=self._pool.tls,
                failures_allowed=order.failures_left,
            ),
            storage=Storage(
                # Under the name that it was posted by, which stays when people call it otherwise.
                settings.optuna_storage,
                ledger_name(inputs.spec.name, order.id),
                artifacts_folder(settings.home),
            ),
            control=self.control,
            watcher=watch,
        )
        mirror.conclude(outcome.finalists)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[:1])
