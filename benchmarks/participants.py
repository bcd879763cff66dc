"""Four hundred people take part in a listening test at once: how long they wait, and what each answer costs.

    OMP_NUM_THREADS=1 python benchmarks/participants.py [--people 400] [--trials 10]

Writes participants.md. All join; all look at their first trial; then all answer one trial after the other, as fast as
the server lets them, and after each look at what comes next, as the page does. What a request costs is processor time
of the server, counted by the kernel; what a look costs is known from the second part, and the rest of the third is the
answers'.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import httpx2
import psutil
from service_load import Served

SYSTEMS = [{"name": "by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]


@dataclass
class Taken:
    """What the requests of one part took.

    Attributes:
        requests: How many were answered.
        processor_ms: Of the server, for all of them.
        seconds: From the first to the last.
        waits_ms: Of each, until its answer was there.
        turned_away: How many were told to come back.
    """

    requests: int = 0
    processor_ms: float = 0.0
    seconds: float = 0.0
    waits_ms: list[float] = field(default_factory=list)
    turned_away: int = 0


class Listener:
    """A participant whose page asks for nothing but what it needs."""

    def __init__(self, url: str, invite: str) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=300)
        self._invite, self._path = invite, ""
        self._trial: str | None = None

    async def ask(self, taken: Taken, method: str, path: str, body: object = None) -> httpx2.Response:
        """Returns an answer, after coming back as often as the server says."""
        while True:
            began = time.perf_counter()
            answer = await self._client.request(method, path, json=body)
            if answer.status_code == 503:
                taken.turned_away += 1
                await asyncio.sleep(int(answer.headers["retry-after"]))
                continue
            answer.raise_for_status()
            taken.requests += 1
            taken.waits_ms.append(1e3 * (time.perf_counter() - began))
            return answer

    async def join(self, taken: Taken) -> None:
        """Comes as far as the test."""
        session = (await self.ask(taken, "POST", f"/v1/listen/{self._invite}/sessions", {})).json()["session"]
        self._path = f"/v1/listen/sessions/{session}"
        for stage in ("consent", "device", "volume"):
            await self.ask(taken, "PUT", f"{self._path}/stage", {"stage": stage})

    async def look(self, taken: Taken) -> None:
        """Finds out what is asked now."""
        trial = (await self.ask(taken, "GET", self._path)).json()["trial"]
        self._trial = trial and trial["id"]

    async def answer(self, taken: Taken) -> None:
        """Answers all trials."""
        while self._trial is not None:
            body = {"edit": 1, "choice": "A", "finished": True, "seconds": 3.0, "plays": {"A": 1, "B": 2}}
            await self.ask(taken, "PUT", f"{self._path}/trials/{self._trial}", body)
            await self.look(taken)
        await self._client.aclose()


async def part(people: list[Listener], act: Callable[[Listener, Taken], Awaitable[None]], pid: int) -> Taken:
    """Has all people do something at once, and returns what it took."""
    taken, process = Taken(), psutil.Process(pid)
    before, began = process.cpu_times(), time.perf_counter()
    await asyncio.gather(*(act(person, taken) for person in people))
    after = process.cpu_times()
    taken.seconds = time.perf_counter() - began
    taken.processor_ms = 1e3 * (after.user + after.system - before.user - before.system)
    return taken


async def parts(people: list[Listener], pid: int) -> list[Taken]:
    """Returns what joining, looking and answering took."""
    return [await part(people, act, pid) for act in (Listener.join, Listener.look, Listener.answer)]


def opened(client: httpx2.Client, trials: int) -> str:
    """Returns the invitation to a new test."""
    spec = {"version": 1, "name": "participants", "method": "preference", "sounds": trials, "seconds": 0.3}
    test = client.post("/v1/listening-tests", json=spec | {"systems": SYSTEMS}).raise_for_status().json()["id"]
    path = f"/v1/listening-tests/{test}"
    client.post(f"{path}/seal").raise_for_status()
    while client.get(path).raise_for_status().json()["state"] != "sealed":
        time.sleep(0.2)
    return str(client.post(f"{path}/open").raise_for_status().json()["invite"].rpartition("/")[2])


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--trials", type=int, default=10)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home, Served(Path(home), f"sqlite:///{home}/nebula.db", 1) as served:
        invite = opened(served.client, arguments.trials)
        people = [Listener(served.url, invite) for _ in range(arguments.people)]
        joined, looked, answered = asyncio.run(parts(people, served.pid))
    answers = arguments.people * arguments.trials
    look_ms = looked.processor_ms / looked.requests
    rows = [
        ("join: four requests each", joined, joined.processor_ms / joined.requests),
        ("look", looked, look_ms),
        ("answer, and look", answered, answered.processor_ms / answered.requests),
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "SQLAlchemy"))
    lines = [
        f"# {arguments.people} participants at once",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/participants.py {' '.join(sys.argv[1:])}`".replace(" `", "`")
        + f". {platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} before; SQLite; Python "
        f"{platform.python_version()}, {versions}. The people are simulated on the same cores.",
        "",
        f"{answers:,} answers in {answered.seconds:.1f} s, {answers / answered.seconds:.0f} a second. An answer costs "
        f"{answered.processor_ms / answers - look_ms:.2f} ms of processor time, and the look at what comes next "
        f"{look_ms:.2f} ms.",
        "",
        "| what all do | requests | told to come back | processor time each, ms | wait, median, ms | p99 | longest |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, taken, cost_ms in rows:
        waits = sorted(taken.waits_ms)
        figures = (statistics.median(waits), waits[int(0.99 * len(waits))], waits[-1])
        cells = (
            name,
            f"{taken.requests:,}",
            f"{taken.turned_away:,}",
            f"{cost_ms:.2f}",
            *(f"{ms:.0f}" for ms in figures),
        )
        lines.append(f"| {' | '.join(cells)} |")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
