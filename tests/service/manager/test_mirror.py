"""The mirror holds the ledger's trials, each once, whatever it held before."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from study_events import finished, rescored

from nebula import Nebula
from nebula.discrepancy import mean_interval
from nebula.tuning import Entry, Failure, Finalist, ImportanceFound, StudyProgress, StudySpec, TrialsKept
from service.database import now
from service.manager.forecast import Forecast
from service.manager.mirror import Mirror
from service.studies.tables import Study, StudyEvent, Trial

DEFAULT = Nebula.load("default")


def entry(generation, candidate, score):
    return Entry(generation, candidate, DEFAULT, score, 0.5)


@pytest.fixture
def study(database):
    with database.begin() as session:
        study = Study(name="drums", spec={}, trials_total=20)
        session.add(study)
    return study


def rows(database, study):
    with database.read() as session:
        found = session.scalars(select(Trial).where(Trial.study_id == study.id).order_by(Trial.number))
        return [(trial.number, trial.generation, trial.candidate, trial.score) for trial in found]


def events(database, study, kind):
    with database.read() as session:
        query = select(StudyEvent).where(StudyEvent.study_id == study.id, StudyEvent.kind == kind)
        return [event.data for event in session.scalars(query.order_by(StudyEvent.id))]


def test_trials_are_numbered_as_they_finish_and_each_new_best_is_told(settings, database, study):
    mirror = Mirror(database, study.id, settings.home)
    mirror.follow(StudyProgress("search", 0, 20, None, event=TrialsKept(())))
    mirror.follow(StudyProgress("search", 1, 20, 3.0, event=finished(entry(0, 1, 3.0))))
    mirror.follow(StudyProgress("search", 2, 20, 3.0, event=finished(entry(0, 0, 4.0))))
    mirror.follow(StudyProgress("search", 3, 20, 1.5, event=finished(entry(0, 2, 1.5))))
    assert rows(database, study) == [(0, 0, 1, 3.0), (1, 0, 0, 4.0), (2, 0, 2, 1.5)]
    assert [event["number"] for event in events(database, study, "trial")] == [0, 1, 2]
    assert events(database, study, "best") == [{"score": 3.0, "number": 0}, {"score": 1.5, "number": 2}]
    with database.read() as session:
        found = session.get(Study, study.id)
        assert (found.stage, found.trials_done, found.best) == ("search", 3, 1.5)


def test_what_a_crash_left_out_is_entered_and_what_the_ledger_lacks_is_taken_out(settings, database, study):
    mirror = Mirror(database, study.id, settings.home)
    mirror.follow(StudyProgress("search", 0, 20, None, event=TrialsKept(())))
    for done, trial in enumerate([entry(0, 0, 4.0), entry(0, 1, 3.0), entry(0, 2, 2.0)], start=1):
        mirror.follow(StudyProgress("search", done, 20, trial.score, event=finished(trial)))
    # The ledger has a trial that the mirror missed, lacks one, and has another score for a third.
    kept = (entry(0, 0, 4.0), entry(0, 1, 3.5), entry(1, 0, 2.5))
    for _ in range(2):
        again = Mirror(database, study.id, settings.home)
        again.follow(StudyProgress("search", 3, 20, 2.5, event=TrialsKept(kept)))
        assert sorted(row[1:] for row in rows(database, study)) == [(0, 0, 4.0), (0, 1, 3.5), (1, 0, 2.5)]
        with database.read() as session:
            found = session.get(Study, study.id)
            assert (found.trials_done, found.best) == (3, 2.5)
    # Told once each, however often the study is continued.
    assert len(events(database, study, "trial")) == 5
    assert [event["score"] for event in events(database, study, "best")] == [4.0, 3.0, 2.0, 2.5]
    again.follow(StudyProgress("search", 4, 20, 2.5, event=finished(entry(1, 1, 5.0))))
    numbers = [row[0] for row in rows(database, study)]
    assert len(set(numbers)) == 4
    assert rows(database, study)[-1][1:] == (1, 1, 5.0)


@pytest.mark.parametrize(("objective", "best"), [("match", "trial 0.1"), ("diversify", "start")])
def test_what_the_best_finalist_scored_is_kept_once_all_are_rescored(settings, database, objective, best):
    with database.begin() as session:
        study = Study(name="drums", spec={"objective": objective}, trials_total=20)
        session.add(study)

    def kept():
        with database.read() as session:
            return session.get(Study, study.id).rescored

    finalists = [
        Finalist("trial 0.2", DEFAULT, (2.0, 3.0)),
        Finalist("trial 0.1", DEFAULT, (1.0, 2.0)),
        Finalist("start", DEFAULT, (7.0, 8.0)),
    ]
    mirror = Mirror(database, study.id, settings.home)
    mirror.follow(StudyProgress("finalists", 0, 6))
    for place, finalist in enumerate(finalists):
        assert kept() is None
        mirror.follow(StudyProgress("finalists", 2 * place + 2, 6, 1.5, event=rescored(finalist)))
    scores = {finalist.origin: mean_interval(finalist.scores, least=0.0) for finalist in finalists}
    assert kept() == {"mean": scores[best].mean, "low": scores[best].low, "high": scores[best].high}


def test_finalists_that_a_crash_left_out_are_entered_when_a_study_ends(settings, database):
    with database.begin() as session:
        study = Study(name="drums", spec={"objective": "match"}, trials_total=20)
        session.add(study)
    start, found = Finalist("start", DEFAULT, (7.0, 8.0)), Finalist("centre", DEFAULT, (1.0, 2.0))
    mirror = Mirror(database, study.id, settings.home)
    mirror.follow(StudyProgress("finalists", 2, 4, 7.5, event=rescored(start)))
    again = Mirror(database, study.id, settings.home)
    again.conclude([found, start])
    assert [event["origin"] for event in events(database, study, "finalist")] == ["start", "centre"]
    with database.read() as session:
        assert session.get(Study, study.id).rescored["mean"] == 1.5


def test_how_far_a_study_is_and_when_it_will_be_done_is_kept(settings, database):
    spec = StudySpec.load("quickstart").with_trials(20)
    with database.begin() as session:
        study = Study(name="drums", spec=spec.model_dump(mode="json"), trials_total=20)
        session.add(study)
    mirror = Mirror(database, study.id, settings.home, Forecast(spec, judging_seconds=7200.0))

    def kept():
        with database.read() as session:
            found = session.get(Study, study.id)
            return found.stage, found.stage_done, found.stage_total, found.due_at

    mirror.follow(StudyProgress("search", 0, 20, None, event=TrialsKept(())))
    began = now()
    mirror.follow(StudyProgress("search", 1, 20, 3.0, event=finished(entry(0, 1, 3.0))))
    stage, done, total, due_at = kept()
    assert (stage, done, total) == ("search", 1, 20)
    # Classifiers are asked when all is scored, which is far more than the rest takes here.
    assert due_at > began + timedelta(seconds=7200)
    mirror.follow(StudyProgress("listener", 0, 400))
    mirror.follow(StudyProgress("finalists", 2, 64, 1.5, event=rescored(Finalist("start", DEFAULT, (1.0, 2.0)))))
    assert kept()[:3] == ("finalists", 2, 64)


def test_what_is_left_is_what_is_not_done_at_the_pace_until_now():
    spec = StudySpec.load("quickstart").with_trials(20)
    forecast, began = Forecast(spec, judging_seconds=30.0), now()
    assert forecast.due(StudyProgress("search", 4, 20), began) is None
    later = began + timedelta(seconds=10)
    # Two seconds a trial: 11 trials, four candidates (two, the centre and the start) sixteen times over, classifiers.
    left = timedelta(seconds=2 * (11 + 4 * 16) + 30)
    assert forecast.due(StudyProgress("search", 9, 20), later) == later + left
    assert forecast.due(StudyProgress("finalists", 0, 64), later) == later + timedelta(seconds=2 * 64 + 30)
    assert forecast.due(StudyProgress("listener", 0, 400), later) == later + timedelta(seconds=30)
    end = later + timedelta(seconds=20)
    assert forecast.due(StudyProgress("listener", 100, 400), end) == end + timedelta(seconds=60)


def test_stages_finalists_and_failures_are_told(settings, database, study):
    mirror = Mirror(database, study.id, settings.home)
    for done in (0, 10, 20):
        mirror.follow(StudyProgress("target", done, 24))
    mirror.follow(StudyProgress("search", 0, 20, event=TrialsKept(())))
    mirror.follow(StudyProgress("search", 0, 20, event=Failure("trial 0.0", "tcp://a:1", "ValueError: no")))
    mirror.follow(
        StudyProgress("search", 20, 20, event=ImportanceFound({"vco_1.tuning.curve": 0.75, "mixer.noise.curve": 0.25}))
    )
    mirror.follow(StudyProgress("finalists", 2, 4, 1.5, event=rescored(Finalist("start", DEFAULT, (1.0, 2.0)))))
    assert [event["stage"] for event in events(database, study, "stage")] == ["target", "search", "finalists"]
    assert events(database, study, "failure") == [
        {"stage": "search", "trial": "trial 0.0", "worker": "tcp://a:1", "reason": "ValueError: no"}
    ]
    assert events(database, study, "importance") == [
        {"stage": "search", "shares": {"vco_1.tuning.curve": 0.75, "mixer.noise.curve": 0.25}, "trials": 20}
    ]
    assert events(database, study, "finalist") == [
        {
            "stage": "finalists",
            "origin": "start",
            "mean": 1.5,
            "low": 0.0,  # which scores are never below
            "high": pytest.approx(1.5 + 0.5 * 12.7062, abs=1e-4),  # Student's t with one degree of freedom
            "done": 2,
            "total": 4,
        }
    ]
    with database.read() as session:
        assert session.get(Study, study.id).failures == 1
