"""Time and error of renderers, ours and our peers', taking turns in one run; writes `render.md` beside this file.

    python benchmarks/render_install_peers.py PEERS
    OMP_WAIT_POLICY=PASSIVE python benchmarks/render.py PEERS [--device cuda] [--threads 2] [--sizes 1 32 128 1024 4096]

PEERS is the folder that the first command filled. On two cores it takes ten minutes.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nebula import PARAMETERS, Nebula, Voice, sample
from nebula.distances import get
from nebula.synth import Renderer, Timeline, fused_cpu, reference, to_physical
from nebula.synth.parameters import MODULATION_SOURCES, MODULATION_TARGETS

TIMELINE = Timeline()
NEBULA = Nebula.load("default")
CURVES, SYMMETRIC = torch.tensor(NEBULA.curves), torch.tensor(NEBULA.symmetric)
ERROR_SOUNDS = 128
# A batch is timed so often after a warm-up, or less often where that would take longer than the budget.
REPETITIONS, BUDGET_SECONDS = 7, 15.0
# Largest batch of a peer that is asked for, in sounds for each GB of memory: both keep some 40 signals of 700 kB.
PEER_SOUNDS_PER_GB = 32


class Peer:
    """A process in a peer's environment that renders on demand."""

    def __init__(self, name: str, python: Path, threads: int, device: str) -> None:
        self.name = name
        script = Path(__file__).with_name("render_peer.py")
        self.process = subprocess.Popen(
            [python, script, name, str(threads), device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: str) -> str:
        """Returns the answer to one line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("answer "):
                return line.removeprefix("answer ").strip()
        raise RuntimeError(f"{self.name} ended at {question!r}")


def own(renderer: Renderer | None, device: str) -> Callable[[int, int], float]:
    """Returns a function that times one batch, from seeds to audio, as the peers draw their parameters too."""
    voice = Voice(device, renderer=renderer)

    def timed(batch: int, first: int) -> float:
        started = time.perf_counter()
        with torch.no_grad():
            voice.play(range(first, first + batch), NEBULA)
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - started

    return timed


def alternate(timers: dict[str, Callable[[int, int], float]], batch: int) -> dict[str, float]:
    """Median seconds of each, taking turns, so that a busy moment of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in timers}
    for name, timer in timers.items():
        timer(batch, 0)
        first = timer(batch, batch)
        times[name] = [first] if first * REPETITIONS > BUDGET_SECONDS else []
    for repetition in range(2, REPETITIONS + 2):
        for name, timer in timers.items():
            if len(times[name]) == 0 or sum(times[name]) + max(times[name]) < BUDGET_SECONDS:
                times[name].append(timer(batch, repetition * batch))
    return {name: statistics.median(taken) for name, taken in times.items()}


def physical_and_exact(unit: Tensor, noise_rows: Tensor) -> tuple[Tensor, Tensor]:
    physical = to_physical(unit, CURVES, SYMMETRIC)
    return physical, reference.render(physical.double(), noise_rows, TIMELINE)


def spread(audio: Tensor, exact: Tensor) -> str:
    error = (audio.double().cpu() - exact).square().mean(dim=1).sqrt()
    return f"{error.median():.0e} | {error.max():.0e}"


def own_error(renderer: Renderer, device: str) -> str:
    noise_rows = torch.arange(ERROR_SOUNDS) % 32
    physical, exact = physical_and_exact(sample(range(ERROR_SOUNDS)), noise_rows)
    return spread(renderer(physical.to(device), noise_rows.to(device), TIMELINE), exact)


def torchsynth_error(peer: Peer, folder: Path) -> str:
    peer.ask(f"save {ERROR_SOUNDS} {folder / 'torchsynth.npz'}")
    with np.load(folder / "torchsynth.npz") as saved:
        audio, unit = torch.from_numpy(saved["audio"]), torch.from_numpy(saved["unit"])
    return spread(audio, physical_and_exact(unit, torch.arange(ERROR_SOUNDS) % 32)[1])


def synthax_error(peer: Peer, folder: Path) -> str:
    """Without noise, which is another one there, and up to a factor, since it scales by the first sound's peak."""
    peer.ask(f"save {ERROR_SOUNDS} {folder / 'synthax.npz'}")
    with np.load(folder / "synthax.npz") as saved:
        drawn = dict(saved)
    drawn |= {f"mixer.{name}": drawn["mixer.level"][:, i] for i, name in enumerate(("vco_1", "vco_2", "noise"))}
    for i, source in enumerate(MODULATION_SOURCES):
        for j, target in enumerate(MODULATION_TARGETS):
            drawn[f"mod_matrix.{source}->{target}"] = drawn["mod_matrix.mod"][:, j, i]
    unit = torch.from_numpy(np.stack([drawn[parameter.path] for parameter in PARAMETERS], axis=1))
    exact = physical_and_exact(unit, torch.zeros(ERROR_SOUNDS, dtype=torch.int64))[1]
    audio = torch.from_numpy(drawn["audio"]).double()
    gain = (audio * exact).sum(1, keepdim=True) / audio.square().sum(1, keepdim=True).clamp(min=1e-12)
    return spread(audio * gain, exact)


