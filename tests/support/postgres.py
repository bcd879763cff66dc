"""A PostgreSQL server of one's own, which can be killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from ports import free_port
from sqlalchemy import make_url

# Where Debian keeps what it does not put on the path.
_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """A server in a folder of its own, on a port of its own.

    Attributes:
        url: SQLAlchemy URL of its first database.
    """

    def __init__(self):
        # Not below pytest's folder, which only its owner may enter: PostgreSQL refuses to run as root.
        self._folder = Path(tempfile.mkdtemp(prefix="nebula-postgres-"))
        self._user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(self._folder, "postgres")
        self._port = free_port()
        self.url = f"postgresql+psycopg://nebula@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-U", "nebula", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self):
        """Starts the server, and waits until it answers."""
        options = f"-p {self._port} -k {self._folder} -c fsync=off -c listen_addresses=127.0.0.1"
        for attempt in range(100):
            try:
                self._run("pg_ctl", "-w", "-l", self._folder / "log", "-o", options, "start")
                return
            except subprocess.CalledProcessError:
                # After a kill its children need a moment to notice.
                if attempt == 99:
                    raise
                time.sleep(0.1)

    def kill(self):
        """Kills the server with signal 9."""
        os.kill(int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    def remove(self):
        """Stops the server and removes its folder."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def new_database(self):
        """Returns the URL of a new, empty database."""
        server = make_url(self.url)
        name = f"test_{os.urandom(6).hex()}"
        address = server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return server.set(database=name).render_as_string(hide_password=False)

    def _run(self, program, *arguments):
        path = shutil.which(program) or str(_DEBIAN[-1] / program)
        command = [path, "-D", self._folder / "data", *arguments]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder, **self._user
        )
