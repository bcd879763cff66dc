"""Repeats the tests of what happens to machines, so many rounds of each kind, and writes faults.md. As root.

    python benchmarks/faults.py 20 [--at-once 2] [--kinds KIND ...] [--out FILE]

has real processes killed, real databases go away, real disks full, two servers meet on one home, and backups and old
databases opened. A test that passes has counted every trial, sound and answer, and has read what people were told.
Rounds that were lived through are kept in faults.json: the same command again goes on, on another machine, too.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

_ROOT = Path(__file__).parent.parent

# Of what a test says that did not pass: its end has what processes said last.
_TOLD = 20_000

_SHOWN = 300

# What may be said of a test that did not pass.
_WRONG = frozenset({"failure", "error", "skipped"})


#: How long a round took, and of each of its tests its name and what went wrong.
_Round = tuple[float, list[tuple[str, str | None]]]


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        what: What is done.
        seen: What whoever uses the service sees of it.
        tests: Where it is done and counted.
    """

    what: str
    seen: str
    tests: tuple[str, ...]


#: By a word for each.
KINDS = {
    "killed": Kind(
        "workers, manager, API and database are killed in turn, at random moments of 80 trials",
        "the study's page waits and goes on; the nebula is the undisturbed one, byte for byte",
        ("manager/test_survival.py::test_workers_manager_api_and_database_die_and_nothing_is_lost",),
    ),
    "cut off": Kind(
        "a scheduler dies, and a worker of another machine is cut off in mid trial",
        "the study waits for workers, says so, and ends with every trial",
        (
            "manager/test_survival.py::"
            "test_a_scheduler_dies_and_a_worker_of_another_machine_is_cut_off_in_mid_trial_and_the_study_ends",
        ),
    ),
    "database down": Kind(
        "the database goes away while requests are answered, a study is followed, a test is sealed",
        "one sentence with 503 and when to come back; followers and sealing go on once it is there",
        (
            "test_faults.py::test_a_database_that_is_away_is_told_in_a_sentence_until_it_is_back",
            "test_faults.py::test_a_follower_of_a_study_whose_database_goes_away_is_told_to_come_back",
            "listening/test_sealing.py::test_a_database_that_goes_away_holds_sealing_up_and_no_more",
        ),
    ),
    "disk full": Kind(
        "the disk is full while something is uploaded, a key is made, a test is sealed",
        "one sentence with 503, or one line; the rest is answered, nothing half-written stays",
        (
            "test_faults.py::test_what_a_full_disk_cannot_take_is_told_in_a_sentence_and_the_rest_is_answered",
            "test_faults.py::test_a_key_that_a_full_disk_cannot_take_is_refused_in_one_line",
            "test_faults.py::test_an_upload_that_fits_where_its_row_does_not_leaves_nothing",
            "listening/test_sealing.py::test_a_disk_without_room_for_the_sounds_makes_a_draft_that_says_so",
            "listening/test_sealing.py::test_a_disk_that_is_full_up_holds_sealing_up_and_no_more",
        ),
    ),
    "two servers": Kind(
        "a second server is started on one home while the first receives an upload",
        "one line that names the home; the upload is whole",
        ("test_serve.py::test_a_second_server_on_one_home_is_refused_and_the_first_loses_nothing",),
    ),
    "restored": Kind(
        "studies and listening tests in every state are backed up and restored",
        "each goes on to its nebula or report",
        ("manager/test_restored.py", "listening/test_restored.py"),
    ),
    "upgraded": Kind(
        "databases of every version that landed are opened",
        "nothing: each is brought to this version with what it holds; a later one is refused in one line",
        ("test_migrations.py",),
    ),
}


@dataclass
class Lived:
    """What came of the rounds of a kind.

    Attributes:
        rounds: How many there were.
        passed: Tests that passed, by the database that they ran on, "either" where they run on none or choose it.
        failed: Tests that did not, and what they said.
        seconds: How long each round took.
    """

    rounds: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Repeats them until each has had its rounds, and writes the page after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--at-once", type=int, default=1, help="rounds that run side by side")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="all by default")
    kept_in = Path(__file__).with_suffix(".json")
    parser.add_argument("--out", type=Path, default=kept_in, help="where the counts are kept")
    arguments = parser.parse_args()
    kept = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else {}
    lived = {name: Lived(**kept.get(name, {})) for name in KINDS}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    begun = {name: lived[name].rounds for name in arguments.kinds}
    with ThreadPoolExecutor(arguments.at_once) as pool:
        running: dict[Future[_Round], str] = {}
        while True:
            while len(running) < arguments.at_once and min(begun.values()) < arguments.rounds:
                name = min(begun, key=begun.__getitem__)
                begun[name] += 1
                running[pool.submit(_round, KINDS[name])] = name
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(done)
                _add(lived[name], *done.result())
                found = {name: asdict(kind) for name, kind in lived.items()}
                arguments.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
                Path(__file__).with_suffix(".md").write_text(_page(lived, arguments.at_once), encoding="utf-8")
                print(f"{name}: round {lived[name].rounds}, {lived[name].seconds[-1]:.0f} s", flush=True)


def _round(kind: Kind) -> _Round:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found.xml")
        tests = [f"tests/service/{test}" for test in kind.tests]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={found}", *tests]
        began = time.monotonic()
        subprocess.run(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return time.monotonic() - began, list(_read(found))


def _read(found: Path) -> Iterator[tuple[str, str | None]]:
    for case in ElementTree.parse(found).getroot().iter("testcase"):
        wrong = [fault.get("message", "")[-_TOLD:] for fault in case if fault.tag in _WRONG]
        yield case.get("name", ""), wrong[0] if wrong else None


def _add(lived: Lived, seconds: float, tests: list[tuple[str, str | None]]) -> None:
    lived.rounds += 1
    lived.seconds.append(seconds)
    for name, wrong in tests:
        if wrong is not None:
            lived.failed.append(f"{name}: {wrong}")
            continue
        database = next((database for database in ("sqlite", "postgresql") if database in name), "either")
        lived.passed[database] = lived.passed.get(database, 0) + 1


def _page(lived: dict[str, Lived], at_once: int) -> str:
    lines = [
        "# What happens to machines",
        "",
        f"Written by `python benchmarks/faults.py ROUNDS --at-once {at_once} --kinds ...`. "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        "other programs on the same cores.",
        "",
        "A test that passes has counted every trial, sound and answer and found none missing. Tests that choose their "
        "database, or need none, are under *either*.",
        "",
        "| what is done | what people see | rounds | passed on SQLite | on PostgreSQL | on either | failed "
        "| seconds a round, median |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, kind in KINDS.items():
        row = lived[name]
        counts = (str(row.passed.get(database, 0)) for database in ("sqlite", "postgresql", "either"))
        seconds = f"{statistics.median(row.seconds):.0f}" if row.seconds else "–"
        cells = (kind.what, kind.seen, str(row.rounds), *counts, str(len(row.failed)), seconds)
        lines.append(f"| {' | '.join(cells)} |")
    failed = [f"- {' '.join(said.split())[:_SHOWN]}" for row in lived.values() for said in row.failed]
    return "\n".join([*lines, *(["", "What failed:", "", *failed] if failed else [])]) + "\n"


if __name__ == "__main__":
    main()
