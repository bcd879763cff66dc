"""Time and error of OpenL3's convolutions: our own against torch's; writes `openl3_convolution.md` beside this file.

    python benchmarks/openl3_convolution.py

All eight layers with what follows each of them, over the pictures of one sound of 4 s, in single precision, with
weights drawn from a seed. The ways take turns, so that a busy moment of the machine meets all of them; where other
programs keep the cores busy, processor time says more than the clock. Errors are against double precision.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import torch
from torch.nn.functional import conv2d, max_pool2d

from nebula.distances.openl3.checkpoint import HALVED, read
from nebula.distances.openl3.network import WINDOWS_PER_THREAD
from nebula.distances.openl3.winograd_network import WinogradNetwork

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import openl3_weights

WINDOWS = 36
THREADS = 2


def by_torch(checkpoint, pictures, layout=torch.contiguous_format, dtype=torch.float32):
    """What the last convolution gives, by torch's own."""
    planes = pictures[:, None].to(dtype, memory_format=layout)
    for number, (kernel, bias) in enumerate(zip(checkpoint.kernels, checkpoint.biases, strict=True), start=1):
        planes = conv2d(planes, kernel.to(dtype, memory_format=layout), bias.to(dtype), padding=1)
        if number < len(checkpoint.kernels):
            planes = planes.relu_()
        if number in HALVED:
            planes = max_pool2d(planes, 2)
    return planes.permute(0, 2, 3, 1)


def parts(pictures):
    return pictures.split(WINDOWS_PER_THREAD)


def in_threads(convolve, pictures):
    """Each thread convolves windows of its own, as `nebula` does it."""
    torch.set_num_threads(1)
    with ThreadPoolExecutor(THREADS, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return torch.cat(list(pool.map(convolve, parts(pictures))))


def together(convolve, pictures):
    """Threads share each convolution, as torch does it when nothing is said."""
    torch.set_num_threads(THREADS)
    return torch.cat([convolve(part) for part in parts(pictures)])


def ways(checkpoint):
    ours = WinogradNetwork(checkpoint)

    def winograd(part):
        return ours(part, ours.memory()).clone()

    def first(part):
        return by_torch(checkpoint, part)

    def last(part):
        return by_torch(checkpoint, part, torch.channels_last)

    return {
        "nebula's Winograd, a thread for its own windows": lambda pictures: in_threads(winograd, pictures),
        "torch, channels first, a thread for its own windows": lambda pictures: in_threads(first, pictures),
        "torch, channels last, a thread for its own windows": lambda pictures: in_threads(last, pictures),
        "torch, channels last, threads share": lambda pictures: together(last, pictures),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        openl3_weights.write(Path(place) / "weights.h5", openl3_weights.draw(1))
        checkpoint = read(Path(place) / "weights.h5")
    pictures = torch.randn(WINDOWS, 256, 199, generator=torch.Generator().manual_seed(0))
    taken, found = {}, {}
    with torch.no_grad():
        for repetition in range(arguments.repetitions + 1):
            for name, convolve in ways(checkpoint).items():
                wall, processor = time.perf_counter(), time.process_time()
                found[name] = convolve(pictures)
                spent = time.perf_counter() - wall, time.process_time() - processor
                if repetition:
                    taken.setdefault(name, []).append(spent)
        exact = by_torch(checkpoint, pictures[:1], dtype=torch.float64)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numba"))
    lines = [
        "# OpenL3's convolutions",
        "",
        f"Written by `benchmarks/openl3_convolution.py`: mel256, {WINDOWS} windows, which is a sound of 4 s. "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}.",
        f"{THREADS} threads, {arguments.repetitions} runs taking turns after one warm-up. "
        f"Load of the machine over the last minutes, all programs: {os.getloadavg()[1]:.1f}.",
        "",
        "| way | processor s, median | processor s, least | wall s, least | largest error / scale |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, spent in taken.items():
        walls, processors = zip(*spent, strict=True)
        error = float((found[name][:1] - exact).abs().max() / exact.abs().max())
        lines.append(
            f"| {name} | {statistics.median(processors):.2f} | {min(processors):.2f} | {min(walls):.2f} | {error:.0e} |"
        )
    Path(__file__).with_suffix(".md").write_text("\n".join([*lines, ""]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
