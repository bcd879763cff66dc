"""The service under load: 50 clients, 20 event streams and a running study; and 10,000 trials. Writes service_load.md.

    OMP_NUM_THREADS=1 python benchmarks/service_load.py [--database postgresql+psycopg://USER@HOST/EMPTY]

With a database the file is service_load_postgresql.md. Takes some five minutes. Clients run in a process of their own,
on the same machine as everything else; each asks for one thing a second, as pages that somebody looks at do, in turn
for what the console's pages need.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import optuna
import tomli_w
from sqlalchemy import insert

from nebula.tuning import StudySpec
from service.database import now
from service.database.opening import opened
from service.settings import Settings
from service.studies.states import StudyState
from service.studies.tables import Study, Trial

TRIALS = 10_000
STUDIES = 100
SOUNDS = 128
MORE_THAN_THERE_IS_TIME_FOR = 100_000
SEARCH = {"start": "default", "phases": [{"sampler": "cma-es", "trials": MORE_THAN_THERE_IS_TIME_FOR}]}
SPEC = {
    "version": 1,
    "name": "load",
    "objective": "match",
    "target": "drum",
    "sounds_per_trial": SOUNDS,
    "search": SEARCH,
}
NEBULA = [sys.executable, "-m", "nebula"]


def command_line(seconds: float, workers: int) -> float:
    """Trials a second of `nebula tune`, from its tenth trial on."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "load.toml"
        spec.write_text(tomli_w.dumps(SPEC))
        out = Path(folder) / "out"
        process = subprocess.Popen(
            [*NEBULA, "tune", spec, "--out", out, "--workers", str(workers)], stderr=subprocess.DEVNULL
        )
        _wait_for(lambda: _ends(out / "study.db"), lambda ends: len(ends) > 10)
        time.sleep(seconds)
        ends = _ends(out / "study.db")[10:]
        process.kill()
        process.wait()
        return (len(ends) - 1) / (ends[-1] - ends[0])


