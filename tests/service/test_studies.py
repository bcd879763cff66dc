"""The states of a study: what is legal, what is not, and that the table knows it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from service.studies.states import ACTIVE, MOVES, ManagerVerb, StudyState, StudyVerb
from service.studies.tables import Study


def test_every_state_can_be_reached_and_only_stopped_and_done_are_final():
    reached = {StudyState.QUEUED} | set(MOVES.values())
    assert reached == set(StudyState)
    assert set(StudyState) - {state for state, _ in MOVES} == {StudyState.STOPPED, StudyState.DONE}


def test_people_and_the_manager_can_get_every_active_study_out_of_its_state():
    for state in ACTIVE:
        assert (state, StudyVerb.CANCEL) in MOVES
        assert (state, ManagerVerb.FAIL) in MOVES


def test_a_study_comes_back_as_it_was_kept(database):
    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5)))
    with database.begin() as session:
        study = Study(name="drums", spec={"name": "drums"}, trials_total=20, created_at=at)
        session.add(study)
    with database.begin() as session:
        found = session.scalars(select(Study)).one()
        assert (found.id, found.state, found.wish, found.spec) == (study.id, StudyState.QUEUED, None, {"name": "drums"})
        assert found.created_at == at
        assert found.created_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="expected an aware time"), database.begin() as session:
        session.add(Study(name="drums", spec={}, trials_total=1, created_at=datetime(2026, 1, 1)))


def test_the_database_itself_refuses_more_trials_than_there_are(database):
    with pytest.raises(IntegrityError, match="ck_studies_trials_within_total"), database.begin() as session:
        session.add(Study(name="drums", spec={}, trials_total=20, trials_done=21))


def test_an_error_in_a_transaction_leaves_nothing(database):
    def interrupted():
        with database.begin() as session:
            session.add(Study(name="drums", spec={}, trials_total=20))
            session.flush()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    with database.begin() as session:
        assert session.scalars(select(Study)).all() == []
