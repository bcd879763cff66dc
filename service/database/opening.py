"""The database of these settings, ready to be used."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from service.database.engine import Database
from service.database.faults import fault
from service.database.migrations import migrate
from service.errors import SettingsError, Unavailable
from service.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Yields the database, brought to this version, with its home folder made if missing; closes it in the end.

    Raises:
        SettingsError: The folder cannot be used, or the database was made by a later version.
        Unavailable: The database cannot be reached, or what is done with it meanwhile finds the disk full.
    """
    make_home(settings)
    database = Database(settings.database)
    try:
        migrate(database)
        yield database
    except DBAPIError as error:
        if not (reason := fault(error)):
            raise
        raise Unavailable(reason) from error
    finally:
        database.close()


def make_home(settings: Settings) -> None:
    """Makes the home folder, which is nobody else's to read.

    Raises:
        SettingsError: It cannot be made.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"home: {str(settings.home)!r} cannot be made ({error.strerror})") from error
