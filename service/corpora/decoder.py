"""Asking the decoding process, and starting another when one has died."""

import json
import signal
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from nebula.errors import CorpusError, SoundError

#: Reading 30 s of sound takes a fraction of a second; opening a zip of 200,000 entries takes ten.
TIME_LIMIT_SECONDS = 30.0

# An idle process ends as soon as nobody is on the line.
_FAREWELL_SECONDS = 1.0


class Decoder:
    """Decodes sounds in another process, which may die of one of them.

    The process starts with the first request, which takes seconds, and stays. Requests wait for each other.

    Args:
        limit_seconds: How long a request may take before the process is ended.
    """

    def __init__(self, limit_seconds: float = TIME_LIMIT_SECONDS) -> None:
        self._limit_seconds = limit_seconds
        self._lock = Lock()
        self._running: tuple[subprocess.Popen[bytes], Connection] | None = None

    @property
    def process_id(self) -> int | None:
        """Id of the process, None before the first request and after a death."""
        return self._running[0].pid if self._running else None

    def names(self, path: Path) -> list[str]:
        """Returns the names of the sounds in a folder or zip, sorted.

        Raises:
            CorpusError: It cannot be used; a zip is unsafe.
        """
        return [str(name) for name in self._ask(path, "", "names")[0]["names"]]

    def seconds(self, path: Path, name: str) -> float:
        """Returns how long a sound is, as far as it is ever read.

        Raises:
            SoundError: It cannot be used; the message is the reason alone.
            CorpusError: What is at `path` cannot be used any more.
        """
        return float(self._ask(path, name, "seconds")[0]["seconds"])

    def flac(self, path: Path, name: str) -> bytes:
        """Returns a sound as FLAC, mono, 16 bit, at 44.1 kHz, its first 30 s.

        Raises:
            SoundError: It cannot be used; the message is the reason alone.
            CorpusError: What is at `path` cannot be used any more.
        """
        return self._ask(path, name, "flac")[1]

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._end()

    def _ask(self, path: Path, name: str, wanted: str) -> tuple[dict[str, Any], bytes]:
        request = {"path": str(path), "name": name, "wanted": wanted, "limit_seconds": self._limit_seconds}
        with self._lock:
            connection = self._sent(json.dumps(request).encode())
            try:
                answer = json.loads(connection.recv_bytes())
                content = connection.recv_bytes() if "flac" in answer else b""
            except (EOFError, OSError) as error:
                died_of = self._end()
                if wanted == "names":
                    raise CorpusError(f"{path}: {died_of}") from error
                raise SoundError(died_of) from error
        if "error" in answer:
            raise CorpusError(answer["error"])
        if "skipped" in answer:
            raise SoundError(answer["skipped"])
        return answer, content

    def _sent(self, request: bytes) -> Connection:
        """Returns the connection that a request went out on; a process that died meanwhile is replaced once."""
        if self._running is not None:
            process, connection = self._running
            try:
                if process.poll() is None:
                    connection.send_bytes(request)
                    return connection
            except OSError:
                pass
            self._end()
        ours, theirs = Pipe()
        command = [sys.executable, "-m", "service.corpora.decoding", str(theirs.fileno())]
        # A session of its own: Ctrl-C in the terminal is for the server, which ends the process in order.
        process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self._running = (process, ours)
        ours.send_bytes(request)
        return ours

    def _end(self) -> str:
        """Ends the process and returns what it died of, in words."""
        if self._running is None:
            return ""
        process, connection = self._running
        self._running = None
        connection.close()
        try:
            process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.returncode == -signal.SIGALRM:
            return f"reading it takes longer than {self._limit_seconds:g} s"
        name = signal.Signals(-process.returncode).name if process.returncode < 0 else f"status {process.returncode}"
        return f"its decoder died of it ({name})"
