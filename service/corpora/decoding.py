"""The process that reads what strangers sent: `python -m service.corpora.decoding DESCRIPTOR [IDLE_SECONDS]`.

It answers one request at a time over a socket: what is in a corpus, what reading a sound finds out, or the sound as
FLAC. A file that makes a decoder crash takes this process with it and no other; one that keeps it busy for too long is
ended by the kernel's alarm, which stops C code too.
"""

import json
import signal
import sys
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nebula.audio import SILENT_PEAK, Corpus, Reading, Sound, encoded
from nebula.errors import NebulaError
from service.api.loudness import Loudness, levelled

#: Rate of what is played and measured: the one that studies hear.
SAMPLE_RATE_HZ = 44100

#: Longer sounds are read no further.
LONGEST_SECONDS = 30.0

#: What studies hear of each.
HEARD_SECONDS = 4.0

#: Room for the 30 s above as FLAC of noise, twice over; no answer is larger.
LARGEST_ANSWER_BYTES = 2**23

# Whoever hears or reads sounds one after another asks again within a second.
_LET_GO_SECONDS = 10.0


def serve(connection: Connection, idle_seconds: float | None = None) -> None:
    """Answers requests until the other side hangs up.

    Args:
        connection: Where requests come from.
        idle_seconds: Without a request for so long it ends; None lets it wait for ever.
    """
    opened = _Opened()
    while True:
        try:
            if not connection.poll(_LET_GO_SECONDS):
                # A zip that was deleted meanwhile takes no room on the disk, and a long list of names none in memory.
                opened.close()
                if idle_seconds is not None and not connection.poll(max(0.0, idle_seconds - _LET_GO_SECONDS)):
                    return
                connection.poll(None)
            request = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        # Not caught by anyone: the default action ends the process wherever it is.
        signal.setitimer(signal.ITIMER_REAL, request["limit_seconds"])
        try:
            opened.turn_to(Path(request["path"]))
            answer, content = opened.answer(request["wanted"], request["name"])
        except NebulaError as error:
            opened.close()
            answer, content = {"error": str(error)}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send_bytes(json.dumps(answer).encode())
        if content:
            connection.send_bytes(content)


class _Opened:
    """The corpus that was asked for last, kept open: the list of a zip is read once for all its sounds."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._held = ExitStack()

    def turn_to(self, path: Path) -> None:
        """Opens the corpus at a path, unless it is the one that is open and is the same still.

        Raises:
            CorpusError: It cannot be used.
        """
        key = _key(path)
        if key and key == self._key:
            return
        self.close()
        self._corpus = Corpus.open(path)
        self._sounds = {sound.name: sound for sound in self._corpus.sounds}
        self._reading = self._held.enter_context(self._corpus.reading())
        self._key = key

    def close(self) -> None:
        """Lets go of the corpus that is open, if any."""
        self._key = ()
        self._held.close()
        self._corpus = self._sounds = self._reading = None  # type: ignore[assignment]  # nothing reads them until `turn_to`

    def answer(self, wanted: str, name: str) -> tuple[dict[str, Any], bytes]:
        """Returns the answer to a request, and the bytes that follow it."""
        if wanted == "listing":
            refused = [(skipped.name, skipped.reason) for skipped in self._corpus.skipped]
            return {"names": list(self._sounds), "refused": refused, "remarks": self._corpus.remarks}, b""
        if name not in self._sounds:
            return {"skipped": "is no longer there"}, b""
        return _sound(self._reading, self._sounds[name], wanted)


def _key(path: Path) -> tuple[object, ...]:
    """Returns what tells that a folder or file is the same as before; nothing where there is none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return path, status.st_ino, status.st_size, status.st_mtime_ns


def _sound(reading: Reading, sound: Sound, wanted: str) -> tuple[dict[str, Any], bytes]:
    samples = reading.samples(sound, SAMPLE_RATE_HZ, LONGEST_SECONDS)
    if samples is None:
        return {"skipped": reading.reason(sound)}, b""
    if wanted == "finding":
        if not bool((samples[: round(HEARD_SECONDS * SAMPLE_RATE_HZ)].abs() > SILENT_PEAK).any()):
            # A study will hear it from its onset.
            reading.samples(sound, SAMPLE_RATE_HZ, HEARD_SECONDS)
        changes = {change.name: how for change, how in reading.changes(sound).items()}
        return {"seconds": len(samples) / SAMPLE_RATE_HZ, "changes": changes}, b""
    level = Loudness(wanted.removeprefix("flac "))
    return {"flac": True}, encoded(levelled(samples, SAMPLE_RATE_HZ, level).numpy(), SAMPLE_RATE_HZ)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), float(sys.argv[2]) if len(sys.argv) > 2 else None)
