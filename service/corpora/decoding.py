"""The process that reads what strangers sent: `python -m service.corpora.decoding DESCRIPTOR`.

It answers one request at a time over a socket: the names in a corpus, the length of a sound, or the sound as FLAC. A
file that makes a decoder crash takes this process with it and no other; one that keeps it busy for too long is ended by
the kernel's alarm, which stops C code too.
"""

import io
import json
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

import soundfile

from nebula.audio import Corpus, Reading
from nebula.errors import NebulaError

#: Rate of what is played and measured: the one that studies hear.
SAMPLE_RATE_HZ = 44100

#: Longer sounds are read no further. Studies hear the first 4 s of each.
LONGEST_SECONDS = 30.0

#: Room for the 30 s above as FLAC of noise, twice over; no answer is larger.
LARGEST_ANSWER_BYTES = 2**23


def serve(connection: Connection) -> None:
    """Answers requests until the other side hangs up."""
    opened: tuple[str, Corpus] | None = None
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        # Not caught by anyone: the default action ends the process wherever it is.
        signal.setitimer(signal.ITIMER_REAL, request["limit_seconds"])
        try:
            if opened is None or opened[0] != request["path"]:
                opened = (request["path"], Corpus.open(request["path"]))
            answer, content = _answer(opened[1], request)
        except NebulaError as error:
            answer, content = {"error": str(error)}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send_bytes(json.dumps(answer).encode())
        if content:
            connection.send_bytes(content)


def _answer(corpus: Corpus, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if request["wanted"] == "names":
        return {"names": [sound.name for sound in corpus.sounds]}, b""
    # Of its own: what a corpus noted as skipped is kept, and this process outlives many requests.
    corpus = corpus.subset([request["name"]])
    with corpus.reading() as reading:
        return _sound(corpus, reading, request["wanted"])


def _sound(corpus: Corpus, reading: Reading, wanted: str) -> tuple[dict[str, Any], bytes]:
    samples = reading.samples(corpus.sounds[0], SAMPLE_RATE_HZ, LONGEST_SECONDS)
    if samples is None:
        return {"skipped": corpus.skipped[-1].reason}, b""
    if wanted == "seconds":
        return {"seconds": len(samples) / SAMPLE_RATE_HZ}, b""
    # Recordings in floating point may go beyond full scale, which FLAC cannot hold.
    peak = float(samples.abs().max())
    file = io.BytesIO()
    soundfile.write(file, (samples / max(1.0, peak)).numpy(), SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    return {"flac": True}, file.getvalue()


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
