"""Time and error of renderers, ours and our peers', taking turns in one run; writes `render.md` beside this file.

    python benchmarks/render_install_peers.py PEERS
    OMP_WAIT_POLICY=PASSIVE python benchmarks/render.py PEERS [--device cuda] [--threads 2] [--sizes 1 32 128 1024 4096]

PEERS is the folder that the first command filled. On two cores it takes ten minutes. Without PEERS only the section on
a trial is measured again.
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
from torch.profiler import ProfilerActivity, profile

from nebula import PARAMETERS, Nebula, Voice, sample
from nebula.discrepancy import Reference
from nebula.distances import Distance, LogMel
from nebula.draws import to_physical
from nebula.synths import Renderer, Timeline
from nebula.synths.voice import VOICE
from nebula.synths.voice_modules import SOURCES, TARGETS

TIMELINE = Timeline()
NEBULA = Nebula.load("default")
CURVES, SYMMETRIC = torch.tensor(NEBULA.curves), torch.tensor(NEBULA.symmetric)
ERROR_SOUNDS = 128
# A batch is timed so often after a warm-up, or less often where that would take longer than the budget.
REPETITIONS, BUDGET_SECONDS = 7, 15.0
# Largest batch of a peer that is asked for, in sounds for each GB of memory: both keep some 40 signals of 700 kB.
PEER_SOUNDS_PER_GB = 32
# What the kernels of nebula.synths.cuda_kernels do.
STAGES = {
    "modulate": "control signals",
    "sum_stretches": "phases",
    "play": "audio",
    "scale": "normalisation",
}


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
    physical = to_physical(VOICE.panel, unit, CURVES, SYMMETRIC)
    return physical, VOICE.reference(physical.double(), noise_rows, TIMELINE)


def spread(audio: Tensor, exact: Tensor) -> str:
    error = (audio.double().cpu() - exact).square().mean(dim=1).sqrt()
    return f"{error.median():.0e} | {error.max():.0e}"


def own_error(renderer: Renderer, device: str) -> str:
    noise_rows = torch.arange(ERROR_SOUNDS) % 32
    physical, exact = physical_and_exact(sample(range(ERROR_SOUNDS)), noise_rows)
    return spread(renderer(physical.to(device), noise_rows.to(device), TIMELINE, None), exact)


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
    for i, source in enumerate(SOURCES):
        for j, target in enumerate(TARGETS):
            drawn[f"mod_matrix.{source}->{target}"] = drawn["mod_matrix.mod"][:, j, i]
    unit = torch.from_numpy(np.stack([drawn[parameter.path] for parameter in PARAMETERS], axis=1))
    exact = physical_and_exact(unit, torch.zeros(ERROR_SOUNDS, dtype=torch.int64))[1]
    audio = torch.from_numpy(drawn["audio"]).double()
    gain = (audio * exact).sum(1, keepdim=True) / audio.square().sum(1, keepdim=True).clamp(min=1e-12)
    return spread(audio * gain, exact)


def synchronised(run: Callable[[], object], device: str) -> float:
    """Returns the median seconds of a call, from an idle device to an idle device, after a warm-up."""
    taken = []
    for _ in range(REPETITIONS + 2):
        started = time.perf_counter()
        run()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[2:])


def copied_bytes_per_second(device: str) -> float:
    """What the memory gives: bytes read and written by copying half a GB, far more than any cache holds."""
    source = torch.ones(2**27, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / synchronised(lambda: target.copy_(source), device)


def least_bytes(audio: Tensor) -> int:
    """Bytes that a batch must move: control signals and samples once each, samples that clip twice more."""
    control = len(audio) * TIMELINE.control_samples * len(TARGETS) * 8
    # Where a sound was louder, rounding leaves its peak at 1 or a shade below.
    clipped = int((audio.float().abs().amax(dim=1) > 1.0 - 1e-3).sum())
    return control + audio.nbytes + 2 * clipped * audio[0].nbytes


def stage_seconds(run: Callable[[], object], device: str, calls: int = 5) -> dict[str, float]:
    """Returns the device's seconds in each kernel of a call, by name, the longest first."""
    cuda = device == "cuda"
    run()
    activities = [ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU]
    with profile(activities=activities) as profiled:
        for _ in range(calls):
            run()
        if cuda:
            torch.cuda.synchronize()
    spent = {
        event.key: (event.self_device_time_total if cuda else event.self_cpu_time_total) / 1e6 / calls
        for event in profiled.key_averages()
    }
    return dict(sorted(spent.items(), key=lambda item: -item[1]))


