"""Every legal move is made and told, every illegal one refused, and nobody is overtaken unnoticed."""

import itertools

import pytest
from sqlalchemy import select, update

from service.errors import Conflict
from service.studies.moves import move
from service.studies.states import ENDED, MOVES, ManagerVerb, StudyState, StudyVerb
from service.studies.tables import Study, StudyEvent

ACTIONS = (*StudyVerb, *ManagerVerb)


def add(database, state):
    with database.begin() as session:
        study = Study(name="drums", spec={}, trials_total=20, state=state, wish=StudyVerb.PAUSE, failures=2)
        session.add(study)
    return study


def test_the_database_agrees_with_the_table_of_moves(database):
    for state, action in itertools.product(StudyState, ACTIONS):
        study = add(database, state)
        if (state, action) not in MOVES:
            expected = f"^study '{study.id}': is {state}, expected [a-z ]+ to {action}$"
            with pytest.raises(Conflict, match=expected), database.begin() as session:
                move(session, study, action)
            continue
        with database.begin() as session:
            after = move(session, study, action, "because")
        with database.read() as session:
            found = session.get(Study, study.id)
            told = session.scalars(select(StudyEvent).where(StudyEvent.study_id == study.id)).one()
        assert after == MOVES[state, action] == found.state
        assert (found.wish, found.reason) == (None, "because")
        assert (found.ended_at is not None) == (after in ENDED)
        assert (found.started_at is not None) == (action is ManagerVerb.CLAIM)
        assert found.failures == (0 if action is ManagerVerb.CLAIM else 2)
        assert (told.kind, told.data) == ("state", {"state": after.value, "reason": "because"})


def test_who_comes_second_is_told(database):
    study = add(database, StudyState.QUEUED)
    with database.begin() as session:
        session.execute(update(Study).values(state=StudyState.RUNNING))
    with pytest.raises(Conflict, match="is not queued any more; look at it again"), database.begin() as session:
        move(session, study, StudyVerb.CANCEL)