def machine(device: str) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gpu = f", {torch.cuda.get_device_name()}" if device == "cuda" else ""
    processor = names[0] if names else platform.processor()
    wide = "AVX-512" if any("avx512f" in line for line in lines) else "no AVX-512"
    return f"{processor} ({wide}), {os.cpu_count()} cores, {memory:.0f} GB{gpu}"


def trial(renderer: Renderer | None, sounds: int = 256, block: int = 32) -> tuple[float, float, float]:
    """Seconds of rendering, embedding and scoring of a trial against 924 sounds."""
    from nebula.discrepancy import Reference

    distance, voice = get("log-mel"), Voice(renderer=renderer)
    with torch.no_grad():
        target = torch.cat([distance.embed(voice.play(range(i, i + 32), NEBULA), 44100) for i in range(0, 924, 32)])
        target_reference = Reference(target[:924])
        taken = []
        for repetition in range(3):
            vectors, render_seconds, embed_seconds = [], 0.0, 0.0
            for first in range(0, sounds, block):
                begun = time.perf_counter()
                audio = voice.play(range(5000 * repetition + first, 5000 * repetition + first + block), NEBULA)
                rendered = time.perf_counter()
                vectors.append(distance.embed(audio, 44100))
                render_seconds += rendered - begun
                embed_seconds += time.perf_counter() - rendered
            begun = time.perf_counter()
            float(target_reference.mmd(torch.cat(vectors)))
            taken.append((render_seconds, embed_seconds, time.perf_counter() - begun))
    return sorted(taken, key=sum)[len(taken) // 2]


def trial_rows(threads: int) -> list[str]:
    rows = []
    for number in sorted({1, threads}):
        torch.set_num_threads(number)
        for name, renderer in (("reference", reference.render), ("fused", None)):
            stages = trial(renderer)
            parts = " | ".join(f"{1e3 * s:,.0f} ({s / sum(stages):.0%})" for s in stages)
            rows.append(f"| {number} | {name} | {parts} | {1e3 * sum(stages):,.0f} |")
    torch.set_num_threads(threads)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 32, 128, 1024, 4096])
    arguments = parser.parse_args()
    device, threads = arguments.device, arguments.threads
    torch.set_num_threads(threads)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if device == "cuda":
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        from nebula.synth import fused_cuda

        fused: Renderer = fused_cuda.render
    else:
        fused = fused_cpu.render
    peers = [
        Peer(name, arguments.peers / name / "bin" / "python", threads, device) for name in ("torchsynth", "synthax")
    ]
    mine = {"fused": own(fused, device), "reference": own(reference.render, device)}
    theirs = {
        peer.name: (lambda batch, first, peer=peer: float(peer.ask(f"time {batch}")))  # type: ignore[misc]
        for peer in peers
    }
    rows = []
    for batch in arguments.sizes:
        timers: dict[str, Callable[[int, int], float]] = dict(mine)
        if batch <= PEER_SOUNDS_PER_GB * memory:
            timers |= theirs
        times = alternate(timers, batch)
        cells = [
            f"{times[n] * 1e3:,.1f} ms, {batch * 4 / times[n]:,.0f} x" if n in times else "-" for n in [*mine, *theirs]
        ]
        ratios = [f"{times[name] / times['fused']:.1f}" if name in times else "-" for name in theirs]
        rows.append(f"| {batch:,} | {' | '.join(cells)} | {' | '.join(ratios)} |")
        sys.stdout.write(rows[-1] + "\n")
        sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        errors = [
            f"| fused | {own_error(fused, device)} |",
            f"| reference in float32 | {own_error(reference.render, device)} |",
            f"| torchsynth | {torchsynth_error(peers[0], Path(folder))} |",
            f"| SynthAX, without noise, up to a factor | {synthax_error(peers[1], Path(folder))} |",
        ]
    versions = [f"torch {torch.__version__}", f"numba {version('numba')}", *(peer.ask("version") for peer in peers)]
    for peer in peers:
        peer.process.stdin.close()  # type: ignore[union-attr]
        peer.process.wait()
    lines = [
        "# Renderers",
        "",
        f"{machine(device)}; Python {platform.python_version()}, {'; '.join(versions)}. {threads} threads, device "
        f"{device}.",
        "",
        "## Time",
        "",
        "Random sounds of the default nebula, 4 s at 44.1 kHz, from seeds to audio: medians after two warm-up batches,",
        "renderers taking turns, devices synchronised. The second number is how many times faster than real time. `-`:",
        "more than the memory allows. Threads that wait give their core away (`OMP_WAIT_POLICY=PASSIVE`).",
        "",
        "| batch | fused | reference | torchsynth | SynthAX | torchsynth / fused | SynthAX / fused |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        "## Error",
        "",
        f"Root mean square of the difference to the reference in float64, of {ERROR_SOUNDS} sounds of their own draws.",
        "",
        "| renderer | median | worst sound |",
        "|---|---|---|",
        *errors,
    ]
    if device == "cpu":
        lines += [
            "",
            "## A trial",
            "",
            "256 sounds of the default nebula in blocks of 32 against 924, by log-mel: milliseconds and share.",
            "",
            "| threads | renderer | render | embed | score | together |",
            "|---|---|---|---|---|---|",
            *trial_rows(threads),
        ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_name("render.md" if device == "cpu" else f"render_{device}.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
