"""Optuna's dashboard behind our keys."""

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore, upload_artifact
from optuna.storages import RDBStorage

from nebula import Nebula
from service.dashboard import PREFIXES
from service.nebulae.sounds import SoundRenderer


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
