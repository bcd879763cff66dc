"""How often, and where, processes search for garbage: commands and workers seldom, others as they please."""

import gc
import subprocess
import sys
import textwrap
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


#: The beginning of a program that loads modules as a server does; it ends without an error if what it asserts holds.
LOADING = """
    import gc, sys, types, weakref
    from nebula.garbage import leave_out_what_is_loaded

    def load(count):
        first = len(sys.modules)
        for number in range(first, first + count):
            sys.modules[f"loaded_{number}"] = types.ModuleType(f"loaded_{number}")

    class Thing:
        pass

    leave_out_what_is_loaded()
    frozen = gc.get_freeze_count()
"""


def run(case):
    """Runs a case after the beginning."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LOADING) + textwrap.dedent(case)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("generation", [1, 2])
def test_what_was_loaded_is_left_out_after_the_next_search(generation):
    run(f"""
        load(200)
        gc.collect({generation})
        assert gc.get_freeze_count() >= frozen + 200
        assert not any(isinstance(each, types.ModuleType) for each in gc.get_objects())
    """)


def test_a_search_of_the_youngest_and_one_after_which_little_is_new_leave_all_as_it_was():
    run("""
        load(200)
        gc.collect(0)
        assert gc.get_freeze_count() <= frozen
        gc.collect(1)
        frozen = gc.get_freeze_count()
        load(5)
        gc.collect()
        assert gc.get_freeze_count() <= frozen
    """)


def test_garbage_is_still_found():
    run("""
        load(200)
        gc.collect()
        thing = Thing()
        thing.itself = thing
        seen = weakref.ref(thing)
        del thing
        assert seen() is not None
        gc.collect()
        assert seen() is None
    """)
