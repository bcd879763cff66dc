"""Who is put into which group, and what a server does with a test that another one was rendering."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from listening_lab import Person, running
from sqlalchemy import select

from service.database import now
from service.listening.states import ListeningState
from service.listening.tables import ListeningParticipant, ListeningTest


@pytest.fixture
def grouped(ab):
    """A test of two groups of one item each, whose participants vanish after ten minutes."""
    return ab | {
        "items": [{"name": "first", "group": 0}, {"name": "second", "group": 1}],
        "seconds": 0.2,
        "vanished_minutes": 10,
    }


def groups(lab, test):
    with lab.database.read() as session:
        return Counter(session.scalars(select(ListeningParticipant.group).where(ListeningParticipant.test_id == test)))


def test_groups_stay_in_balance_and_who_has_vanished_does_not_count(lab, grouped):
    test, invite = lab.open(grouped)
    for joined in range(1, 7):
        Person(lab, invite)
        sizes = groups(lab, test)
        assert abs(sizes[0] - sizes[1]) == joined % 2
    with lab.database.begin() as session:
        for listener in session.scalars(
            select(ListeningParticipant).where(ListeningParticipant.test_id == test, ListeningParticipant.group == 1)
        ):
            listener.seen_at = now() - timedelta(minutes=11)
    for _ in range(3):
        Person(lab, invite)
    assert groups(lab, test) == {0: 3, 1: 6}


def test_who_is_done_counts_however_long_ago(lab, grouped):
    test, invite = lab.open(grouped)
    done = Person(lab, invite)
    done.answer(done.arrive()["trial"], choice="A")
    assert done.look()["stage"] == "thanks"
    with lab.database.begin() as session:
        listener = session.scalars(select(ListeningParticipant).where(ListeningParticipant.test_id == test)).one()
        listener.seen_at, first = now() - timedelta(days=3), listener.group
    Person(lab, invite)
    assert groups(lab, test) == {first: 1, 1 - first: 1}


def test_what_a_server_was_rendering_the_next_one_renders(tmp_path, ab):
    with running(tmp_path / "home") as lab:
        test = lab.plan(ab | {"sounds": 1, "seconds": 0.2})
        with lab.database.begin() as session:
            session.get(ListeningTest, test).state = ListeningState.SEALING
    left = tmp_path / "home" / "listening" / ".left"
    left.mkdir(parents=True)
    with running(tmp_path / "home") as lab:
        while lab.show(test)["state"] == "sealing":
            time.sleep(0.02)
        assert lab.show(test)["state"] == "sealed"
    assert not left.exists()
