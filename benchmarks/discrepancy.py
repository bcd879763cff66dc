"""Time, error and memory of the l1 MMD by sorting; writes `discrepancy.md` beside this file.

    OMP_NUM_THREADS=1 python benchmarks/discrepancy.py

Needs about 8 GB of memory and a few minutes.
"""

import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
import scipy.stats
import torch
from torch import Tensor

from nebula.discrepancy import Reference, frechet, gaussian_mmd, mmd

THREADS = 1
REPETITIONS = 21


def vectors(sounds: int, dimension: int, seed: int, spread: float = 1.0) -> Tensor:
    # Sounds of one dimension share a location, as embeddings do.
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(sounds, dimension, generator=generator).mul_(spread)
    return values.add_(torch.randn(dimension, generator=torch.Generator().manual_seed(99)))


def alternate(functions: dict[str, Callable[[], object]], repetitions: int = REPETITIONS) -> dict[str, float]:
    """Median milliseconds of each, taking turns, so that a busy moment of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for repetition in range(repetitions + 2):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if repetition >= 2:
                times[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(taken) for name, taken in times.items()}


def mean_distance(a: Tensor, b: Tensor) -> Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for rows in a.split(256):
        for columns in b.split(4096):
            total += torch.cdist(rows.double(), columns.double(), p=1).sum()
    return total / (len(a) * len(b))


def brute_force(x: Tensor, y: Tensor) -> float:
    return float(2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y))


def relative(value: Tensor, exact: float) -> str:
    return f"{abs(float(value) / exact - 1):.0e}"


def prepare(report: "multiprocessing.Queue[tuple[float, float, float]]", sounds: int, dimension: int) -> None:
    """Seconds of preparation, and how far memory rose above what held `y`, with what the reference keeps, in MB."""
    torch.set_num_threads(THREADS)
    Reference(vectors(5000, 4, 0))
    y = vectors(sounds, dimension, 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    reference = Reference(y)
    taken = time.perf_counter() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    tensors = [v for value in vars(reference).values() for v in (value if isinstance(value, list) else [value])]
    kept = sum(v.numel() * v.element_size() for v in tensors if isinstance(v, Tensor)) / 2**20
    report.put((taken, peak, kept))


def prepared(sounds: int, dimension: int) -> str:
    context = multiprocessing.get_context("spawn")
    report = context.Queue()
    process = context.Process(target=prepare, args=(report, sounds, dimension))
    process.start()
    taken, peak, kept = report.get()
    process.join()
    size = sounds * dimension * 4 / 2**20
    return f"| {sounds:,} x {dimension:,} | {size:,.0f} | {taken:.1f} | {peak:,.0f} | {kept:,.0f} |"


def processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else platform.processor()


def growth() -> list[str]:
    x = vectors(256, 512, 0, 1.3)
    y = {sounds: vectors(sounds, 512, sounds) for sounds in (1_000, 10_000, 100_000, 1_000_000)}
    reference = {sounds: Reference(values) for sounds, values in y.items()}
    times = alternate({str(sounds): (lambda r=r: r.mmd(x)) for sounds, r in reference.items()})
    cdist = alternate(
        {str(sounds): (lambda s=sounds: torch.cdist(x, y[s], p=1).mean()) for sounds in (1_000, 10_000)}, 3
    )
    lines = []
    for sounds in reference:
        own = times[str(sounds)]
        slow = cdist.get(str(sounds))
        # All pairs within a million sounds are 10^12: beyond 10,000 the check is SciPy's energy distance, which goes by
        # cumulative distribution functions, on 4 of the dimensions.
        if sounds <= 10_000:
            exact, error_of = brute_force(x, y[sounds]), reference[sounds].mmd(x)
            how = "all pairs"
        else:
            part = y[sounds][:, :4]
            exact = sum(
                scipy.stats.energy_distance(a, b) ** 2
                for a, b in zip(x[:, :4].double().T.numpy(), part.double().T.numpy(), strict=True)
            )
            error_of, how = Reference(part).mmd(x[:, :4]), "scipy, 4 dimensions"
        lines.append(
            f"| {sounds:,} | {own:.1f} | {own / times['10000']:.2f} | {f'{slow:,.0f}' if slow else '-'} "
            f"| {f'{slow / own:.0f}' if slow else '-'} | {relative(error_of, exact)} ({how}) |"
        )
    return lines


def typical() -> list[str]:
    x, y = vectors(256, 6_464, 0, 1.3), vectors(924, 6_464, 1)
    reference = Reference(y)
    times = alternate(
        {
            "`Reference.mmd`": lambda: reference.mmd(x),
            "`mmd`": lambda: mmd(x, y),
            "`gaussian_mmd`": lambda: gaussian_mmd(x, y),
            "`frechet`": lambda: frechet(x, y),
        }
    )
    times |= alternate({"`torch.cdist(x, y, p=1)`": lambda: torch.cdist(x, y, p=1).mean()}, 3)
    exact = brute_force(x, y)
    errors = {
        "`Reference.mmd`": relative(reference.mmd(x), exact),
        "`mmd`": relative(mmd(x, y), exact),
        "`torch.cdist(x, y, p=1)`": relative(torch.cdist(x, y, p=1).mean(), float(mean_distance(x, y))),
    }
    return [f"| {name} | {taken:.0f} | {errors.get(name, '-')} |" for name, taken in times.items()]


def main() -> None:
    torch.set_num_threads(THREADS)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    memories = [prepared(924, 6_464), prepared(1_000, 550_000), prepared(1_000_000, 512)]
    lines = [
        "# l1 MMD by sorting",
        "",
        f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GB; Python {platform.python_version()}, torch "
        f"{torch.__version__}, numpy {np.__version__}, scipy {scipy.__version__}. {THREADS} thread. float32 vectors,",
        "medians after two warm-up calls, methods taking turns. Written by `benchmarks/discrepancy.py`.",
        "",
        "## 256 sounds against N, 512 dimensions, reference prepared",
        "",
        "`torch.cdist` gives d(x, y) alone, in float32. Errors are relative, of the discrepancy.",
        "",
        "| N | Reference.mmd, ms | times N = 10,000 | cdist(p=1), ms | cdist / Reference | error |",
        "|---|---|---|---|---|---|",
        *growth(),
        "",
        "## A typical trial: 256 sounds against 924, 6,464 dimensions",
        "",
        "| | ms | relative error |",
        "|---|---|---|",
        *typical(),
        "",
        "## Preparation of a reference",
        "",
        "Peak: how far the process rose above the memory that held y.",
        "",
        "| y | y, MB | s | peak, MB | kept, MB |",
        "|---|---|---|---|---|",
        *memories,
    ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