def memory_section(renderer: Renderer, device: str, batch: int) -> list[str]:
    """Achieved memory bandwidth from parameters to audio, and on a GPU where the time goes."""
    physical = to_physical(sample(range(batch)), CURVES, SYMMETRIC).to(device)
    noise_rows = (torch.arange(batch) % 32).to(device)
    copied = copied_bytes_per_second(device)
    lines = [
        "",
        "## Memory",
        "",
        f"A batch of {batch:,} from parameters to audio, both on the device. It must move its control signals and its",
        "samples once each, and the samples of a sound that clips twice more; that in the time it takes, beside the",
        f"{copied / 1e9:,.1f} GB/s that copying half a GB moves in the same run.",
        "",
        "| audio | ms | times faster than real time | GB moved at least | GB/s | share of copying |",
        "|---|---|---|---|---|---|",
    ]
    for dtype in (torch.float32, torch.float16):

        def run(dtype: torch.dtype = dtype) -> Tensor:
            return renderer(physical, noise_rows, TIMELINE, dtype)

        moved, seconds = least_bytes(run()), synchronised(run, device)
        lines.append(
            f"| {str(dtype).removeprefix('torch.')} | {1e3 * seconds:,.1f} | {batch * 4 / seconds:,.0f} | "
            f"{moved / 1e9:.2f} | {moved / seconds / 1e9:,.1f} | {moved / seconds / copied:.0%} |"
        )
    if device == "cuda":
        spent = stage_seconds(lambda: renderer(physical, noise_rows, TIMELINE, torch.float32), device)
        stages = {stage: spent.pop(kernel, 0.0) for kernel, stage in STAGES.items()} | {"all else": sum(spent.values())}
        lines += ["", "Where the time goes, in float32, by kernel:", "", "| stage | ms | share |", "|---|---|---|"]
        whole = sum(stages.values())
        lines += [f"| {stage} | {1e3 * part:.2f} | {part / whole:.0%} |" for stage, part in stages.items()]
    return lines


def machine(device: str) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gpu = f", {torch.cuda.get_device_name()}" if device == "cuda" else ""
    processor = names[0] if names else platform.processor()
    wide = "AVX-512" if any("avx512f" in line for line in lines) else "no AVX-512"
    return f"{processor} ({wide}), {os.cpu_count()} cores, {memory:.0f} GB{gpu}"


def plain_log_mel(audio: Tensor) -> Tensor:
    """Log-mel vectors by tensor operations, one sound after the other."""
    return Distance.vectors(LogMel(), audio, audio.shape[1], 44100)


def trial(
    voice: Voice, embed: Callable[[Tensor], Tensor], target: Reference, first_seed: int, sounds: int = 256
) -> tuple[float, float, float]:
    """CPU seconds of rendering, embedding and scoring of a trial in blocks of 32 sounds."""
    vectors, render_seconds, embed_seconds = [], 0.0, 0.0
    for first in range(first_seed, first_seed + sounds, 32):
        begun = time.process_time()
        audio = voice.play(range(first, first + 32), NEBULA)
        rendered = time.process_time()
        vectors.append(embed(audio))
        render_seconds += rendered - begun
        embed_seconds += time.process_time() - rendered
    begun = time.process_time()
    float(target.mmd(torch.cat(vectors)))
    return render_seconds, embed_seconds, time.process_time() - begun


def trial_section(threads: int) -> list[str]:
    """Where a trial's time goes, before and after renderer and embedding were fused."""
    lines = [
        "",
        "## A trial",
        "",
        "256 sounds of the default nebula in blocks of 32 against 924, by log-mel, on one thread, as each worker of a",
        "study has it: milliseconds of CPU time, which other programs distort least, and share. Before: the reference",
        f"renderer and tensor operations. The fastest of five, taking turns; load average when begun: "
        f"{os.getloadavg()[0]:.1f}.",
        "",
        "| renderer | embedding | render | embed | score | together |",
        "|---|---|---|---|---|---|",
    ]
    fused_log_mel = LogMel()

    def fused(audio: Tensor) -> Tensor:
        return fused_log_mel.embed(audio, 44100)

    variants = {
        ("reference", "operations"): (Voice(renderer=VOICE.reference), plain_log_mel),
        ("fused", "operations"): (Voice(), plain_log_mel),
        ("fused", "fused"): (Voice(), fused),
    }
    target = Reference(torch.cat([fused(Voice().play(range(i, i + 28), NEBULA)) for i in range(0, 924, 28)]))
    torch.set_num_threads(1)
    taken: dict[tuple[str, str], list[tuple[float, float, float]]] = {names: [] for names in variants}
    for repetition in range(5):
        for names, (voice, embed) in variants.items():
            with torch.no_grad():
                taken[names].append(trial(voice, embed, target, 5000 * (repetition + 1)))
    for names, runs in taken.items():
        stages = min(runs, key=sum)
        parts = " | ".join(f"{1e3 * s:,.0f} ({s / sum(stages):.0%})" for s in stages)
        lines.append(f"| {' | '.join(names)} | {parts} | {1e3 * sum(stages):,.0f} |")
    torch.set_num_threads(threads)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path, nargs="?", help="Without it, only the trial is measured again.")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 32, 128, 1024, 4096])
    arguments = parser.parse_args()
    device, threads, load = arguments.device, arguments.threads, os.getloadavg()[0]
    torch.set_num_threads(threads)
    if arguments.peers is None:
        report = Path(__file__).with_name("render.md")
        kept = report.read_text().split("\n## A trial\n")[0].splitlines()
        report.write_text("\n".join(kept + trial_section(threads)) + "\n")
        return
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if device == "cuda":
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        from nebula.synths import fused_cuda

        fused: Renderer = fused_cuda.render
    else:
        fused = VOICE.fused
    peers = [
        Peer(name, arguments.peers / name / "bin" / "python", threads, device) for name in ("torchsynth", "synthax")
    ]
    mine = {"fused": own(fused, device), "reference": own(VOICE.reference, device)}
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
            f"| reference in float32 | {own_error(VOICE.reference, device)} |",
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
        f"{device}. Load average when begun: {load:.1f}.",
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
    lines += memory_section(fused, device, max(arguments.sizes))
    if device == "cpu":
        lines += trial_section(threads)
    text = "\n".join(lines) + "\n"
    Path(__file__).with_name("render.md" if device == "cpu" else f"render_{device}.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
