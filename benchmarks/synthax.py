"""Our synths of SynthAX's architectures beside SynthAX itself: error and time; writes `synthax.md` beside this file.

    python benchmarks/render_install_peers.py PEERS
    OMP_WAIT_POLICY=PASSIVE python benchmarks/synthax.py PEERS/synthax/bin/python [--threads 2] [--sounds 200]

The only argument that has to be given is the Python of an environment that has SynthAX. Ten minutes on two cores. With
--sounds 0 errors are left as they are, and times are measured again in two minutes.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nebula import Nebula, synths
from nebula.draws import to_physical
from nebula.modules import Matrix, Mixer
from nebula.synths import Timeline, Wiring

SYNTHS = ("voice-fm", "parametric-2-2-1-1")
TIMELINE = Timeline()
BATCH, REPETITIONS = 128, 7


class Peer:
    """A process in SynthAX's environment that renders on demand.

    Args:
        python: The Python of that environment.
        threads: How many it may use.
        precision: `single` or `double`.
    """

    def __init__(self, python: Path, threads: int, precision: str) -> None:
        script = Path(__file__).with_name("synthax_peer.py")
        # -P: otherwise this file, which lies beside that one, is what `import synthax` finds.
        command = [python, "-P", script, str(threads), precision]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question: str) -> str:
        """Returns the answer to one line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("answer "):
                return line.removeprefix("answer ").strip()
        raise RuntimeError(f"SynthAX ended at {question!r}")

    def render(self, synth: Wiring, physical: Tensor) -> Tensor:
        """Returns its sounds of these physical values, in float64."""
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder) / "settings.npz", **settings(synth, physical))
            self.ask(f"render {synth.name} {folder}/settings.npz {folder}/audio.npz")
            with np.load(Path(folder) / "audio.npz") as saved:
                return torch.from_numpy(saved["audio"]).double()

    def end(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def uniform(synth: Wiring, seeds: range) -> Tensor:
    """Returns physical values drawn uniformly, which SynthAX' are too, with the noise silent: it is another one there.

    They are float32, so that all precisions render the same sounds.
    """
    nebula = Nebula.uniform(synth.name)
    curves, symmetric = torch.tensor(nebula.curves), torch.tensor(nebula.symmetric)
    physical = to_physical(synth.panel, synth.sample(seeds), curves, symmetric)
    physical[:, synth.panel.columns["mixer", "noise"]] = 0.0
    return physical


def settings(synth: Wiring, physical: Tensor) -> dict[str, np.ndarray]:
    """Returns physical values as SynthAX keeps them: a matrix and a mixer have one array each."""
    values = physical.double().numpy()
    found = {path: values[:, column] for column, path in enumerate(synth.panel.paths)}
    for module in synth.modules:
        own = values[:, synth.panel.modules[module.name]] if module.parameters else values
        if isinstance(module, Matrix):
            found["mod_matrix.mod"] = own.reshape(len(own), len(module.sources), len(module.targets)).swapaxes(1, 2)
        elif isinstance(module, Mixer):
            found["mixer.level"] = own
    return found


def error_rows(synth: Wiring, sounds: int, single: Peer, double: Peer) -> list[str]:
    """Mean absolute errors of each sound."""
    physical = uniform(synth, range(sounds))
    rows = torch.zeros(sounds, dtype=torch.int64)
    exact, drifting = double.render(synth, physical), single.render(synth, physical)
    reference = synth.reference(physical.double(), rows, TIMELINE)
    fused = synth.fused(physical, rows, TIMELINE).double()
    pairs = {
        "reference in float64 | SynthAX in float64": (reference, exact),
        "fused | SynthAX in float64": (fused, exact),
        "fused | SynthAX as it comes, in float32": (fused, drifting),
        "SynthAX as it comes, in float32 | SynthAX in float64": (drifting, exact),
    }
    lines = []
    for names, (one, other) in pairs.items():
        error = (one - other).abs().mean(dim=1)
        lines.append(f"| {synth.name} | {names} | {error.median():.1e} | {error.max():.1e} |")
    return lines


def time_row(synth: Wiring, peer: Peer) -> str:
    """Medians of a batch of each, and the least that cores were busy with one, taking turns after two batches."""
    nebula, player = Nebula.uniform(synth.name), synth.player()

    def own(number: int) -> tuple[float, float]:
        started, busy = time.perf_counter(), time.process_time()
        player.play(range(number * BATCH, (number + 1) * BATCH), nebula)
        return time.perf_counter() - started, time.process_time() - busy

    ours, theirs = [], []
    for number in range(REPETITIONS + 2):
        ours.append(own(number))
        theirs.append(tuple(map(float, peer.ask(f"time {synth.name} {BATCH}").split())))
    waited = [statistics.median(seconds for seconds, _ in taken[2:]) for taken in (ours, theirs)]
    worked = [min(seconds for _, seconds in taken[2:]) for taken in (ours, theirs)]
    cells = [f"{1e3 * seconds:,.0f} ms, {4 * BATCH / seconds:,.0f} x" for seconds in waited]
    cells += [f"{waited[1] / waited[0]:.1f}", *(f"{1e3 * seconds:,.0f} ms" for seconds in worked)]
    return f"| {synth.name} | {' | '.join(cells)} | {worked[1] / worked[0]:.1f} |"


def error_section(sounds: int, rows: list[str]) -> list[str]:
    return [
        f"Mean absolute difference of each of {sounds} random sounds, uniform over physical ranges, with the noise",
        "level at 0. SynthAX renders one at a time, since it scales a batch by its first sound's peak. It sums phases",
        "in float32 radians, which drift: the last row of each synth says how far, and float64 is what counts.",
        "",
        "| synth | one | the other | median | worst sound |",
        "|---|---|---|---|---|",
        *rows,
    ]


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    wide = "AVX-512" if any("avx512f" in line for line in lines) else "no AVX-512"
    return f"{names[0] if names else platform.processor()} ({wide}), {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, help="The Python of SynthAX's environment.")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sounds", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    load = os.getloadavg()[0]
    single = Peer(arguments.python, arguments.threads, "single")
    wirings = [synth for name in SYNTHS if isinstance(synth := synths.get(name), Wiring)]
    versions = f"{single.ask('version')}; torch {torch.__version__}, numba {version('numba')}"
    times = [time_row(synth, single) for synth in wirings]
    report = Path(__file__).with_name("synthax.md")
    if arguments.sounds:
        double = Peer(arguments.python, arguments.threads, "double")
        errors = error_section(
            arguments.sounds, [row for synth in wirings for row in error_rows(synth, arguments.sounds, single, double)]
        )
        double.end()
    else:
        errors = report.read_text().split("\n## Error\n")[1].split("\n## Time\n")[0].strip().splitlines()
    single.end()
    lines = [
        "# SynthAX's architectures",
        "",
        f"{machine()}; Python {platform.python_version()}, {versions}. {arguments.threads} threads, 4 s at 44.1 kHz. "
        f"Load average when begun: {load:.1f}.",
        "",
        "## Error",
        "",
        *errors,
        "",
        "## Time",
        "",
        f"A batch of {BATCH} from seeds to audio: medians of {REPETITIONS} after two warm-up batches, taking turns.",
        "The second number is how many times faster than real time. Cores: the least time that they were busy with one",
        "batch, which other programs distort least.",
        "",
        "| synth | fused | SynthAX | SynthAX / fused | cores, fused | cores, SynthAX | SynthAX / fused |",
        "|---|---|---|---|---|---|---|",
        *times,
    ]
    text = "\n".join(lines) + "\n"
    report.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
