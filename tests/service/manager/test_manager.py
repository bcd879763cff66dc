"""The manager as a process: it takes studies in order, several at once, and does what people wish."""

import signal

import pytest
from sqlalchemy import select

from nebula.tuning import StudySpec
from service.manager.tables import ManagerBeat, WorkerBeat
from service.settings import Settings
from service.studies.moves import move
from service.studies.results import artifacts_folder, study_folder
from service.studies.states import StudyState, StudyVerb
from service.studies.tables import StudyEvent

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path):
    return Settings.read(home=tmp_path / "home", studies_at_once=2)


def resume(site, study_id):
    """Does what the API does."""
    with site.database.begin() as session:
        move(session, site.study(study_id), StudyVerb.RESUME)


def told(site, study_id, kind):
    with site.database.read() as session:
        query = select(StudyEvent).where(StudyEvent.study_id == study_id, StudyEvent.kind == kind)
        return [event.data for event in session.scalars(query.order_by(StudyEvent.id))]


def beat(site):
    with site.database.read() as session:
        return session.get(ManagerBeat, 1)


def test_studies_go_by_priority_several_at_once_and_people_are_obeyed(site, spec):
    long = spec(2000)
    last = site.post(spec(24))
    first, second = site.post(long, priority=2), site.post(long, priority=1, concurrency=1)
    hopeless = site.post(StudySpec.parse({**long.model_dump(), "target": "nowhere"}), priority=3)
    site.start("manager", "--workers", "2")

    # What cannot begin fails with its reason, and holds nobody up.
    failed = site.wait_for_end(hopeless)
    assert failed.state is StudyState.FAILED
    assert failed.reason == "target: got 'nowhere', expected the id of a corpus or the name of a nebula"

    for study_id in (first, second):
        site.wait(study_id, lambda study: study.trials_done >= 5)
    assert site.study(last).state is StudyState.QUEUED
    site.wait(first, lambda study: beat(site).evaluations > 0)
    assert (beat(site).pool_reached, beat(site).render_seconds > 0) == (True, True)
    with site.database.read() as session:
        assert [worker.device for worker in session.scalars(select(WorkerBeat))] == ["cpu", "cpu"]

    # Paused, it keeps what it has and makes room; resumed, it goes on from there.
    site.wish(first, StudyVerb.PAUSE)
    paused = site.wait(first, lambda study: study.state is StudyState.PAUSED)
    assert paused.wish is None
    site.wait(last, lambda study: study.state is StudyState.DONE)
    site.assert_whole(last, 24)
    site.assert_whole(first, paused.trials_done)
    resume(site, first)
    site.wait(first, lambda study: study.trials_done > paused.trials_done)

    # Stopped, it leaves results of what it has; cancelled, it leaves none.
    site.wish(second, StudyVerb.STOP)
    stopped = site.wait(second, lambda study: study.state is StudyState.STOPPED)
    assert 5 <= stopped.trials_done < 2000
    site.assert_whole(second, stopped.trials_done)
    assert (study_folder(site.settings.home, second) / "nebula.json").exists()
    assert [event["state"] for event in told(site, second, "state")] == ["running", "stopping", "stopped"]
    site.wish(first, StudyVerb.CANCEL)
    cancelled = site.wait(first, lambda study: study.state is StudyState.STOPPED)
    assert cancelled.trials_done < 2000
    assert not (study_folder(site.settings.home, first) / "nebula.json").exists()
    states = [event["state"] for event in told(site, first, "state")]
    assert states == ["running", "paused", "queued", "running", "stopped"]

    # Each new best was told, and can be heard.
    best = [event["score"] for event in told(site, last, "best")]
    assert best == sorted(best, reverse=True)
    assert best[-1] == site.study(last).best
    assert len(list(artifacts_folder(site.settings.home).iterdir())) >= 3 * len(best)


def test_a_manager_that_is_told_to_end_leaves_its_studies_to_the_one_that_waits(site, spec):
    study_id = site.post(spec(200))
    one = site.start("manager", "--workers", "1")
    site.wait(study_id, lambda study: study.trials_done >= 5)
    other = site.start("manager", "--workers", "1")
    one.send_signal(signal.SIGTERM)
    assert one.wait(120) == 0
    left = site.study(study_id)
    assert left.state is StudyState.RUNNING
    site.wait(study_id, lambda study: study.state is StudyState.DONE)
    site.assert_whole(study_id, 200)
    assert other.poll() is None
