"""A database of either kind, and a real server over it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from posted_study import SPEC
from postgres import Postgres
from sqlalchemy import text

from nebula.synths import allow_plugins
from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.application import create_app
from service.database import Database
from service.server import Server
from service.settings import Settings
from service.tables import metadata


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, which lives as long as the tests."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def mortal():
    """A PostgreSQL server that may be killed."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def plugins_of_its_own():
    """A server in this process says which plugins the process may load; what is tested next may load any."""
    yield
    allow_plugins(None)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path) -> Settings:
    """Settings over an empty home, with an empty database of either kind."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    return Settings.read(home=tmp_path / "home", database_url=url, port=0)


@pytest.fixture
def database(settings):
    """The database of the settings, with all tables."""
    settings.home.mkdir(parents=True)
    database = Database(settings.database)
    metadata.create_all(database.engine)
    yield database
    database.close()


@dataclass(frozen=True)
class Service:
    """A running server.

    Attributes:
        url: Where it is.
        home: Its files.
        database: Its database.
        keys: A key of each role.
        app: What answers.
        stop: Ends it, and returns when it has ended.
    """

    url: str
    home: Path
    database: Database
    keys: dict[str, str]
    app: FastAPI
    stop: Callable[[], None]

    def client(self, role: str | None = "admin") -> httpx2.Client:
        """Returns a client with the key of a role, or with none."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=300, verify=False)


@pytest.fixture
def service(settings, database):
    """A server in this process, answering on a port of its own, with a key of each role."""
    keys = {role.value: queries.new_token() for role in Role}
    with database.begin() as session:
        for role, token in keys.items():
            queries.create_key(session, COMMAND_LINE, f"the {role}", Role(role), token)
    app = create_app(settings)
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.answer)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def stop():
        server.should_exit = True
        thread.join()

    yield Service(f"http://127.0.0.1:{server.port}", settings.home, database, keys, app, stop)
    stop()


@pytest.fixture
def admin(service):
    """A client with an admin's key."""
    with service.client("admin") as client:
        yield client


@pytest.fixture
def meanwhile(database):
    """Begins something in a thread: returns its future once it is done, or waits for what a transaction holds."""
    # On SQLite transactions that write queue up at their beginning, so there is nothing to be seen.
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    sqlite = database.engine.dialect.name == "sqlite"

    def held():
        with database.read() as session:
            return session.scalar(waits) > 0

    with ThreadPoolExecutor(1) as pool:

        def begin(do, *arguments):
            future = pool.submit(do, *arguments)
            while not (future.done() or sqlite or held()):
                time.sleep(0.01)
            return future

        yield begin


@pytest.fixture
def study(admin):
    """A study that was just posted."""
    return admin.post("/v1/studies", json=SPEC).json()
