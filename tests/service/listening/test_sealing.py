"""Sealing goes on through what happens to a machine: its database goes away, its disk is full, somebody cancels."""

import logging
import time
from contextlib import contextmanager

import pytest
from listening_lab import running
from small_disk import small_disk

pytestmark = pytest.mark.slow

#: Twice as many sounds as questions; the count of those that are ready is kept every sixteen.
MANY = {"sounds": 16, "seconds": 0.5}

_PATIENCE_SECONDS = 120


def wait_until(true):
    end = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def settled(lab, test):
    """What a test is once it is not being sealed any more."""
    wait_until(lambda: lab.show(test)["state"] != "sealing")
    return lab.show(test)


def folders(lab):
    """Names of what lies among the sounds of tests."""
    return {path.name for path in (lab.home / "listening").glob("*")}


def assert_only(lab, *tests):
    """Asserts that these are sealed, pass the audit, and are all that is on the disk."""
    for test in tests:
        assert lab.show(test)["state"] == "sealed"
        assert lab.experimenter.get(f"/v1/listening-tests/{test}/audit").json()["findings"] == []
    assert len(folders(lab)) == len(tests)


def test_a_database_that_goes_away_holds_sealing_up_and_no_more(mortal, tmp_path, ab, caplog):
    with running(tmp_path / "home", database_url=mortal.new_database()) as lab:
        test, later = lab.plan(ab | MANY), lab.plan(ab)
        lab.do(test, "seal", 202)
        lab.do(later, "seal", 202)
        wait_until(lambda: lab.show(test)["rendered"] > 0)
        mortal.kill()
        wait_until(lambda: "sealing is tried again" in caplog.text)
        mortal.start()
        assert [settled(lab, each)["state"] for each in (test, later)] == ["sealed", "sealed"]
        assert_only(lab, test, later)
    lines = [record for record in caplog.records if record.name == "service.listening.sealing"]
    assert {record.getMessage() for record in lines} == {
        f"listening test {test}: the database does not answer at present, sealing is tried again"
    }
    assert not any(record.exc_info for record in lines)


@contextmanager
def on_a_small_disk(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=24) as disk, running(disk.folder / "home") as lab:
        yield disk, lab


def test_a_disk_without_room_for_the_sounds_makes_a_draft_that_says_so(tmp_path, ab):
    with on_a_small_disk(tmp_path) as (disk, lab):
        test = lab.plan(ab | MANY)
        disk.fill(leave_bytes=1 << 20)  # room for the database, and for a part of the sounds
        lab.do(test, "seal", 202)
        found = settled(lab, test)
        assert (found["state"], found["reason"]) == ("draft", "the disk of the server is full")
        assert folders(lab) == set()
        disk.free()
        lab.seal_draft(test)
        assert_only(lab, test)


def test_a_disk_that_is_full_up_holds_sealing_up_and_no_more(tmp_path, ab, caplog):
    with on_a_small_disk(tmp_path) as (disk, lab):
        test, later = lab.plan(ab | MANY), lab.plan(ab)
        lab.do(test, "seal", 202)
        disk.fill()
        wait_until(lambda: "sealing is tried again" in caplog.text)
        assert folders(lab) == set()
        disk.free()
        assert settled(lab, test)["state"] == "sealed"
        lab.seal_draft(later)
        assert_only(lab, test, later)


def test_sealing_is_cancelled_while_it_runs_and_a_later_test_is_sealed(tmp_path, ab, caplog):
    caplog.set_level(logging.WARNING)
    with running(tmp_path / "home") as lab:
        test, later = lab.plan(ab | MANY | {"seconds": 2.0}), lab.plan(ab)
        lab.do(test, "seal", 202)
        lab.do(later, "seal", 202)
        wait_until(lambda: lab.show(test)["rendered"] > 0)
        assert lab.show(test)["state"] == "sealing"
        cancelled = lab.do(test, "cancel")
        assert (cancelled["state"], cancelled["rendered"], cancelled["reason"]) == ("draft", 0, "")
        assert settled(lab, later)["state"] == "sealed"
        assert_only(lab, later)
        # What was cancelled is a draft like any other.
        edited = lab.experimenter.put(f"/v1/listening-tests/{test}", json=ab | {"name": "smaller"})
        assert edited.status_code == 200
        lab.seal_draft(test)
        assert_only(lab, later, test)
    assert caplog.text == ""