def _ends(path: Path) -> list[float]:
    """When each trial ended, in seconds."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if not path.exists():
        return []
    try:
        storage = f"sqlite:///{path}"
        study = optuna.load_study(study_name=optuna.get_all_study_names(storage)[0], storage=storage)
        return sorted(trial.datetime_complete.timestamp() for trial in study.get_trials(deepcopy=False))
    except (IndexError, KeyError):
        return []


def _wait_for(look, enough):
    end = time.monotonic() + 300
    while not enough(found := look()):
        if time.monotonic() > end:
            raise TimeoutError("nothing began within 300 s")
        time.sleep(0.5)
    return found


class Served:
    """`nebula serve` over a home folder, and a client with its key."""

    def __init__(self, home: Path, database: str, workers: int) -> None:
        self._process = subprocess.Popen(
            [*NEBULA, "serve", "--home", home, "--port", "0", "--workers", str(workers)],
            env=os.environ | {"NEBULA_DATABASE_URL": database},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid
        self.url, _, self.key = self._process.stdout.readline().strip().partition("/?token=")
        self.client = httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=60)

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *reason: object) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()


def fill(home: Path, database: str) -> str:
    """Enters 100 studies, one of them with 10,000 trials, whose id is returned."""
    with opened(Settings.read(home=home, database_url=database)) as database, database.begin() as session:
        for number in range(STUDIES):
            done = TRIALS if number == 0 else 0
            spec = StudySpec.parse(SPEC).model_dump(mode="json")
            study = Study(
                name=f"study {number}", spec=spec, state=StudyState.DONE, trials_total=TRIALS, trials_done=done
            )
            study.created_at = now() - timedelta(days=number)
            session.add(study)
            session.flush()
            if number == 0:
                large = study.id
        rows = [
            {
                "study_id": large,
                "number": n,
                "generation": n // 20,
                "candidate": n % 20,
                "score": 3 / (1 + n**0.5) + (n * 0.6180339887498949) % 1,
                "seconds": 0.5,
                "finished_at": now(),
            }
            for n in range(TRIALS)
        ]
        session.execute(insert(Trial), rows)
    return large


def pages(served: Served, large: str) -> list[tuple[str, float, int, int]]:
    """(path, median milliseconds, bytes, bytes as sent to a browser) of what the study pages ask for."""
    found = []
    for path in (
        "/v1/studies",
        f"/v1/studies/{large}",
        f"/v1/studies/{large}/scores",
        f"/v1/studies/{large}/trials?limit=500",
    ):
        taken = []
        for _ in range(21):
            began = time.perf_counter()
            whole = served.client.get(path, headers={"Accept-Encoding": "identity"})
            taken.append(1e3 * (time.perf_counter() - began))
            whole.raise_for_status()
        sent = int(served.client.get(path).headers["content-length"])
        found.append((path.replace(large, "{id}"), statistics.median(taken[1:]), len(whole.content), sent))
    return found


def begin_study(served: Served) -> str:
    """Posts a study and returns its id once its tenth trial is there."""
    study = served.client.post("/v1/studies", json=SPEC).raise_for_status().json()["id"]
    _wait_for(lambda: served.client.get(f"/v1/studies/{study}").json(), lambda found: found["trials_done"] > 10)
    return study


def throughput(served: Served, study: str, seconds: float) -> float:
    """Trials a second over a while."""
    began, first = time.perf_counter(), served.client.get(f"/v1/studies/{study}").json()["trials_done"]
    time.sleep(seconds)
    return (served.client.get(f"/v1/studies/{study}").json()["trials_done"] - first) / (time.perf_counter() - began)


async def load(url: str, key: str, study: str, large: str, clients: int, streams: int, seconds: float) -> dict:
    """What `clients` readers and `streams` followers of a study experience."""
    paths = [
        "/v1/studies",
        f"/v1/studies/{study}",
        f"/v1/studies/{study}/scores",
        f"/v1/studies/{large}/scores",
        f"/v1/studies/{large}/trials?limit=50",
        "/v1/system",
    ]
    taken: list[float] = []
    errors: list[str] = []
    heard = [0] * streams
    connected = [asyncio.Event() for _ in range(streams)]

    async def follow(number: int) -> None:
        connection = await Connection.open(url, key)
        async for line in connection.lines(f"/v1/studies/{study}/events"):
            connected[number].set()
            heard[number] += line == b"event: trial\n"
        errors.append("a stream ended")

    async def read(number: int) -> None:
        connection = await Connection.open(url, key)
        # By a timetable: those that once had to wait would otherwise ask together from then on.
        first = time.perf_counter() + number / clients
        for turn in range(int(seconds)):
            await asyncio.sleep(max(0.0, first + turn - time.perf_counter()))
            path = paths[(number + turn) % len(paths)]
            began = time.perf_counter()
            status = await connection.get(path)
            taken.append(1e3 * (time.perf_counter() - began))
            if status != 200:
                errors.append(f"{status} {path}")

    followers = [asyncio.create_task(follow(number)) for number in range(streams)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(event.wait() for event in connected))
    before = list(heard)
    await asyncio.gather(*(read(number) for number in range(clients)))
    heard = [after - earlier for after, earlier in zip(heard, before, strict=True)]
    for follower in followers:
        if follower.done():
            errors.append(repr(follower.exception()))
        follower.cancel()
    cuts = statistics.quantiles(taken, n=100)
    return {
        "requests": len(taken),
        "errors": errors,
        "p50": cuts[49],
        "p99": cuts[98],
        "longest": max(taken),
        "heard_least": min(heard),
        "heard_most": max(heard),
    }


class Connection:
    """HTTP/1.1 over one connection, with next to no work: what the clients spend, the server and the study lack."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer, self._key = reader, writer, key

    @classmethod
    async def open(cls, url: str, key: str) -> "Connection":
        """Connects."""
        address = urlsplit(url)
        return cls(*await asyncio.open_connection(address.hostname, address.port), key)

    async def get(self, path: str) -> int:
        """Reads an answer to its end; returns its status."""
        status, headers = await self._ask(path)
        await self._reader.readexactly(int(headers[b"content-length"]))
        return status

    async def lines(self, path: str) -> AsyncIterator[bytes]:
        """Yields an event stream's lines, and those between its chunks."""
        await self._ask(path)
        while line := await self._reader.readline():
            yield line

    async def _ask(self, path: str) -> tuple[int, dict[bytes, bytes]]:
        head = (f"GET {path} HTTP/1.1", "Host: load", f"Authorization: Bearer {self._key}", "Accept-Encoding: gzip")
        self._writer.write("\r\n".join((*head, "", "")).encode())
        first, *rest = (await self._reader.readuntil(b"\r\n\r\n")).splitlines()
        headers = dict(line.lower().split(b": ", 1) for line in rest if line)
        return int(first.split()[1]), headers


