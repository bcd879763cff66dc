"""How often processes search for garbage: those of commands and workers seldom, those of others as they please."""

import gc
import subprocess
import sys
from contextlib import closing

import pytest

from nebula.tuning.cluster import Workplace
from nebula.tuning.workers import Workers

STATE = "print(gc.get_threshold()[0], gc.get_freeze_count() > 0, file=sys.stderr)"


def state_of(program):
    """Returns after how many new objects a process searches, and whether it does when it ends."""
    # What is registered first is done last.
    script = f"import atexit, gc, sys\natexit.register(lambda: {STATE})\n{program}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    threshold, frozen = done.stderr.split()
    return int(threshold), frozen == "True"


def test_a_command_searches_seldom_and_not_at_its_end():
    program = "sys.argv = ['nebula', 'synths']\nfrom nebula.__main__ import main; main()"
    assert state_of(program) == (10_000, True)


def test_who_imports_the_library_searches_as_before():
    assert state_of("import nebula.synths, nebula.tuning.servers, service.supervisor") == (700, False)


@pytest.mark.slow
def test_a_worker_searches_seldom():
    with closing(Workplace(Workers(1))) as workplace, closing(workplace.connect(30)) as client:
        assert list(client.run(gc.get_threshold).values()) == [(10_000, 10, 10)]
