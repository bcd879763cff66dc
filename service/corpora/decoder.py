"""Asking the decoding processes, and starting another when one has died."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Condition
from typing import Any, NamedTuple

from nebula.audio import Change
from nebula.errors import CorpusError, SoundError
from service.api.loudness import Loudness

#: Reading 30 s of sound takes a fraction of a second; opening a zip of 200,000 entries takes ten.
TIME_LIMIT_SECONDS = 30.0

#: Two for new corpora, and one for whoever uploads or hears a sound meanwhile.
PROCESSES = 3

# A process beside the first one ends when nobody has asked it for so long, and gives its memory back.
_IDLE_SECONDS = 60.0

_IN_PEACE = "status 0"

# An idle process ends as soon as nobody is on the line.
_FAREWELL_SECONDS = 1.0


class Listing(NamedTuple):
    """What is in a folder or zip.

    Attributes:
        names: Of its sounds, sorted.
        refused: What is passed over, each with the reason.
        remarks: What one should know about its labels, a sentence each.
    """

    names: list[str]
    refused: list[tuple[str, str]]
    remarks: list[str]


class Finding(NamedTuple):
    """What is found out about a sound that can be used.

    Attributes:
        seconds: How long it is, as far as it is ever read.
        changes: What is done to it so that it can be used, a sentence's end by kind.
    """

    seconds: float
    changes: dict[Change, str]


class Decoder:
    """Decodes sounds in other processes, which may die of one of them.

    The first process starts with the first request, which takes seconds, and stays. Others start while all are busy, up
    to a number; beyond that requests wait. A request goes to the process that has its corpus open, if it is free.

    Args:
        limit_seconds: How long a request may take before its process is ended.
        processes: Most processes at a time.
    """

    def __init__(self, limit_seconds: float = TIME_LIMIT_SECONDS, processes: int = PROCESSES) -> None:
        self._limit_seconds = limit_seconds
        self._freed = Condition()
        self._free = [_Process(None if number == 0 else _IDLE_SECONDS) for number in range(processes)]
        self._all = tuple(self._free)

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes there are: none before the first request, one less after a death."""
        return [process.id for process in self._all if process.id is not None]

    def listing(self, path: Path) -> Listing:
        """Returns what is in a folder or zip.

        Raises:
            CorpusError: It cannot be used, or no name in it is a sound's.
        """
        answer, _ = self._ask(path, "", "listing")
        return Listing(answer["names"], [(name, reason) for name, reason in answer["refused"]], answer["remarks"])

    def finding(self, path: Path, name: str) -> Finding:
        """Returns what reading a sound finds out about it.

        Raises:
            SoundError: It cannot be used; the message is the reason alone.
            CorpusError: What is at `path` cannot be used any more.
        """
        answer, _ = self._ask(path, name, "finding")
        return Finding(float(answer["seconds"]), {Change[kind]: how for kind, how in answer["changes"].items()})

    def flac(self, path: Path, name: str, loudness: Loudness = Loudness.OWN) -> bytes:
        """Returns a sound as FLAC, mono, 16 bit, at 44.1 kHz, its first 30 s, at the level that is asked for.

        Raises:
            SoundError: It cannot be used; the message is the reason alone.
            CorpusError: What is at `path` cannot be used any more.
        """
        return self._ask(path, name, f"flac {loudness.value}")[1]

    def prepare(self, processes: int) -> None:
        """Starts processes until so many run, or as many as there may be, without waiting for them.

        For callers that will keep one busy for long: whoever asks next need not wait the seconds that starting takes.
        """
        with self._freed:
            missing = min(processes, len(self._all)) - len(self.process_ids)
            for process in [process for process in self._free if process.id is None][: max(0, missing)]:
                process.start()

    def close(self) -> None:
        """Ends the processes, each after the sound that it reads; they start again when asked."""
        for process in self._all:
            with self._freed:
                self._freed.wait_for(lambda process=process: process in self._free)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
                process.end()

    def _ask(self, path: Path, name: str, wanted: str) -> tuple[dict[str, Any], bytes]:
        request = {"path": str(path), "name": name, "wanted": wanted, "limit_seconds": self._limit_seconds}
        with self._taken(path) as process:
            try:
                answer, content = process.ask(request)
            except _Died as error:
                if error.of == signal.SIGALRM.name:
                    reason = f"reading it takes longer than {self._limit_seconds:g} s"
                else:
                    reason = f"its decoder died of it ({error.of})"
                if wanted == "listing":
                    raise CorpusError(f"{path}: {reason}") from error
                raise SoundError(reason) from error
        if "error" in answer:
            raise CorpusError(answer["error"])
        if "skipped" in answer:
            raise SoundError(answer["skipped"])
        return answer, content

    @contextmanager
    def _taken(self, path: Path) -> Iterator["_Process"]:
        with self._freed:
            self._freed.wait_for(lambda: self._free)
            # The one that has the corpus open, else one that runs, else the one that stays: starting takes seconds.
            process = min(self._free, key=lambda free: (free.path != path, free.id is None, self._all.index(free)))
            self._free.remove(process)
        try:
            yield process
        finally:
            with self._freed:
                self._free.append(process)
                self._freed.notify_all()


class _Died(Exception):  # noqa: N818 — it says what happened
    """A process has ended instead of answering."""

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of


class _Process:
    """A decoding process, whether it runs yet or not; used by one thread at a time."""

    def __init__(self, idle_seconds: float | None) -> None:
        self.path: Path | None = None  #: of the corpus that it was asked for last
        self._idle_seconds = idle_seconds
        self._running: tuple[subprocess.Popen[bytes], Connection] | None = None

    @property
    def id(self) -> int | None:
        """Id of the process, None if there is none."""
        return self._running[0].pid if self._running and self._running[0].poll() is None else None

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Returns the answer, and the bytes that come with it.

        Raises:
            _Died: The process died of the request.
        """
        try:
            return self._asked(request)
        except _Died as error:
            if error.of != _IN_PEACE:
                raise
        # It had been idle for so long that it ended at the very moment.
        return self._asked(request)

    def _asked(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        connection = self._sent(json.dumps(request).encode())
        self.path = Path(request["path"])
        try:
            answer = json.loads(connection.recv_bytes())
            return answer, connection.recv_bytes() if "flac" in answer else b""
        except (EOFError, OSError) as error:
            raise _Died(self.end()) from error

    def end(self) -> str:
        """Ends the process and returns what it died of, in a word."""
        if self._running is None:
            return ""
        process, connection = self._running
        self._running = self.path = None
        connection.close()
        try:
            process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return signal.Signals(-process.returncode).name if process.returncode < 0 else f"status {process.returncode}"

    def _sent(self, request: bytes) -> Connection:
        """Returns the connection that a request went out on; a process that ended meanwhile is replaced once."""
        if self._running is not None:
            process, connection = self._running
            try:
                if process.poll() is None:
                    connection.send_bytes(request)
                    return connection
            except OSError:
                pass
        connection = self.start()
        connection.send_bytes(request)
        return connection

    def start(self) -> Connection:
        """Starts the process, in place of one that has ended, and returns the connection to it at once."""
        self.end()
        ours, theirs = Pipe()
        command = [sys.executable, "-m", "service.corpora.decoding", str(theirs.fileno())]
        if self._idle_seconds is not None:
            command.append(str(self._idle_seconds))
        # A session of its own: Ctrl-C in the terminal is for the server, which ends the process in order.
        process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self._running = (process, ours)
        return ours
