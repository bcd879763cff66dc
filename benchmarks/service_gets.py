"""How long does each GET of the API take, and whom does it hold up? Writes service_gets.md.

    OMP_NUM_THREADS=1 python benchmarks/service_gets.py CORPUS [--seconds 2]

A server of its own has 100 studies, one of 10,000 trials and one that has found a nebula; a corpus of 200 recordings of
CORPUS; an unblinded listening test with the answers of 20 participants, and an open one; a saved nebula, a match and a
link. Each path is asked for by eight clients at once, as fast as it answers. Meanwhile another process asks for
`/healthz`, which does nothing, fifty times a second: what that waits for is the event loop, which is to serve everybody
else within 50 ms.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx2
import psutil
from service_load import Served, fill

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

RECORDINGS, PARTICIPANTS, CLIENTS = 200, 20, 8
BOUND_MS = 50.0
PAUSE_SECONDS = 0.02
STUDY = {
    "version": 1,
    "name": "found",
    "objective": "match",
    "target": "drum",
    "sounds_per_trial": 16,
    "search": {"phases": [{"sampler": "random", "trials": 4}]},
}
TEST = {
    "version": 1,
    "name": "ab",
    "method": "preference",
    "sounds": 24,
    "seconds": 1.0,
    "systems": [{"name": "by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}],
}
#: Asked with a query, where there is nothing to see without one.
QUERIES = {
    "/v1/nebulae/{name}/differences": "?other=default",
    "/v1/nebulae/{name}/mmd": "?other=default",
    "/v1/studies/{study_id}/trials": "?limit=500",
}
#: Of the study of 10,000 trials rather than of the one that has found a nebula.
LARGE = ("/v1/studies/{study_id}/trials", "/v1/studies/{study_id}/scores")


@dataclass(frozen=True)
class Asked:
    """What it takes to answer a path.

    Attributes:
        path: As the API describes it.
        status: Of the answers.
        alone_ms: Median of an answer while nobody else asks.
        processor_ms: The server's processor time for one, over all answers.
        answers: How many eight clients got in a second.
        median_ms: Of `/healthz` meanwhile.
        longest_ms: Of `/healthz` meanwhile.
    """

    path: str
    status: int
    alone_ms: float
    processor_ms: float
    answers: float
    median_ms: float
    longest_ms: float


def populated(served: Served, corpus: Path) -> dict[str, str]:
    """Returns what a path calls the things that there are."""
    client = served.client
    files = [("files", (path.name, path.read_bytes())) for path in sorted(corpus.rglob("*.*"))[:RECORDINGS]]
    uploaded = client.post("/v1/corpora", data={"name": "recordings"}, files=files).raise_for_status().json()["id"]
    study = client.post("/v1/studies", json=STUDY).raise_for_status().json()["id"]
    exported = client.get("/v1/nebulae/drum/export").raise_for_status().json()
    client.post("/v1/nebulae", json={"name": "saved", "nebula": exported}).raise_for_status()
    match = client.post("/v1/matches", json={"corpus": _ready(client, f"/v1/corpora/{uploaded}"), "generations": 0})
    test, invite = _opened(client)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _answered(served.url, invite), range(PARTICIPANTS)))
    for verb in ("close", "unblind"):
        client.post(f"/v1/listening-tests/{test}/{verb}").raise_for_status()
    listener, sound = _met(served.url, _opened(client)[1])
    link = client.post("/v1/links", json={"nebula": "saved"}).raise_for_status().json()
    _ready(client, f"/v1/studies/{study}", "done")
    _ready(client, f"/v1/matches/{match.raise_for_status().json()['id']}", "done")
    return {
        "study_id": study,
        "corpus_id": uploaded,
        "test_id": test,
        "match_id": match.json()["id"],
        "key_id": client.get("/v1/keys").json()["items"][0]["id"],
        "name": "saved",
        "number": "0",
        "seed": "1",
        "format": "flac",
        "role": "nebula",
        "origin": client.get(f"/v1/studies/{study}/findings").json()["finalists"][0]["origin"],
        "link": link["path"].rpartition("/")[2],
        "listener": listener,
        "sound": sound,
    }


def _ready(client: httpx2.Client, path: str, state: str = "ready") -> str:
    """Waits until a thing is in a state, and returns its id."""
    while (found := client.get(path).raise_for_status().json())["state"] != state:
        if found["state"] == "failed":
            raise RuntimeError(f"{path}: {found}")
        time.sleep(0.2)
    return str(found["id"])


def _opened(client: httpx2.Client) -> tuple[str, str]:
    """Returns the id and the invitation of a new test that is open."""
    test = client.post("/v1/listening-tests", json=TEST).raise_for_status().json()["id"]
    client.post(f"/v1/listening-tests/{test}/seal").raise_for_status()
    _ready(client, f"/v1/listening-tests/{test}", "sealed")
    invite = client.post(f"/v1/listening-tests/{test}/open").raise_for_status().json()["invite"]
    return test, invite.rpartition("/")[2]


def _met(url: str, invite: str) -> tuple[str, str]:
    """Returns the token of a participant who is in mid test, and what their page calls a sound."""
    with httpx2.Client(base_url=url, timeout=120) as client:
        path = _joined(client, invite)
        client.put(f"{path}/stage", json={"stage": "practice"}).raise_for_status()
        slots = client.get(path).raise_for_status().json()["trial"]["slots"]
    return path.rpartition("/")[2], slots[0]["audio"][0].rpartition("/")[2]


def _joined(client: httpx2.Client, invite: str) -> str:
    """Takes up a test as far as the practice, and returns the session's path."""
    session = client.post(f"/v1/listen/{invite}/sessions", json={}).raise_for_status().json()["session"]
    path = f"/v1/listen/sessions/{session}"
    for stage in ("consent", "device", "volume"):
        said = {"device": "headphones"} if stage == "device" else {}
        client.put(f"{path}/stage", json={"stage": stage, "answer": said}).raise_for_status()
    return path


