"""Writes corpus_memory.md: peak memory of embedding a small and a large corpus, each in a process of its own.

Run with `python benchmarks/corpus_memory.py [--small 1000] [--large 100000]`. The sounds are 50 ms of noise that differ
in every byte, each file written once and removed afterwards; the embedding is a stand-in of 8 numbers, so what is
measured is the stream: listing, hashing, decoding, batching, the cache.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

DURATION_SECONDS = 1.0
BATCH_SIZE = 32

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from nebula.audio import Corpus, EmbeddingCache, embeddings

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

folder, cache, duration_seconds, batch_size = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
embed = lambda audio: audio[:, : audio.shape[1] // 8 * 8].reshape(len(audio), 8, -1).square().mean(dim=-1)
start = time.perf_counter()
result = embeddings(Corpus.open(folder), embed, "stand-in", duration_seconds=duration_seconds,
                    cache=EmbeddingCache(Path(cache)), batch_size=batch_size)
print(json.dumps({"sounds": len(result.sounds), "computed": result.computed,
                  "seconds": time.perf_counter() - start, "peak_bytes": peak_bytes()}))
"""


def make_sounds(folder, count):
    import numpy as np
    import soundfile

    generator = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"{number // 1000:03d}"
        if number % 1000 == 0:
            place.mkdir(parents=True)
        samples = generator.integers(-8000, 8000, 2205, dtype=np.int16)
        soundfile.write(place / f"{number}.wav", samples, 44100)


def measure(folder, cache):
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MEASURE, str(folder), str(cache), str(DURATION_SECONDS), str(BATCH_SIZE)]
    return json.loads(subprocess.check_output(command, env=environment, text=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=100_000)
    arguments = parser.parse_args()
    rows = []
    for count in (arguments.small, arguments.large):
        with tempfile.TemporaryDirectory() as place:
            make_sounds(Path(place) / "sounds", count)
            rows += [(run, measure(Path(place) / "sounds", Path(place) / "cache.sqlite")) for run in ("first", "again")]
    audio_bytes = arguments.large * DURATION_SECONDS * 44100 * 4
    small, large = rows[0][1]["peak_bytes"], rows[2][1]["peak_bytes"]
    lines = [
        "# Memory of a corpus",
        "",
        f"Written by `benchmarks/corpus_memory.py --small {arguments.small} --large {arguments.large}`.",
        f"{platform.system()} {platform.machine()}, one thread, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("torch", "soundfile", "soxr", "numpy"))
        + ".",
        f"Clips of {DURATION_SECONDS} s at 44.1 kHz in batches of {BATCH_SIZE}; every run is a process of its own.",
        "",
        "| sounds | run | computed | seconds | peak resident memory |",
        "|---:|---|---:|---:|---:|",
        *(
            f"| {row['sounds']:,} | {run} | {row['computed']:,} | {row['seconds']:.1f} "
            f"| {row['peak_bytes'] / 2**20:.0f} MiB |"
            for run, row in rows
        ),
        "",
        f"Peak of {arguments.large:,} sounds over peak of {arguments.small:,}, first run: **{large / small:.2f}** "
        f"({(large - small) / (arguments.large - arguments.small):.0f} bytes a sound: its name, hash and vector).",
        f"Their decoded audio would be {audio_bytes / 2**20:,.0f} MiB.",
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
