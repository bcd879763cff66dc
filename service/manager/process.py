"""The command: from the settings to a manager that works until it is told to stop."""

import logging
import signal
from contextlib import suppress
from threading import Event as Flag
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from nebula.errors import StudyDisconnected, StudyError
from nebula.tuning import Workers, Workplace, prepare_storage
from service.database import Database
from service.database.migrations import migrate
from service.database.opening import make_home
from service.errors import Unavailable
from service.manager.lease import Lease
from service.manager.manager import Manager
from service.manager.pool import SharedPool
from service.settings import Settings

_log = logging.getLogger("service.manager")

_WAIT_SECONDS = 1.0


def serve(settings: Settings) -> None:
    """Runs a manager until the process is interrupted or terminated; waits while another one works.

    Raises:
        LeaseLost: Another manager has taken over meanwhile.
        ArgumentError: The device does not exist here, or the TLS files do not.
    """
    settings.allow_plugins()
    stop = Flag()

    def note(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    make_home(settings)
    database = Database(settings.database)
    lease = Lease(database, settings.home)
    if not _prepared(settings, database, lease, stop):
        return
    workers = Workers(settings.workers or None, settings.device, settings.scheduler or None, settings.tls)
    workplace = Workplace(workers, settings.silence_seconds)
    workplace.warn_of_strangers()
    pool = SharedPool(workplace)
    try:
        _log.info("works on studies, with the scheduler %s", pool.address)
        Manager(settings, database, lease, pool).work(stop)
        with suppress(SQLAlchemyError):
            # With the database away the next manager waits a little for the lease, and that is all.
            lease.release()
    finally:
        pool.close()
        database.close()


def _prepared(settings: Settings, database: Database, lease: Lease, stop: Flag) -> bool:
    """Waits until the database answers and the lease is free; returns whether that happened before the end."""
    said = ""
    while not stop.is_set():
        try:
            migrate(database)
            if lease.take():
                prepare_storage(settings.optuna_storage)
                return True
            words = "waits: another manager works"
        except StudyDisconnected as error:
            words = f"waits: {error}"
        except StudyError as error:
            # Studies fail with this as their reason, rather than wait for nobody knows what.
            _log.error("no study can run: %s", error)
            return True
        except (SQLAlchemyError, Unavailable) as error:
            words = f"waits: the database does not answer ({str(error).splitlines()[0]})"
        if words != said:
            _log.info(words)
            said = words
        stop.wait(_WAIT_SECONDS)
    return False