def under_load(served: Served, study: str, large: str, options: argparse.Namespace) -> tuple[dict, float]:
    """What clients experience, and the trials a second meanwhile."""
    arguments = [served.url, served.key, study, large, str(options.clients), str(options.streams), str(options.seconds)]
    process = subprocess.Popen([sys.executable, __file__, "--load", *arguments], stdout=subprocess.PIPE, text=True)
    rate = throughput(served, study, options.seconds)
    return json.loads(process.communicate()[0]), rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database; SQLite if not given")
    parser.add_argument("--load", nargs=7, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        url, key, study, large, clients, streams, seconds = options.load
        print(json.dumps(asyncio.run(load(url, key, study, large, int(clients), int(streams), float(seconds)))))
        return
    busy = os.getloadavg()[0]
    alone = command_line(options.seconds, options.workers)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        large = fill(home, options.database)
        with Served(home, options.database, options.workers) as served:
            rows = pages(served, large)
            study = begin_study(served)
            quiet = throughput(served, study, options.seconds)
            seen, loaded = under_load(served, study, large, options)
            served.client.post(f"/v1/studies/{study}/cancel")
    write(options, busy, rows, alone, quiet, loaded, seen)


def write(options, busy, rows, alone, quiet, loaded, seen) -> None:
    kind = "PostgreSQL" if options.database else "SQLite"
    command = "python benchmarks/service_load.py" + (" --database URL" if options.database else "")
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "SQLAlchemy", "distributed"))
    lines = [
        "# The service under load",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, load average {busy:.1f} before the run; {kind}; {versions}. "
        f"`OMP_NUM_THREADS=1 {command}`.",
        "",
        f"## {options.clients} clients, {options.streams} event streams and a study, {options.seconds:.0f} s",
        "",
        "| requests | errors | median, ms | p99, ms | longest, ms | trials that each stream heard of |",
        "|---|---|---|---|---|---|",
        f"| {seen['requests']:,} | {len(seen['errors'])} | {seen['p50']:.1f} | {seen['p99']:.1f} | "
        f"{seen['longest']:.0f} | {seen['heard_least']} to {seen['heard_most']} |",
        "",
        f"## Trials of {SOUNDS} sounds, {options.workers} worker{'s' if options.workers > 1 else ''}",
        "",
        "| what runs | trials a second | of the command line's |",
        "|---|---|---|",
        f"| `nebula tune` | {alone:.2f} | 100 % |",
        f"| `nebula serve`, nobody looking | {quiet:.2f} | {100 * quiet / alone:.0f} % |",
        f"| `nebula serve` under the load above | {loaded:.2f} | {100 * loaded / alone:.0f} % |",
        "",
        f"## {STUDIES} studies, one of {TRIALS:,} trials",
        "",
        "| path | median of 20, ms | bytes | bytes compressed |",
        "|---|---|---|---|",
        *(f"| `{path}` | {milliseconds:.1f} | {size:,} | {sent:,} |" for path, milliseconds, size, sent in rows),
        "",
    ]
    name = "service_load_postgresql.md" if options.database else "service_load.md"
    Path(__file__).with_name(name).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
