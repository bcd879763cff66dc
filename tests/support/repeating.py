"""Repeats the tests of what happens to machines, each kind for an equal part of the time, as root.

    python tests/support/repeating.py 180

has real processes killed, real databases go away, real disks full, two servers meet on one home, and backups and old
databases opened, for so many minutes. After each round it prints how often each kind was lived through; a test that
passes has counted every trial, sound and answer. In the end it says what went wrong.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

_SERVICE = "tests/service"

# What may be said of a test that did not pass.
_WRONG = frozenset({"failure", "error", "skipped"})

#: Tests of a kind, by what is done and what is to be there afterwards.
KINDS = {
    "workers, manager, API and database are killed in turn; the study ends as if nothing had happened": [
        f"{_SERVICE}/manager/test_survival.py::test_workers_manager_api_and_database_die_and_nothing_is_lost"
    ],
    "the database goes away; requests are told so, sealing and followers go on once it is back": [
        f"{_SERVICE}/test_faults.py::test_a_database_that_is_away_is_told_in_a_sentence_until_it_is_back",
        f"{_SERVICE}/test_faults.py::test_a_follower_of_a_study_whose_database_goes_away_is_told_to_come_back",
        f"{_SERVICE}/listening/test_sealing.py::test_a_database_that_goes_away_holds_sealing_up_and_no_more",
    ],
    "the disk is full; that is said, nothing half-done stays on it, and all goes on once it is not": [
        f"{_SERVICE}/test_faults.py::test_what_a_full_disk_cannot_take_is_told_in_a_sentence_and_the_rest_is_answered",
        f"{_SERVICE}/test_faults.py::test_a_key_that_a_full_disk_cannot_take_is_refused_in_one_line",
        f"{_SERVICE}/listening/test_sealing.py::test_a_disk_without_room_for_the_sounds_makes_a_draft_that_says_so",
        f"{_SERVICE}/listening/test_sealing.py::test_a_disk_that_is_full_up_holds_sealing_up_and_no_more",
    ],
    "a second server is started on one home in mid upload; it is refused, and the upload is whole": [
        f"{_SERVICE}/test_serve.py::test_a_second_server_on_one_home_is_refused_and_the_first_loses_nothing"
    ],
    "studies and listening tests in every state are backed up and restored; each goes on to its end": [
        f"{_SERVICE}/manager/test_restored.py",
        f"{_SERVICE}/listening/test_restored.py",
    ],
    "databases of every earlier version are opened; each is brought to this one with what it holds": [
        f"{_SERVICE}/test_migrations.py"
    ],
}


def main() -> None:
    """Repeats them, and prints what came of it."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 180.0
    passed, failed = Counter[str](), Counter[str]()
    seconds, rounds = dict.fromkeys(KINDS, 0.0), Counter[str]()
    reasons: list[str] = []
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        kind = min(KINDS, key=seconds.__getitem__)
        began = time.monotonic()
        for faults in _run(KINDS[kind]):
            (failed if faults else passed)[kind] += 1
            reasons += faults
        seconds[kind] += time.monotonic() - began
        rounds[kind] += 1
        print(f"round {rounds[kind]}, passed {passed[kind]}, failed {failed[kind]}: {kind}", flush=True)
    print("\n".join(reasons))


def _run(tests: list[str]) -> list[list[str]]:
    """Returns for each test that ran the first lines of what went wrong, none where nothing did."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found.xml")
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={found}", *tests]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        cases = ElementTree.parse(found).getroot().iter("testcase")
        return [
            [f"{case.get('name')}: {fault.get('message', '')[:200]}" for fault in case if fault.tag in _WRONG]
            for case in cases
        ]


if __name__ == "__main__":
    main()
