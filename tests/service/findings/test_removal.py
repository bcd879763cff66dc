"""A study is deleted with all that it has left, and nothing else is."""

import pytest
from kept_study import kept_study
from sqlalchemy import func, select

from nebula import Nebula
from nebula.tuning import Entry, StudySpec, kept_trial
from nebula.tuning.space import Space
from service.nebulae.tables import NebulaStar
from service.studies.results import study_folder
from service.studies.states import ACTIVE, StudyState
from service.studies.tables import Study, StudyEvent, Trial

SPEC = StudySpec.load("quickstart")
DRUM = Nebula.load("drum")


@pytest.fixture
def keep(service, settings):
    """Returns the id of a study with one trial and what it has found."""

    def keep(name="drums", state=StudyState.DONE):
        entries = [Entry(0, 0, DRUM, 2.0, 0.1)]
        study = kept_study(service.database, settings, SPEC, entries, (), name=name, state=state)
        DRUM.save(study_folder(service.home, study) / "nebula.json")
        return study

    return keep


def left(service, settings, study):
    with service.database.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table).where(column == study))
            for table, column in ((Study, Study.id), (Trial, Trial.study_id), (StudyEvent, StudyEvent.study_id))
        ]
    trial = kept_trial(settings.optuna_storage, f"{SPEC.name} {study}", Space.of(SPEC), 0, 0)
    return [count > 0 for count in counts] + [trial is not None, study_folder(service.home, study).exists()]


def stars(service):
    with service.database.read() as session:
        return set(session.scalars(select(NebulaStar.nebula)))


def test_it_is_gone_with_all_that_it_left_and_others_stay(service, settings, keep, admin):
    study, other = keep(), keep("snares")
    assert [admin.put(f"/v1/nebulae/{each}/star").status_code for each in (study, other)] == [204, 204]
    files = sum(path.stat().st_size for path in study_folder(service.home, study).rglob("*") if path.is_file())
    assert admin.get(f"/v1/studies/{study}/footprint").json() == {"bytes": files, "trials": 1}
    assert admin.delete(f"/v1/studies/{study}").status_code == 204
    assert left(service, settings, study) == [False] * 5
    assert left(service, settings, other) == [True] * 5
    assert stars(service) == {other}
    assert admin.get(f"/v1/nebulae/{study}").status_code == 404
    assert admin.delete(f"/v1/studies/{study}").status_code == 404
    entry = admin.get("/v1/audit").json()["items"][0]
    assert (entry["action"], entry["subject"], entry["details"]) == ("study.delete", study, {"name": "drums"})


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_one_that_runs_stays(service, settings, keep, admin, state):
    study = keep(state=state)
    answer = admin.delete(f"/v1/studies/{study}")
    assert answer.status_code == 409
    wanted = f"study {study!r}: is {state}, expected one that does not run; cancel it first"
    assert answer.json()["error"]["message"] == wanted
    assert left(service, settings, study) == [True] * 5


def test_one_whose_nebula_another_study_needs_stays(service, settings, keep, admin):
    study = keep()
    search = SPEC.search.model_copy(update={"start": study})
    content = SPEC.model_copy(update={"search": search}).model_dump(mode="json")
    with service.database.begin() as session:
        session.add(Study(id="0" * 16, name="next", spec=content, trials_total=1, state=StudyState.QUEUED))
    answer = admin.delete(f"/v1/studies/{study}")
    assert answer.status_code == 409
    assert answer.json()["error"]["message"].endswith(f"is needed by study {'0' * 16}; cancel it first")
    assert left(service, settings, study) == [True] * 5


def test_who_looks_only_deletes_nothing(service, settings, keep):
    study = keep()
    with service.client("viewer") as viewer:
        assert viewer.delete(f"/v1/studies/{study}").status_code == 403
    assert left(service, settings, study) == [True] * 5
