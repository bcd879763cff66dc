"""Synthesizer plugins of others: `plugin:PATH` for a VST2, VST3 or AU instrument, hosted by the package dawdreamer.

Each plugin lives in processes of its own, see `nebula.synths.plugin_host`. dawdreamer is GPL-3: it comes with the extra
`nebula[plugin]`, and nothing but those processes imports it.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from nebula.draws import Panel, Parameter, to_physical
from nebula.errors import ArgumentError, SynthError
from nebula.modules.timeline import Timeline
from nebula.synths import plugin_host
from nebula.synths.plugin_host import PROBES, receive
from nebula.synths.presets import FORMATS
from nebula.synths.renderer import check_audio_dtype
from nebula.synths.synth import Synth
from nebula.tensors import Float, Int, Tensor, np, torch

#: What names of plugins begin with.
PREFIX = "plugin:"

#: A plugin with more parameters than this is refused: names such as `MIDI CC 1|16` apart, none has been seen.
MOST_PARAMETERS = 500

_OPEN_SECONDS = 60.0

# How often a copy may crash at one sound before that is left silent; and how often processes with the plugin, in which
# nothing is played, may be gone, which no sound is to blame for.
_CRASHES, _LOSSES = 3, 20

# How often a plugin whose process is gone before it is open is opened again; it may be the plugin that ends it.
_OPENINGS = 8

# A sound may take this many times its length, and as many seconds more.
_PATIENCE, _PATIENCE_SECONDS = 20.0, 20.0
_MIDI_CONTROLLER = re.compile(r"MIDI CC|Channel Pressure|Pitch Bend", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9+-]+")
_PROBED = 2

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Setting:
    """One of the plugin's own parameters: its number, and its value, from 0 to 1, at each choice of a switch."""

    index: int
    values: tuple[float, ...] = ()

    def value(self, physical: float) -> float:
        return self.values[int(physical)] if self.values else physical


