"""Renders with SynthAX in its own environment, for synthax.py, which starts it and writes to its standard input.

    python -P synthax_peer.py THREADS single|double

Answers each line: `version` with what is installed, `time SYNTH BATCH` with the seconds that one batch took and those
of all its cores, and `render SYNTH SETTINGS AUDIO` with `saved` once the sounds of one .npz file are in another. SYNTH
is `voice-fm` or `parametric-s-q-f-g`; settings are physical values, a row for each sound, under `module.parameter`.
"""

import importlib.metadata
import os
import sys
import time
from functools import cache

THREADS, PRECISION = int(sys.argv[1]), sys.argv[2]
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = str(int(PRECISION == "double"))
if hasattr(os, "sched_setaffinity"):
    # jax takes no number of threads: it uses the cores that it may.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

import jax  # noqa: E402 - settings come first
import numpy as np  # noqa: E402
from synthax.config import SynthConfig  # noqa: E402
from synthax.parameter import to_0to1  # noqa: E402
from synthax.synth import ParametricSynth, VoiceExpanded  # noqa: E402


class Peer:
    """One synth of SynthAX for batches of one size, compiled.

    Args:
        name: As we call it.
        batch: Sounds in a batch.
    """

    def __init__(self, name: str, batch: int) -> None:
        config = SynthConfig(batch_size=batch, buffer_size_seconds=4.0)
        if name == "voice-fm":
            self.synth = VoiceExpanded(config=config)
        else:
            sines, square_saws, fm_sines, fm_square_saws = map(int, name.split("-")[1:])
            self.synth = ParametricSynth(config, sines, square_saws, fm_sines, fm_square_saws)
        self.draw, self.play = jax.jit(self.synth.init), jax.jit(self.synth.apply)
        self.number = 0

    def seconds(self) -> tuple[float, float]:
        """Returns what a batch of other sounds than before takes: they are drawn as well, as a user has it.

        The first number is time, the second that of all cores.
        """
        self.number += 1
        started, busy = time.perf_counter(), time.process_time()
        self.play(self.draw(jax.random.PRNGKey(self.number))).block_until_ready()
        return time.perf_counter() - started, time.process_time() - busy

    def render(self, settings: dict[str, np.ndarray]) -> np.ndarray:
        """Returns sounds of given physical values, one at a time: a batch would be scaled by its first sound's peak."""
        drawn = self.draw(jax.random.PRNGKey(0))["params"]
        modules = self.synth.bind({"params": drawn}).modules
        sounds = []
        for number in range(len(settings["mixer.level"])):
            values = {
                module: {
                    name: to_0to1(settings[f"{module.removeprefix('modules_')}.{name}"][number : number + 1], limits)
                    for name in names
                    for limits in [getattr(modules[module.removeprefix("modules_")], name)]
                }
                for module, names in drawn.items()
            }
            sounds.append(np.asarray(self.play({"params": values}))[0])
        return np.stack(sounds)


def main() -> None:
    peer = cache(Peer)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "version":
            answer = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("synthax", "jax"))
        elif command == "time":
            answer = "{} {}".format(*peer(arguments[0], int(arguments[1])).seconds())
        else:
            with np.load(arguments[1]) as settings:
                audio = peer(arguments[0], 1).render(dict(settings))
            np.savez(arguments[2], audio=audio)
            answer = "saved"
        sys.stdout.write(f"answer {answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
