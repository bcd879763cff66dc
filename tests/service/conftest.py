"""A database of either kind, and a real server over it."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psycopg
import pytest
from sqlalchemy import make_url

from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.api.application import create_app
from service.database import Database
from service.database.tables import metadata
from service.server import Server
from service.settings import Settings


@pytest.fixture(scope="session")
def postgres():
    """URL of a PostgreSQL server of its own, which lives as long as the tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Not among pytest's folders, which are their owner's alone: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="nebula-postgres-", ignore_cleanup_errors=True) as folder:
        user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if user:
            shutil.chown(folder, "postgres")
        data = Path(folder) / "data"
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **user}
        subprocess.run(["initdb", "-D", data, "-U", "nebula", "-A", "trust", "-E", "UTF8", "--no-sync"], **quiet)
        options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
        subprocess.run(["pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log", "-o", options, "start"], **quiet)
        yield f"postgresql+psycopg://nebula@127.0.0.1:{port}/postgres"
        subprocess.run(["pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], **quiet)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path) -> Settings:
    """Settings over an empty home, with an empty database of either kind."""
    url = ""
    if request.param == "postgresql":
        server = make_url(request.getfixturevalue("postgres"))
        name = f"test_{os.urandom(6).hex()}"
        address = server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = server.set(database=name).render_as_string(hide_password=False)
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
        stop: Ends it, and returns when it has ended.
    """

    url: str
    home: Path
    database: Database
    keys: dict[str, str]
    stop: Callable[[], None]

    def client(self, role: str | None = "admin") -> httpx2.Client:
        """Returns a client with the key of a role, or with none."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30)


@pytest.fixture
def service(settings, database):
    """A server in this process, answering on a port of its own, with a key of each role."""
    keys = {role.value: queries.new_token() for role in Role}
    with database.begin() as session:
        for role, token in keys.items():
            queries.create_key(session, COMMAND_LINE, f"the {role}", Role(role), token)
    server = Server(create_app(settings), "127.0.0.1", 0)
    thread = threading.Thread(target=server.answer)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def stop():
        server.should_exit = True
        thread.join()

    yield Service(f"http://127.0.0.1:{server.port}", settings.home, database, keys, stop)
    stop()


@pytest.fixture
def admin(service):
    """A client with an admin's key."""
    with service.client("admin") as client:
        yield client
