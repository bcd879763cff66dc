"""Optuna's dashboard behind our keys."""

import optuna
import pytest
from kept_study import kept_study
from optuna.artifacts import FileSystemArtifactStore, upload_artifact
from optuna.storages import RDBStorage

from nebula import Nebula
from nebula.tuning import Entry, StudySpec
from service.dashboard import PREFIXES
from service.nebulae.sounds import SoundRenderer
from service.studies.states import StudyState


@pytest.fixture
def sound(service, settings):
    """Content of a sound that belongs to the last of three trials in the ledger."""
    artifacts = settings.home / "artifacts"
    artifacts.mkdir()
    path = settings.home / "best.flac"
    path.write_bytes(SoundRenderer().flac(Nebula.load("drum"), 0))
    storage = RDBStorage(settings.optuna_storage)
    study = optuna.create_study(storage=storage, study_name="drums")

    def objective(trial):
        if trial.number == 2:
            store = FileSystemArtifactStore(artifacts)
            upload_artifact(artifact_store=store, file_path=str(path), study_or_trial=trial)
        return trial.suggest_float("curve", 0.1, 10.0)

    study.optimize(objective, n_trials=3)
    storage.remove_session()
    storage.engine.dispose()
    return path.read_bytes()


def test_without_a_key_nothing_is_shown(service, sound):
    with service.client(None) as nobody:
        for prefix in PREFIXES:
            answer = nobody.get(f"/{prefix}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")


def test_pages_data_and_scripts_are_shown_with_a_key_and_compressed(service, sound):
    with service.client("viewer") as viewer:
        page = viewer.get("/dashboard")
        assert page.status_code == 200
        assert "<title>Optuna Dashboard</title>" in page.text
        assert "script-src 'self' 'unsafe-eval'" in page.headers["content-security-policy"]
        assert page.headers["x-request-id"]
        (summary,) = viewer.get("/api/studies").json()["study_summaries"]
        assert summary["study_name"] == "drums"
        trials = viewer.get(f"/api/studies/{summary['study_id']}", params={"after": 0})
        assert len(trials.json()["trials"]) == 3
        assert trials.headers["content-encoding"] == "gzip"
        script = viewer.get("/static/bundle.js")
        assert script.status_code == 200
        plain = viewer.build_request("GET", "/static/bundle.js")
        del plain.headers["accept-encoding"]
        assert viewer.send(plain).text == script.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(admin, sound, method):
    answer = admin.request(method, "/api/studies/1")
    assert answer.status_code == 405
    assert answer.json()["error"]["message"].endswith("the dashboard is for looking only")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert admin.options("/api/studies").status_code == 204
    assert len(admin.get("/api/studies").json()["study_summaries"]) == 1


def test_a_sound_is_played_and_sought_in(admin, sound):
    (study,) = admin.get("/api/studies").json()["study_summaries"]
    trial = admin.get(f"/api/studies/{study['study_id']}", params={"after": 0}).json()["trials"][2]
    path = f"/artifacts/{study['study_id']}/{trial['trial_id']}/{trial['artifacts'][0]['artifact_id']}"
    heard = admin.get(path)
    assert (heard.content, heard.headers["content-type"]) == (sound, "audio/flac")
    part = admin.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, sound[100:200])
    assert admin.get(path.replace(path[-4:], "0000")).status_code == 404


def test_before_the_first_study_it_says_that_there_is_nothing(admin):
    answer = admin.get("/dashboard")
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "dashboard: no study has begun yet, so there is nothing to show"


def test_other_paths_are_ours(admin):
    assert admin.get("/v1/corpora").json()["items"] == []
    assert admin.get("/apiary").json()["error"]["code"] == "not_found"


def test_a_study_is_led_to_by_its_id_and_listed_once(admin, settings):
    storage = RDBStorage(settings.optuna_storage)
    study_id = "0123456789abcdef"
    for name in ("other 00000000000000aa", f"drums {study_id}", f"drums {study_id}: finalists after 3 trials"):
        optuna.create_study(storage=storage, study_name=name)
    storage.remove_session()
    storage.engine.dispose()
    listed = {study["study_name"]: study["study_id"] for study in admin.get("/api/studies").json()["study_summaries"]}
    assert listed.keys() == {"other 00000000000000aa", f"drums {study_id}"}
    led = admin.get(f"/dashboard/of/{study_id}", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, f"/dashboard/studies/{listed[f'drums {study_id}']}")
    unknown = admin.get("/dashboard/of/ffffffffffffffff")
    assert unknown.json()["error"]["message"] == "study 'ffffffffffffffff': has no trial yet"


def test_its_page_leads_back_under_its_own_policy_whatever_of_it_is_asked_for(admin, settings):
    RDBStorage(settings.optuna_storage).engine.dispose()
    page = admin.get("/dashboard")
    assert page.status_code == 200
    assert page.text.endswith('href="/studies">Back to Nebula</a></body>\n</html>')
    assert "script-src 'self' 'unsafe-eval'" in page.headers["content-security-policy"]
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    for asked in ({"Range": "bytes=0-9"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
        answer = admin.get("/dashboard", headers=asked)
        assert (answer.status_code, answer.content) == (200, page.content)
    assert admin.head("/dashboard").headers["content-length"] == page.headers["content-length"]


def test_a_study_without_hyperparameters_has_no_importances(admin, settings):
    storage = RDBStorage(settings.optuna_storage)
    study_id = "0123456789abcdef"
    finalists = optuna.create_study(storage=storage, study_name=f"drums {study_id}: finalists after 3 trials")
    for score in (0.1, 0.2, 0.3):
        finalists.add_trial(optuna.trial.create_trial(value=score))
    number = storage.get_study_id_from_name(finalists.study_name)
    storage.remove_session()
    storage.engine.dispose()
    answer = admin.get(f"/api/studies/{number}/param_importances")
    assert (answer.status_code, answer.json()) == (200, {"param_importances": [[]]})
    unknown = admin.get(f"/api/studies/{number + 1}/param_importances")
    assert (unknown.status_code, unknown.json()) == (404, {"reason": f"study_id={number + 1} is not found"})


def test_the_next_study_under_the_number_of_a_deleted_one_is_shown_as_itself(service, settings, admin):
    spec, drum = StudySpec.load("quickstart"), Nebula.load("drum")

    def trials(name, scores):
        entries = [Entry(0, place, drum, score, 0.1) for place, score in enumerate(scores)]
        study = kept_study(service.database, settings, spec, entries, (), name=name, state=StudyState.DONE)
        number = admin.get(f"/dashboard/of/{study}", follow_redirects=False).headers["location"].rpartition("/")[2]
        shown = admin.get(f"/api/studies/{number}", params={"after": 0}).json()["trials"]
        return study, [trial["values"] for trial in shown]

    study, shown = trials("first", [0.5, 0.25])
    assert shown == [[0.5], [0.25]]
    assert admin.delete(f"/v1/studies/{study}").status_code == 204
    assert trials("second", [0.125])[1] == [[0.125]]
