"""Time and error of OpenL3 beside the original; writes `openl3.md` beside this file.

    python benchmarks/openl3.py --python ENVIRONMENT/bin/python --source SOURCE_OF_OPENL3

The original needs an environment and sources of its own, see `tests/distances/openl3/openl3_reference.py`. Both get the
same drawn weights and the same sound of 4 s at 48 kHz and take turns, so that a busy moment of the machine meets both.
Without these two arguments only ours is measured; with `--device cuda`, a GPU, into `openl3-cuda.md`.
"""

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from nebula.distances import OpenL3

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import openl3_weights

SAMPLES = 4 * 48_000
WINDOWS = 36

#: Multiplications and additions of a window, mel256: two for each weight, at each point of the layer's plane.
POINTS = (256 * 199, 256 * 199, 128 * 99, 128 * 99, 64 * 49, 64 * 49, 32 * 24, 32 * 24)
OPERATIONS = sum(
    2 * 9 * before * after * points for (before, after), points in zip(openl3_weights.CHANNELS, POINTS, strict=True)
)

# Answers each line with wall seconds, processor seconds and the place of the embedding.
ORIGINAL = """
import os, sys, time
os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3")
weights, source, sound, out = sys.argv[1:]
sys.path.insert(0, source)
import numpy as np
import openl3
from openl3 import models
model = models.load_audio_embedding_model_from_path(weights, "mel256", 512)
audio = np.load(sound)
for line in sys.stdin:
    wall, processor = time.perf_counter(), time.process_time()
    embedding, _ = openl3.get_audio_embedding(audio, 48000, model=model, verbose=0)
    print(time.perf_counter() - wall, time.process_time() - processor, flush=True)
    np.save(out, embedding)
"""


@contextlib.contextmanager
def original(arguments, folder):
    """A function that has the original embed the sound once and returns its seconds; None without an original."""
    if arguments.python is None:
        yield None
        return
    command = [arguments.python, "-W", "ignore", "-c", ORIGINAL, folder / "w_mel256_music.h5", arguments.source]
    command += [folder / "sound.npy", folder / "embedding.npy"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:

        def run():
            process.stdin.write("\n")
            process.stdin.flush()
            return tuple(float(word) for word in process.stdout.readline().split())

        yield run
        process.stdin.close()


def measure_cpu(arguments, folder):
    sound = np.random.default_rng(0).normal(0, 0.1, SAMPLES).astype(np.float32)
    np.save(folder / "sound.npy", sound)
    one_shot = np.where(np.arange(SAMPLES) < SAMPLES // 8, sound, 0).astype(np.float32)
    distance = OpenL3(folder / "w_mel256_music.h5")
    found = {}

    def ours(audio):
        def run():
            wall, processor = time.perf_counter(), time.process_time()
            with torch.no_grad():
                found["ours"] = distance.windows(torch.from_numpy(audio)[None], 48_000.0)[0].numpy()
            return time.perf_counter() - wall, time.process_time() - processor

        return run

    with original(arguments, folder) as theirs:
        rows = {"original 0.4.2": theirs, "nebula": ours(sound), "nebula, 0.5 s and silence": ours(one_shot)}
        rows = {name: run for name, run in rows.items() if run is not None}
        times = {name: [] for name in rows}
        for repetition in range(arguments.repetitions + 1):
            for name, run in rows.items():
                taken = run()
                if repetition:
                    times[name].append(taken)
        ours(sound)()
        error = ""
        if theirs is not None:
            expected = np.load(folder / "embedding.npy")
            error = f"{np.abs(found['ours'] - expected).max() / np.abs(expected).max():.0e}"
    lines = [
        f"{torch.get_num_threads()} threads, float32, {arguments.repetitions} runs taking turns after one warm-up. "
        f"Load of the machine over the last minutes, all programs: {os.getloadavg()[1]:.1f}.",
        "",
        "| one sound of 4 s | wall s, median | wall s, least | processor s, median | largest error / scale |",
        "|---|---:|---:|---:|---:|",
    ]
    medians = {}
    for name, taken in times.items():
        wall, processor = ([pair[k] for pair in taken] for k in (0, 1))
        medians[name] = statistics.median(wall), statistics.median(processor), min(wall)
        lines.append(
            f"| {name} | {medians[name][0]:.2f} | {min(wall):.2f} | {medians[name][1]:.2f} "
            f"| {error if name == 'nebula' else ''} |"
        )
    if "original 0.4.2" in medians:
        wall, processor, least = (
            theirs / ours for theirs, ours in zip(medians["original 0.4.2"], medians["nebula"], strict=True)
        )
        lines += [
            "",
            f"Original over nebula: wall median **{wall:.2f}**, wall least {least:.2f}, processor {processor:.2f}.",
        ]
    return lines


def measure_cuda(arguments, folder):
    name = torch.cuda.get_device_name()
    lines = [
        f"{name}, {arguments.sounds} sounds of 4 s a call, medians of {arguments.repetitions} after one warm-up.",
        f"A window takes {OPERATIONS / 1e9:.1f} GFLOP; the matrix rate is that of a product of 8192 x 8192 matrices.",
        "",
        "| precision | sounds/s | TFLOP/s | part of the matrix rate | largest error / scale |",
        "|---|---:|---:|---:|---:|",
    ]
    audio = 0.1 * torch.randn(arguments.sounds, SAMPLES, generator=torch.Generator().manual_seed(0))
    exact = OpenL3(folder / "w_mel256_music.h5").windows(audio[:1], 48_000.0)
    for precision in ("float32", "bfloat16", "float16"):
        distance = OpenL3(folder / "w_mel256_music.h5", precision=precision)
        sounds = audio.cuda()
        with torch.no_grad():
            seconds = timed_on_gpu(partial(distance.windows, sounds, 48_000.0), arguments.repetitions)
            error = (distance.windows(sounds[:1], 48_000.0).cpu() - exact).abs().max() / exact.abs().max()
            square = torch.randn(8192, 8192, device="cuda", dtype=getattr(torch, precision))
            matrix_rate = 2 * 8192**3 / timed_on_gpu(partial(torch.matmul, square, square), 10)
        rate = OPERATIONS * WINDOWS * arguments.sounds / seconds
        lines.append(
            f"| {precision} | {arguments.sounds / seconds:.0f} | {rate / 1e12:.1f} | {rate / matrix_rate:.0%} "
            f"| {error:.0e} |"
        )
    return lines


def timed_on_gpu(run, repetitions):
    taken = []
    for _ in range(repetitions + 1):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", help="interpreter of the original's environment")
    parser.add_argument("--source", help="folder that holds the original's package `openl3`")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--sounds", type=int, default=64)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        openl3_weights.write(folder / "w_mel256_music.h5", openl3_weights.draw(1))
        lines = (measure_cuda if arguments.device == "cuda" else measure_cpu)(arguments, folder)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "numba"))
    head = [
        "# OpenL3",
        "",
        "Written by `benchmarks/openl3.py`. Front end 0.4.2, mel256, 512 numbers a window, 36 windows a sound, weights",
        f"drawn from a seed. {processor_name()}, Python {platform.python_version()}, {versions}.",
        "",
    ]
    suffix = "-cuda.md" if arguments.device == "cuda" else ".md"
    Path(__file__).with_name("openl3" + suffix).write_text("\n".join([*head, *lines, ""]))
    print("\n".join(lines))


def processor_name():
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return f"{line.split(':')[1].strip()}, {os.cpu_count()} cores"
    return platform.machine()


if __name__ == "__main__":
    main()