class PluginSynth(Synth):
    """A plugin, played by notes: pitch, velocity and length are parameters beside the plugin's own.

    Args:
        name: `plugin:` and the path of the plugin.

    Raises:
        SynthError: There is no such file, it is no plugin, it does not open in time, or dawdreamer is not installed.
    """

    def __init__(self, name: str) -> None:
        self.name, self.path = name, name.removeprefix(PREFIX)
        self.description = f"the plugin {Path(self.path).name}, hosted by dawdreamer"
        if not self.path:
            raise SynthError(f"synth: got {name!r}, expected {PREFIX}PATH")
        if not Path(self.path).exists():
            raise SynthError(f"synth: {name!r}: there is no such file")
        self._hosts: dict[float, list[_Host]] = {}
        self._lock = threading.Lock()
        host = self._take(44100.0)
        self.panel, self._settings = _panel(name, host.parameters)
        self._give_back(44100.0, host)

    @cached_property
    def repeatable(self) -> bool:  # type: ignore[override]  # other synths know it from the start; here it is measured
        """Whether two processes give the same sounds for the same values, as measured on two settings."""
        unit = torch.rand((_PROBED, len(self.panel)), generator=torch.Generator().manual_seed(0))
        # Keys that are heard, and held.
        unit[:, :3] = torch.tensor([0.47, 0.8, 0.9])
        flat = torch.ones(len(self.panel)), torch.zeros(len(self.panel), dtype=torch.bool)
        requests = [self._request(row, Timeline(44100, 1.0)) for row in to_physical(self.panel, unit, *flat).tolist()]
        sounds = []
        for _ in range(2):
            # What has played before is closed, so that each time a process is opened.
            with self._lock:
                for host in self._hosts.pop(44100.0, []):
                    host.close()
            sounds.append([self._sound(request, 44100.0) for request in requests])
        return all(
            one is not None and other is not None and np.array_equal(one, other)
            for one, other in zip(*sounds, strict=True)
        )

    @property
    def preset_formats(self) -> tuple[str, ...]:
        """`zip`, an archive of a state file for each sound, and settings to be read."""
        return ("zip", *FORMATS)

    def render(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1]: the mean of the plugin's channels, on as many cores as torch may use.

        A sound at which the plugin crashes, or hangs, three times over is silent, and the log says so.

        Args:
            physical: Physical values, columns in the order of the panel.
            noise_rows: Not used.
            timeline: Rate and length.
            dtype: Of the audio; that of `physical` if None.

        Raises:
            ArgumentError: The values need a gradient or lie on another device, or audio cannot be of that dtype.
            SynthError: The plugin does not open any more.
        """
        if physical.device.type != "cpu" or (physical.requires_grad and torch.is_grad_enabled()):
            raise ArgumentError(f"physical: {self.name!r} plays on the CPU alone and gives no gradients")
        wanted = check_audio_dtype(dtype or physical.dtype)
        sounds = np.zeros((len(physical), timeline.samples), np.float32)
        rows = physical.double().tolist()

        def play(number: int) -> None:
            sound = self._play(rows[number], timeline)
            sounds[number, : len(sound)] = sound[: timeline.samples]

        if rows:
            with ThreadPoolExecutor(min(torch.get_num_threads(), len(rows))) as threads:
                list(threads.map(play, range(len(rows))))
        audio = torch.from_numpy(np.nan_to_num(sounds, posinf=0.0, neginf=0.0))
        return (audio / audio.abs().amax(dim=1, keepdim=True).clamp(min=1.0)).to(wanted)

    def presets(self, physical: Float[Tensor, "sound parameter"], names: Sequence[str], format_: str) -> bytes:
        """Returns sounds as the content of a file: `zip` holds a state for each, as hosts load it, but for the key.

        Raises:
            ArgumentError: There is no such format.
            SynthError: The plugin does not open any more.
        """
        if format_ != "zip":
            return super().presets(physical, names, format_)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as folder:
            for number, (name, row) in enumerate(zip(names, physical.double().tolist(), strict=True)):
                path, values = Path(folder) / str(number), self._values(row)
                self._ask(44100.0, partial(_Host.save_state, values=values, path=path))
                archive.writestr(f"{_UNSAFE.sub('-', name)}.state", path.read_bytes())
        return content.getvalue()

    def _values(self, row: Sequence[float]) -> list[list[float]]:
        settings = zip(self._settings, row[len(row) - len(self._settings) :], strict=True)
        return [[setting.index, setting.value(physical)] for setting, physical in settings]

    def _request(self, row: Sequence[float], timeline: Timeline) -> dict[str, Any]:
        return {
            "values": self._values(row),
            "note": int(row[0]),
            "velocity": 1 + int(row[1]),
            "note_seconds": min(row[2], timeline.duration_seconds),
            "seconds": timeline.duration_seconds,
            "patience_seconds": _PATIENCE_SECONDS + _PATIENCE * timeline.duration_seconds,
        }

    def _play(self, row: Sequence[float], timeline: Timeline) -> np.ndarray:
        sound = self._sound(self._request(row, timeline), float(timeline.sample_rate_hz))
        if sound is None:
            _log.warning("%s crashed or hung %d times over at one sound, which is left silent", self.name, _CRASHES)
            return np.zeros(timeline.samples, np.float32)
        return sound

    def _sound(self, request: dict[str, Any], rate_hz: float) -> np.ndarray | None:
        """Returns a sound; None if the plugin crashed or hung at it time after time."""
        for _ in range(_CRASHES):
            sound = self._ask(rate_hz, partial(_Host.play, request=request))
            if sound is not None:
                return sound
        return None

    def _ask(self, rate_hz: float, question: Callable[[_Host], Answer]) -> Answer:
        """Returns the answer of a process with the plugin in it; of another one if that one is gone before."""
        for _ in range(_LOSSES):
            host = self._take(rate_hz)
            with suppress(_LostError):
                answer = question(host)
                self._give_back(rate_hz, host)
                return answer
        raise SynthError(f"synth: {self.name!r}: its process ended {_LOSSES} times over")

    def _take(self, rate_hz: float) -> _Host:
        with self._lock:
            waiting = self._hosts.setdefault(rate_hz, [])
            while waiting:
                host = waiting.pop()
                if host.is_alive():
                    return host
        for _ in range(_OPENINGS):
            with suppress(_LostError):
                return _Host(self.name, self.path, rate_hz)
        raise SynthError(f"synth: {self.name!r}: crashed {_OPENINGS} times over while it was opened")

    def _give_back(self, rate_hz: float, host: _Host) -> None:
        with self._lock:
            self._hosts.setdefault(rate_hz, []).append(host)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()


class _LostError(SynthError):
    """A process with a plugin in it is gone."""


class _Host:
    """One process with the plugin in it; whoever takes it has it alone.

    Raises:
        _LostError: It is gone before the plugin is open.
        SynthError: The plugin does not open, or not in time, or dawdreamer is not installed.
    """

    def __init__(self, name: str, path: str, rate_hz: float) -> None:
        self._name = name
        # Nothing that a plugin might open a window on.
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self._process = subprocess.Popen(
            [sys.executable, "-P", plugin_host.__file__, path, repr(rate_hz)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        #: Ends it: when asked to, when nobody has it any more, or when Python ends, as long as that can be done.
        self.close = weakref.finalize(self, _end, self._process)
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(_OPEN_SECONDS, end)
        timer.start()
        try:
            assert self._process.stdout is not None
            hello = receive(self._process.stdout)
        finally:
            timer.cancel()
        if hello is None:
            self.close()
            if late.is_set():
                raise SynthError(f"synth: {name!r}: took over {_OPEN_SECONDS:.0f} s to be opened")
            raise _LostError(f"synth: {name!r}: crashed while it was opened")
        if hello.get("missing"):
            self.close()
            raise SynthError(f"synth: {name!r} needs a host for plugins: pip install 'nebula[plugin]'")
        if "error" in hello:
            self.close()
            raise SynthError(f"synth: {name!r}: cannot be opened as a plugin ({hello['error']})")
        self.parameters: list[dict[str, Any]] = hello["parameters"]

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def play(self, request: dict[str, Any]) -> np.ndarray | None:
        """Returns a sound; None if the plugin crashed or hung at it.

        Raises:
            _LostError: The process is gone.
        """
        answer = self._ask(request)
        if "samples" not in answer:
            return None
        assert self._process.stdout is not None
        content = self._process.stdout.read(4 * answer["samples"])
        if len(content) < 4 * answer["samples"]:
            self._lose()
        return np.frombuffer(content, np.float32)

    def save_state(self, values: list[list[float]], path: Path) -> None:
        self._ask({"values": values, "state": str(path)})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(request).encode()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(struct.pack(">I", len(text)) + text)
            self._process.stdin.flush()
            answer = receive(self._process.stdout)
        except OSError:
            answer = None
        return self._lose() if answer is None else answer

    def _lose(self) -> NoReturn:
        self.close()
        raise _LostError(f"synth: {self._name!r}: its process ended")


def plugin(name: str) -> PluginSynth:
    """Returns the plugin of this name, `plugin:PATH`.

    Raises:
        SynthError: It cannot be opened.
    """
    return PluginSynth(name)


def _panel(name: str, described: list[dict[str, Any]]) -> tuple[Panel, list[_Setting]]:
    """The panel, and what the plugin's own parameters are set to, in the panel's order."""
    own = [about for about in described if not _MIDI_CONTROLLER.search(about["name"])]
    if not 1 <= len(own) <= MOST_PARAMETERS:
        raise SynthError(f"synth: {name!r}: has {len(own)} parameters, expected 1 to {MOST_PARAMETERS}")
    words = [_UNSAFE.sub("_", about["name"]).strip("_") or "unnamed" for about in own]
    heads = [word.split("_")[0].lower() for word in words]
    shared = Counter(heads)
    # Parameters that begin with the same word are a module, as `filter_cutoff` and `filter_resonance` are.
    modules = [head if shared[head] > 1 else "other" for head in heads]
    order = sorted(range(len(own)), key=lambda i: (modules.index(modules[i]), i))
    notes = (
        Parameter.switch("keyboard", "midi_f0", tuple(map(str, range(128))), "the key that is played; 69 is 440 Hz"),
        Parameter.switch("keyboard", "velocity", tuple(map(str, range(1, 128))), "how hard the key is struck"),
        Parameter("keyboard", "duration", 0.01, 4.0, "s", "how long the key stays down"),
    )
    parameters: list[Parameter] = list(notes)
    settings = []
    seen: Counter[tuple[str, str]] = Counter({("keyboard", note.name): 1 for note in notes})
    for i in order:
        module, about = modules[i], own[i]
        seen[module, words[i]] += 1
        times = seen[module, words[i]]
        word = words[i] if times == 1 else f"{words[i]}_{times}"
        runs = [(text, [place for place, _ in run]) for text, run in _runs(about["texts"])]
        choices = tuple(text for text, _ in runs)
        if 1 < len(runs) < PROBES // 2 and len(set(choices)) == len(runs) and all(choices):
            values = tuple((places[0] + places[-1]) / 2 / (PROBES - 1) for _, places in runs)
            parameters.append(Parameter.switch(module, word, choices, about["name"]))
            settings.append(_Setting(about["index"], values))
        else:
            ends = f"{about['texts'][0]} to {about['texts'][-1]} {about['label']}".strip()
            parameters.append(Parameter(module, word, 0.0, 1.0, "", f"{about['name']}: {ends}"))
            settings.append(_Setting(about["index"]))
    return Panel(tuple(parameters)), settings


def _runs(texts: list[str]) -> list[tuple[str, list[tuple[int, str]]]]:
    return [(text, list(run)) for text, run in groupby(enumerate(texts), key=lambda pair: pair[1])]
