"""Writes export.md: sounds a second and their size in each form of `nebula render`, and what a million would take.

Run with `python benchmarks/export.py FOLDER [--sounds N] [--before CHECKOUT]`. FOLDER is on the disk that is written
to; what a row left there is deleted once it was measured. CHECKOUT is the code of another version, for its row of FLAC.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEBULA = "default"
MILLION = 1_000_000

#: Options of each row, as the command line calls them.
ROWS = (
    {"format": "tar"},
    {"format": "tar", "samples": "pcm16", "level": 0},
    {"format": "tar-wav", "samples": "pcm16"},
    {"format": "tar-npy", "samples": "float16"},
)

WORDS = {"tar": "FLAC", "tar-wav": "WAV", "tar-npy": "npy"}


def main() -> None:
    """Measures each row in a process of its own and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sounds", type=int, default=20_000)
    parser.add_argument("--before", type=Path, help="checkout of the version to compare with")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.row is not None:
        print(json.dumps(measured(json.loads(arguments.row), arguments.sounds, arguments.folder)))
        return
    rows = [("", ROOT, options) for options in ROWS]
    if arguments.before is not None:
        rows.insert(0, ("before: ", arguments.before, ROWS[0]))
    lines = [
        "# Export",
        "",
        f"Written by `benchmarks/export.py FOLDER --sounds {arguments.sounds}"
        f"{' --before CHECKOUT' if arguments.before else ''}`, in one go, row by row.",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"`{NEBULA}` at 44.1 kHz, sounds of 4 s, shards of 1,000 with their parameters.",
        "",
        "CPU is what a sound takes of a core, rendered, encoded and written. A million by the clock: at the sounds a",
        "second of that row, with whatever else ran; others: how many other threads ran or waited for a core, on",
        "average, which differs from row to row. A million alone: by the CPU as measured here, on all cores, if",
        "nothing else runs and the disk keeps up with the size; nobody has rendered a million.",
        "",
        "| shards of | sounds | sounds/s | CPU, ms a sound | KB a sound | others | a million by the clock, h "
        "| alone, h | TB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for word, checkout, options in rows:
        found = in_process(checkout, options, arguments)
        rate = arguments.sounds / found["seconds"]
        cpu = found["cpu_seconds"] / arguments.sounds
        size = found["bytes"] / arguments.sounds
        others = max(0.0, found["load"] - found["cpu_seconds"] / found["seconds"])
        name = ", ".join(str(part) for part in (WORDS[options["format"]], *named(options)))
        clock, alone = MILLION / rate / 3600, MILLION * cpu / (os.cpu_count() or 1) / 3600
        lines.append(
            f"| {word}{name} | {arguments.sounds:,} | {rate:.0f} | {1e3 * cpu:.2f} | {size / 1e3:.0f} | {others:.1f} | "
            f"{clock:.2f} | {alone:.2f} | {size * MILLION / 1e12:.2f} |"
        )
        print(lines[-1], flush=True)
    (ROOT / "benchmarks" / "export.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def named(options: dict[str, object]) -> list[str]:
    """Returns a row's samples and level in words."""
    samples = {"pcm16": "16 bit", "float16": "float16"}.get(str(options.get("samples")), "24 bit")
    return [samples, *([f"level {options['level']}"] if "level" in options else [])]


def in_process(checkout: Path, options: dict[str, object], arguments: argparse.Namespace) -> dict[str, float]:
    """Returns what a row took, in a process with the code of a checkout."""
    command = [sys.executable, __file__, str(arguments.folder), "--sounds", str(arguments.sounds)]
    done = subprocess.run(
        [*command, "--row", json.dumps(options)],
        env={**os.environ, "PYTHONPATH": str(checkout.resolve())},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


def measured(options: dict[str, object], sounds: int, folder: Path) -> dict[str, float]:
    """Returns what an export takes: seconds by the clock and of cores, bytes, and the mean load meanwhile."""
    # Imported here, from the checkout that the process was given.
    import nebula
    from nebula.data import export

    voice, chosen = nebula.Voice(), nebula.Nebula.load(NEBULA)
    out = folder / "export-benchmark"
    shutil.rmtree(out, ignore_errors=True)
    loads: list[float] = []
    # Loops are compiled and memory is there.
    export(chosen, range(64), out, voice, **options)
    shutil.rmtree(out)
    began, cpu_began = time.perf_counter(), time.process_time()
    export(chosen, range(sounds), out, voice, watcher=lambda done, total: loads.append(running()), **options)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    size_bytes = sum(path.stat().st_size for path in out.iterdir())
    shutil.rmtree(out)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "bytes": size_bytes,
        "load": sum(loads) / len(loads),
    }


def running() -> float:
    """Returns how many processes and threads of this machine run or wait for a core now."""
    return float(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])


if __name__ == "__main__":
    main()
