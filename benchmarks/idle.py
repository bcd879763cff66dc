"""Writes idle.md: what a server with its manager and two workers takes while nobody asks for anything.

Run with `python benchmarks/idle.py [SECONDS]`, on Linux. The processes are those of `nebula serve --workers 2` over an
empty home. Times are the kernel's count of what each took (`/proc/PID/stat`), wake-ups the switches of its threads from
waiting to running, memory what it has in RAM and what of that no other process shares (`/proc/PID/smaps_rollup`).
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx2
import psutil

WORKERS = 2

# Start-up is not rest: what is imported late, the first heartbeats, garbage.
_SETTLE_SECONDS = 30


@dataclass(frozen=True)
class Counts:
    """What a process has taken since it began, and what it holds."""

    cpu_seconds: float
    wakes: int
    resident_mb: float
    own_mb: float


def main() -> None:
    """Writes the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as home:
        began = time.monotonic()
        command = [sys.executable, "-m", "nebula", "serve", "--home", home, "--port", "0", "--workers", str(WORKERS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout is not None
            address, _, token = server.stdout.readline().strip().partition("?token=")
            answered = _wait(f"{address}readyz", {}, lambda answer: answer["status"] == "ok") - began
            headers = {"Authorization": f"Bearer {token}"}
            ready = _wait(f"{address}v1/system", headers, lambda answer: len(answer["workers"]) == WORKERS) - began
            time.sleep(_SETTLE_SECONDS)
            family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
            before = {process: _counts(process) for process in family}
            load, started = os.getloadavg()[0], time.monotonic()
            time.sleep(seconds)
            passed = time.monotonic() - started
            after = {process: _counts(process) for process in family}
            names = {process: _name(process, server.pid) for process in family}
            server.terminate()
    versions = ", ".join(f"{name} {version(name)}" for name in ("distributed", "torch"))
    lines = [
        "# At rest",
        "",
        f"Written by `python benchmarks/idle.py {seconds:g}`. {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}.",
        "",
        f"It answered {answered:.1f} s after its start, and its workers were there after {ready:.1f} s, with a load of "
        f"{load:.1f} by other programs.",
        "",
        "| process | of a core, % | wake-ups a second | in RAM, MB | of its own, MB |",
        "|---|---:|---:|---:|---:|",
    ]
    totals = [0.0, 0.0, 0.0, 0.0]
    for process in family:
        used = 100 * (after[process].cpu_seconds - before[process].cpu_seconds) / passed
        wakes = (after[process].wakes - before[process].wakes) / passed
        row = [used, wakes, after[process].resident_mb, after[process].own_mb]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        lines.append(_row(names[process], row))
    lines.append(_row("all", totals))
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _wait(url: str, headers: dict[str, str], is_there: object) -> float:
    """Returns the moment at which an answer is as wanted."""
    while True:
        try:
            if is_there(httpx2.get(url, headers=headers).json()):  # type: ignore[operator]
                return time.monotonic()
        except httpx2.HTTPError:
            pass
        time.sleep(0.05)


def _counts(process: psutil.Process) -> Counts:
    times, memory = process.cpu_times(), process.memory_full_info()
    status = (path.read_text() for path in Path(f"/proc/{process.pid}/task").glob("*/status"))
    wakes = sum(int(line.split()[1]) for text in status for line in text.splitlines() if line.startswith("voluntary"))
    return Counts(times.user + times.system, wakes, memory.rss / 1e6, memory.uss / 1e6)


def _name(process: psutil.Process, server: int) -> str:
    if process.pid == server:
        return "server"
    if _runs(process, "service.supervisor"):
        return "manager"
    if not _runs(process, "forkserver"):
        return "Python's resource tracker"
    parent = process.parent()
    return "worker" if parent and _runs(parent, "forkserver") else "what workers are forked from"


def _runs(process: psutil.Process, word: str) -> bool:
    return word in " ".join(process.cmdline())


def _row(name: str, values: list[float]) -> str:
    used, wakes, resident, own = values
    return f"| {name} | {used:.2f} | {wakes:.1f} | {resident:.0f} | {own:.0f} |"


if __name__ == "__main__":
    main()
