"""Writes sealing.md: how many listening tests that are planned can be sealed and opened, of every kind.

Run with `python benchmarks/sealing.py [PLANS]`. First the shipped test, at full size, ten times; then plans of every
method, with short and long sounds, of every two of the shipped nebulae in turn. Seeds are the server's own, fresh each
time.
"""

import itertools
import os
import platform
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from pathlib import Path

from starlette.testclient import TestClient

from nebula import Nebula
from service.accounts import queries
from service.accounts.caller import COMMAND_LINE
from service.accounts.roles import Role
from service.application import create_app
from service.database import Database
from service.database.migrations import migrate
from service.settings import Settings

SHIPPED = Path(__file__).parents[1] / "studies" / "listening" / "ab-64.toml"
SHIPPED_TIMES = 10
LENGTHS_SECONDS = (0.4, 4.0)
METHODS = ("preference", "rating", "multi-stimulus", "mushra")


def main() -> None:
    """Writes the table."""
    plans = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rows: dict[str, list[tuple[bool, str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, _client(Path(folder)) as client:
        shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
        for _ in range(SHIPPED_TIMES):
            rows[f"{SHIPPED.name}, as it ships"].append(_tried(client, shipped))
        pairs = itertools.cycle(itertools.permutations(Nebula.shipped(), 2))
        kinds = itertools.cycle(itertools.product(METHODS, LENGTHS_SECONDS))
        for (method, seconds), pair in itertools.islice(zip(kinds, pairs, strict=False), plans):
            rows[f"{method}, {seconds:g} s"].append(_tried(client, _plan(method, seconds, pair)))
            print(method, seconds, pair, rows[f"{method}, {seconds:g} s"][-1], flush=True)
    lines = [
        "# Sealing",
        "",
        f"Written by `python benchmarks/sealing.py {plans}`. {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
        "| tests | planned | opened | loudness, LUFS | slowest, s |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, tried in rows.items():
        levels = sorted(float(words) for opened, words, _ in tried if opened)
        span = f"{levels[0]:.1f} to {levels[-1]:.1f}" if levels else "–"
        slowest = max(seconds for _, _, seconds in tried)
        lines.append(f"| {name} | {len(tried)} | {len(levels)} | {span} | {slowest:.1f} |")
    reasons = sorted({words for tried in rows.values() for opened, words, _ in tried if not opened})
    lines += ["", *(f"- {reason}" for reason in reasons)] if reasons else []
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _client(home: Path) -> TestClient:
    settings, key = Settings.read(home=home), queries.new_token()
    database = Database(settings.database)
    migrate(database)
    with database.begin() as session:
        queries.create_key(session, COMMAND_LINE, "benchmark", Role.EXPERIMENTER, key)
    database.close()
    return TestClient(create_app(settings), headers={"Authorization": f"Bearer {key}"})


def _plan(method: str, seconds: float, pair: tuple[str, str]) -> dict[str, object]:
    plan: dict[str, object] = {
        "version": 1,
        "name": "plan",
        "method": method,
        "sounds": 8,
        "seconds": seconds,
        "systems": [{"name": f"system {place}", "nebula": name} for place, name in enumerate(pair)],
    }
    if method == "mushra":
        plan |= {"reference": {"name": "reference", "nebula": "uniform"}, "anchors_hz": [3500]}
    return plan


def _tried(client: TestClient, plan: dict[str, object]) -> tuple[bool, str, float]:
    """Returns whether a test could be opened, its loudness or why it could not, and how long it took to be sealed."""
    started = time.monotonic()
    answer = client.post("/v1/listening-tests", json=plan)
    if answer.status_code != 201:
        return False, f"not planned: {answer.json()['error']['message']}", 0.0
    path = f"/v1/listening-tests/{answer.json()['id']}"
    client.post(f"{path}/seal")
    while (shown := client.get(path).json())["state"] == "sealing":
        time.sleep(0.05)
    seconds = time.monotonic() - started
    if shown["state"] != "sealed":
        return False, f"not sealed: {shown['reason']}", seconds
    answer = client.post(f"{path}/open")
    if answer.status_code != 200:
        return False, f"not opened: {answer.json()['error']['message']}", seconds
    return True, str(shown["loudness_lufs"]), seconds


if __name__ == "__main__":
    main()