def _answered(url: str, invite: str) -> None:
    """Takes part in a test to its end."""
    with httpx2.Client(base_url=url, timeout=120) as client:
        path = _joined(client, invite)
        while (seen := client.get(path).raise_for_status().json())["stage"] in {"practice", "test"}:
            if seen["trial"] is None:
                client.put(f"{path}/stage", json={"stage": seen["stage"]}).raise_for_status()
                continue
            said = {"edit": 1, "finished": True, "choice": seen["trial"]["choices"][0]}
            client.put(f"{path}/trials/{seen['trial']['id']}", json=said).raise_for_status()


def asked(served: Served, path: str, address: str, seconds: float) -> Asked:
    """Returns what it takes to answer a path."""
    first = served.client.get(address)
    alone = []
    end = time.perf_counter() + seconds / 2
    while time.perf_counter() < end or len(alone) < 3:
        began = time.perf_counter()
        served.client.get(address)
        alone.append(1e3 * (time.perf_counter() - began))
    command = [sys.executable, __file__, "--probe", served.url, str(seconds)]
    process, counts, stop = psutil.Process(served.pid), [0] * CLIENTS, threading.Event()

    def ask(number: int) -> None:
        headers = {"Authorization": f"Bearer {served.key}"}
        with httpx2.Client(base_url=served.url, headers=headers, timeout=120) as client:
            while not stop.is_set():
                client.get(address)
                counts[number] += 1

    before, began = process.cpu_times(), time.perf_counter()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    taken = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    stop.set()
    for thread in threads:
        thread.join()
    after, passed = process.cpu_times(), time.perf_counter() - began
    spent = 1e3 * (after.user + after.system - before.user - before.system)
    count = max(1, sum(counts))
    return Asked(
        path,
        first.status_code,
        statistics.median(alone),
        spent / count,
        count / passed,
        statistics.median(taken),
        max(taken),
    )


def probe(url: str, seconds: float) -> list[float]:
    """Returns how long `/healthz` takes, in ms, fifty times a second."""
    taken = []
    with httpx2.Client(base_url=url, timeout=120) as client:
        client.get("/healthz")
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            client.get("/healthz")
            taken.append(1e3 * (time.perf_counter() - began))
            time.sleep(PAUSE_SECONDS)
    return taken


def main() -> None:
    """Asks for everything, and writes the table."""
    if sys.argv[1:2] == ["--probe"]:
        sys.stdout.write(json.dumps(probe(sys.argv[2], float(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    busy = os.getloadavg()[0]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        large = fill(home, "")
        served = stack.enter_context(Served(home, "", 1))
        things = populated(served, arguments.corpus)
        paths = served.client.get("/v1/openapi.json").json()["paths"]
        rows = [_asked_for(served, "/healthz", things, large, arguments.seconds)]
        for path, operations in paths.items():
            if "get" in operations and not path.endswith("/events") and path != "/healthz":
                rows.append(_asked_for(served, path, things, large, arguments.seconds))
                print(rows[-1], flush=True)
    Path(__file__).with_suffix(".md").write_text(_page(rows, arguments.seconds, busy), encoding="utf-8")


def _asked_for(served: Served, path: str, things: dict[str, str], large: str, seconds: float) -> Asked:
    token = things["listener"] if path.startswith("/v1/listen/") else things["link"]
    known = things | {"token": token}
    if path in LARGE:
        known["study_id"] = large
    if path.startswith("/v1/synths"):
        known["name"] = "voice"
    if path.startswith("/v1/specs"):
        known["name"] = "quickstart"
    return asked(served, path, path.format(**known) + QUERIES.get(path, ""), seconds)


def _page(rows: list[Asked], seconds: float, busy: float) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "SQLAlchemy"))
    late = [row.path for row in rows if row.longest_ms > BOUND_MS]
    lines = [
        "# Each GET, and whom it holds up",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/service_gets.py CORPUS --seconds {seconds:g}`, {platform.machine()}, "
        f"{os.cpu_count()} cores, load average {busy:.1f} before the run; {versions}; SQLite. "
        f"{CLIENTS} clients at once, on the same cores as the server. "
        f"`/healthz` waited for longer than {BOUND_MS:g} ms at least once beside {len(late)} of {len(rows)} paths.",
        "",
        "| path | status | alone, ms | of the processor, ms | answers a second | `/healthz` meanwhile, median, ms "
        "| longest, ms |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        figures = (row.alone_ms, row.processor_ms, row.answers, row.median_ms, row.longest_ms)
        lines.append(f"| `{row.path}` | {row.status} | {' | '.join(f'{figure:.1f}' for figure in figures)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
