"""Renders with a peer in the peer's own environment, for render.py, which starts it and writes to its standard input.

    python render_peer.py torchsynth|synthax THREADS cpu|cuda

Answers each line: `time BATCH` with the seconds one batch took, `save BATCH PATH` with `saved` once audio and unit
parameters are in an .npz file, `version` with what is installed.
"""

import importlib.metadata
import os
import sys
import time
from pathlib import Path

PEER, THREADS, DEVICE = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["OMP_NUM_THREADS"] = str(THREADS)
if DEVICE == "cpu":
    os.environ["JAX_PLATFORMS"] = "cpu"
    if hasattr(os, "sched_setaffinity"):
        # jax takes no number of threads: it uses the cores that it may.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

import numpy as np  # noqa: E402 - settings come first


class Torchsynth:
    """torchsynth's Voice."""

    def __init__(self) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(THREADS)
        self.batch, self.voice, self.number = 0, None, 0

    def prepare(self, batch: int) -> None:
        """Makes a voice for batches of this size."""
        from torchsynth.config import SynthConfig
        from torchsynth.synth import Voice

        if batch != self.batch:
            # Sizes below 32 are not reproducible there, for which it wants to be told.
            self.batch, self.voice = batch, Voice(SynthConfig(batch_size=batch, reproducible=batch % 32 == 0))
            self.voice = self.voice.to(DEVICE)

    def render(self) -> object:
        """Renders a batch of other sounds than before, to the end."""
        self.number += 1
        with self.torch.no_grad():
            audio = self.voice(self.number)[0]
        if DEVICE == "cuda":
            self.torch.cuda.synchronize()
        return audio

    def save(self, path: str) -> None:
        """Writes audio and parameters of one batch."""
        audio, parameters, _ = self.voice(0)
        np.savez(path, audio=audio.as_subclass(self.torch.Tensor).cpu().numpy(), unit=parameters.cpu().numpy())


class Synthax:
    """SynthAX' Voice, compiled."""

    def __init__(self) -> None:
        import jax

        self.jax, self.batch, self.number = jax, 0, 0

    def prepare(self, batch: int) -> None:
        """Makes a voice for batches of this size."""
        from synthax.config import SynthConfig
        from synthax.synth import Voice

        if batch != self.batch:
            self.batch = batch
            self.voice = Voice(config=SynthConfig(batch_size=batch, buffer_size_seconds=4.0))
            self.initialise, self.play = self.jax.jit(self.voice.init), self.jax.jit(self.voice.apply)

    def render(self) -> object:
        """Renders a batch of other sounds than before, to the end."""
        # Other sounds each time, as a user has it: their parameters are drawn as well, as torchsynth draws them.
        self.number += 1
        return self.play(self.initialise(self.jax.random.PRNGKey(self.number))).block_until_ready()

    def save(self, path: str) -> None:
        """Writes audio and parameters of one batch."""
        drawn = self.initialise(self.jax.random.PRNGKey(0))
        modules = drawn["params"]
        # Its noise is another one: silence it.
        modules["modules_mixer"]["level"] = modules["modules_mixer"]["level"].at[:, 2].set(0.0)
        found = {
            f"{module.removeprefix('modules_')}.{name}": np.asarray(value)
            for module, values in modules.items()
            for name, value in values.items()
        }
        np.savez(path, audio=np.asarray(self.play(drawn)), **found)


def main() -> None:
    peer = {"torchsynth": Torchsynth, "synthax": Synthax}[PEER]()
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "version":
            names = {"torchsynth": ("torchsynth", "torch"), "synthax": ("synthax", "jax")}[PEER]
            answer = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
        elif command == "time":
            peer.prepare(int(arguments[0]))
            started = time.perf_counter()
            peer.render()
            answer = str(time.perf_counter() - started)
        else:
            peer.prepare(int(arguments[0]))
            peer.save(str(Path(arguments[1])))
            answer = "saved"
        sys.stdout.write(f"answer {answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
