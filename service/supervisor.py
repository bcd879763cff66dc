"""A manager as a companion of the server: started again when it dies, stopped with it, never left behind.

Run as a module, this is the companion itself.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from types import TracebackType

from nebula.errors import NebulaError
from nebula.garbage import search_rarely
from service.api.logs import configure_logs
from service.errors import ServiceError
from service.settings import Settings

_log = logging.getLogger("service.supervisor")

# How long a manager gets to leave its studies, beyond which it is killed; nothing is lost either way.
_GRACE_SECONDS = 30.0

# One that dies at once is started again ever more slowly.
_SHORTEST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_HEALTHY_SECONDS = 60.0

_LOOK_SECONDS = 1.0

# Pages should not wait for trials: the manager, and the workers that it starts, have a lower priority.
_NICENESS = 10


class Companion:
    """Keeps one manager running as long as the block does.

    Args:
        settings: What the manager is started with.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **settings.environment()}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name="companion")

    def __enter__(self) -> "Companion":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _keep_running(self) -> None:
        pause = _SHORTEST_PAUSE_SECONDS
        while not self._ending.is_set():
            began = time.monotonic()
            process = self._start()
            while process.poll() is None and not self._ending.wait(_LOOK_SECONDS):
                pass
            if self._ending.is_set():
                _end(process)
                return
            if time.monotonic() - began > _HEALTHY_SECONDS:
                pause = _SHORTEST_PAUSE_SECONDS
            _log.warning("the manager ended with status %s, starts again in %g s", process.returncode, pause)
            self._ending.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl-C in a terminal reaches the server alone, which then ends the manager in order.
        # The server holds the other end of the pipe, which the system closes when the server dies, however it dies.
        return subprocess.Popen(
            [sys.executable, "-m", "service.supervisor"],
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _log.warning("the manager did not end within %g s and is killed", _GRACE_SECONDS)
        process.kill()
        process.wait()
    # One that has not yet said how it wants to end, ends by the signal.
    if process.returncode not in (0, -signal.SIGTERM):
        _log.warning("the manager ended with status %s", process.returncode)
    assert process.stdin is not None
    process.stdin.close()


def run_companion() -> None:
    """Runs a manager until it is told to stop or the server that started it is gone."""
    search_rarely()
    from service.manager.process import serve

    os.nice(_NICENESS)
    threading.Thread(target=_end_with_the_server, name="server", daemon=True).start()
    try:
        serve(Settings.read())
    except (ServiceError, NebulaError) as error:
        _log.error("the manager cannot work: %s", error)
        sys.exit(1)


def _end_with_the_server() -> None:
    # Returns when the other end is closed. Read past Python's buffer: its lock, held here when the manager ends by
    # itself, would make the interpreter abort.
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    configure_logs()
    run_companion()
