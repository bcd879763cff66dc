"""Writes startup.md: how long commands, imports and the server take to start, beside another version.

    python benchmarks/startup.py [OTHER] [--times N]

OTHER is a checkout of another version, whose dependencies are installed here too. The versions take turns. What a
command takes is processor time from the start of its process to the end, which others on the machine hardly change. Of
a server it is both, from its start to its first answer, on a home folder that holds a database already.
"""

import argparse
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from urllib.request import urlopen

import psutil

OURS = Path(__file__).parents[1]

_COMMAND = ("-m", "nebula")
PROGRAMS = {
    "`import torch`": ("-c", "import torch"),
    "`import nebula`": ("-c", "import nebula"),
    "`nebula --help`": (*_COMMAND, "--help"),
    "`nebula synths`": (*_COMMAND, "synths"),
    "`nebula key --help`": (*_COMMAND, "key", "--help"),
    "`nebula key list`": (*_COMMAND, "key", "list"),
    "`nebula compare drum uniform --sounds 8 --trials 2`": (
        *(*_COMMAND, "compare", "drum", "uniform", "--sounds", "8", "--trials", "2"),
    ),
}

_LOOK_SECONDS = 0.01


def processor_seconds(arguments: tuple[str, ...], environment: dict[str, str]) -> float:
    """Returns the processor time of a program and of all processes that it waited for."""
    before = os.times()
    subprocess.run([sys.executable, "-P", *arguments], env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def first_answer(environment: dict[str, str]) -> tuple[float, float]:
    """Returns after how many seconds, and with how much processor time of its own process, a server answers."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [sys.executable, "-P", *_COMMAND, "serve", "--port", str(port), "--workers", "1"]
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            time.sleep(_LOOK_SECONDS)
        seconds, spent = time.monotonic() - began, psutil.Process(process.pid).cpu_times()
        return seconds, spent.user + spent.system
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("other", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    versions = {"this version": OURS} | ({"the other": arguments.other.resolve()} if arguments.other else {})
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        environments = {
            name: {**_without_settings(), "PYTHONPATH": str(root), "NEBULA_HOME": str(Path(folder) / name)}
            for name, root in versions.items()
        }
        # The first round compiles and makes databases.
        for number in range(arguments.times + 1):
            for name, environment in environments.items():
                for row, seconds in _measured(environment):
                    found[row, name].extend([seconds] if number else [])
    lines = [
        "# From start to answer",
        "",
        f"Written by `python benchmarks/startup.py{' OTHER' if arguments.other else ''} --times {arguments.times}`, "
        f"medians of {arguments.times}. {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, torch {version('torch')}; on average {os.getloadavg()[2]:.1f} programs ran.",
        "With more programs than cores the clock tells how busy the machine was.",
        "",
        f"| seconds | {' | '.join(versions)} |",
        f"|---|{'---:|' * len(versions)}",
    ]
    for row in dict.fromkeys(row for row, _ in found):
        medians = [f"{statistics.median(found[row, name]):.2f}" for name in versions]
        lines.append(f"| {row} | {' | '.join(medians)} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def _without_settings() -> dict[str, str]:
    # Compiled modules are kept, as in an installation.
    left_out = ("NEBULA_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def _measured(environment: dict[str, str]) -> list[tuple[str, float]]:
    rows = [(f"{name}, processor", processor_seconds(program, environment)) for name, program in PROGRAMS.items()]
    seconds, spent = first_answer(environment)
    return [
        *rows,
        ("`nebula serve` until it answers, processor", spent),
        ("`nebula serve` until it answers, clock", seconds),
    ]


if __name__ == "__main__":
    main()
