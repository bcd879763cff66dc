"""Only one manager works at a time."""

from datetime import timedelta

from sqlalchemy import update

from service.database import now
from service.manager.lease import SILENCE_SECONDS, Lease
from service.manager.tables import ManagerBeat


def test_the_second_manager_of_a_machine_waits_until_the_first_lets_go(database, settings):
    first, second = Lease(database, settings.home), Lease(database, settings.home)
    assert first.take()
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()


def test_another_machines_manager_waits_until_the_first_is_silent_for_long(database, settings, tmp_path):
    # A home of its own stands for another machine: the lock on the file is not shared.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first, second = Lease(database, settings.home), Lease(database, elsewhere)
    assert first.take()
    assert not second.take()
    with database.begin() as session:
        session.execute(update(ManagerBeat).values(beat_at=now() - timedelta(seconds=SILENCE_SECONDS + 1)))
    assert second.take()


def test_a_manager_that_follows_a_dead_one_on_its_machine_begins_at_once(database, settings):
    # What a killed manager leaves: its row, and a lock that the system has freed.
    dead = Lease(database, settings.home)
    assert dead.take()
    with database.begin() as session:
        session.execute(update(ManagerBeat).values(holder="gone"))
    dead.release()
    assert Lease(database, settings.home).take()
