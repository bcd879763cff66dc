"""The process that a plugin lives in: `python plugin_host.py PATH RATE`, which imports nothing else of nebula.

Plugins may crash, hang, write to the terminal, and carry state from one sound to the next: oscillators that run freely,
tails of a reverb. So a plugin is loaded once, in a process of its own, and every sound is played in a copy of that
process as it was right after loading (fork), which ends with the sound. A copy starts within milliseconds where loading
takes a third of a second; what a plugin does to itself while it plays is gone with the copy; and when a copy crashes or
hangs, the next sound is played all the same.

Requests come in on standard input and answers go out on standard output: the length of a JSON text as four bytes, the
text, and, where an answer says so, float32 samples. The process ends with its input.
"""

import json
import mmap
import os
import signal
import struct
import sys
import time
from typing import IO, Any

import numpy as np

#: Settings at which the text of a parameter is read, to see whether it is a switch.
PROBES = 33

_BLOCK_SAMPLES = 512
_LONGEST_SECONDS = 60.0
_LOOK_SECONDS = 0.001


def main(path: str, rate_hz: float) -> None:
    """Answers requests until there are no more."""
    requests, answers = _own_streams()
    try:
        engine, plugin = _load(path, rate_hz)
    except Exception as error:
        # Whatever the package or the plugin raises: there is nothing to play.
        missing = isinstance(error, ImportError)
        _send(answers, {"error": " ".join(str(error).split()) or type(error).__name__, "missing": missing})
        return
    _send(answers, {"parameters": _parameters(plugin)})
    room = mmap.mmap(-1, int(2 * _LONGEST_SECONDS * rate_hz) * 4)
    while (request := receive(requests)) is not None:
        if "state" in request:
            _set(plugin, request["values"])
            plugin.save_state(request["state"])
            _send(answers, {})
            continue
        samples = _play(engine, plugin, request, room)
        if samples is None:
            _send(answers, {"error": "the plugin crashed"})
        else:
            _send(answers, {"samples": len(samples)}, samples.tobytes())


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """Returns the next JSON text of a stream; None at its end, be it in the middle of a text."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    length = struct.unpack(">I", head)[0]
    text = stream.read(length)
    if len(text) < length:
        return None
    message: dict[str, Any] = json.loads(text)
    return message


def _send(stream: IO[bytes], message: dict[str, Any], samples: bytes = b"") -> None:
    text = json.dumps(message).encode()
    stream.write(struct.pack(">I", len(text)) + text + samples)
    stream.flush()


def _own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Returns the two streams, out of reach of what a plugin prints."""
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDWR)
    requests = os.fdopen(os.dup(0), "rb")
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    return requests, answers


def _load(path: str, rate_hz: float) -> tuple[Any, Any]:
    import dawdreamer

    engine = dawdreamer.RenderEngine(rate_hz, _BLOCK_SAMPLES)
    plugin = engine.make_plugin_processor("plugin", path)
    if plugin.get_num_output_channels() < 1:
        raise RuntimeError("it has no audio output")
    engine.load_graph([(plugin, [])])
    return engine, plugin


def _parameters(plugin: Any) -> list[dict[str, Any]]:
    found = []
    for about in plugin.get_parameters_description():
        index = about["index"]
        before = plugin.get_parameter(index)
        texts = []
        for position in range(PROBES):
            plugin.set_parameter(index, position / (PROBES - 1))
            texts.append(plugin.get_parameter_text(index))
        plugin.set_parameter(index, before)
        found.append({"index": index, "name": about["name"], "label": about["label"], "texts": texts})
    return found


def _play(engine: Any, plugin: Any, request: dict[str, Any], room: mmap.mmap) -> np.ndarray | None:
    """Returns a sound, the mean of its channels; None if the plugin crashed or took too long."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _set(plugin, request["values"])
            plugin.add_midi_note(request["note"], request["velocity"], 0.0, request["note_seconds"])
            engine.render(request["seconds"])
            sound = np.ascontiguousarray(engine.get_audio().mean(axis=0, dtype=np.float32))
            np.frombuffer(room, np.float32, len(sound), 4)[:] = sound
            np.frombuffer(room, np.int32, 1)[0] = len(sound)
            status = 0
        finally:
            os._exit(status)
    if _ends_well(child, request["patience_seconds"]):
        return np.frombuffer(room, np.float32, int(np.frombuffer(room, np.int32, 1)[0]), 4).copy()
    return None


def _ends_well(child: int, patience_seconds: float) -> bool:
    ends_at = time.monotonic() + patience_seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        if time.monotonic() > ends_at:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(_LOOK_SECONDS)


def _set(plugin: Any, values: list[list[float]]) -> None:
    for index, value in values:
        plugin.set_parameter(int(index), value)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
