"""Files are whole or not there."""

import subprocess
import sys

import pytest

from nebula.files import remove_unfinished, write_whole, writing_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_content_takes_its_place_when_the_block_ends(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "before")
    with writing_whole(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_text() == "before"
    assert path.read_bytes() == b"after"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path, failure):
    path = tmp_path / "a.txt"
    write_whole(path, "é")

    def fail():
        with writing_whole(path) as file:
            file.write(b"half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert path.read_bytes() == b"\xc3\xa9"
    assert names(tmp_path) == ["a.txt"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    script = """
import os, pathlib, signal, sys
from nebula.files import writing_whole
with writing_whole(pathlib.Path(sys.argv[1])) as file:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "a.txt"], check=False)
    assert done.returncode < 0
    others = [".hidden", ".a.part", "a.1.part"]
    for name in others:
        (tmp_path / name).touch()
    assert len(names(tmp_path)) == len(others) + 1
    remove_unfinished(tmp_path)
    assert names(tmp_path) == sorted(others)
