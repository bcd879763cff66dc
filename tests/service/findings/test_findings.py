"""What a study has found so far, as the manager tells it and the API shows it, and what to hold it against."""

import numpy as np
import pytest
from study_events import finished, rescored

from nebula import PARAMETERS, Nebula, distances
from nebula.tuning import Entry, Finalist, ImportanceFound, StudyProgress, StudySpec, TrialsKept, evaluate
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.target import load_target
from service.findings.yardsticks import REPEATS
from service.manager.mirror import Mirror
from service.studies.tables import Study

DRUM, DEFAULT = Nebula.load("drum"), Nebula.load("default")


@pytest.fixture
def spec():
    return StudySpec.load("quickstart").with_changes({"sounds_per_trial": 4})


@pytest.fixture
def study(service, spec):
    frozen = spec.search.model_copy(update={"frozen": ("adsr_*",)})
    content = spec.model_copy(update={"search": frozen}).model_dump(mode="json")
    with service.database.begin() as session:
        study = Study(name=spec.name, spec=content, trials_total=spec.trials)
        session.add(study)
    return study


def findings(client, study):
    return client.get(f"/v1/studies/{study.id}/findings").json()


def test_nothing_is_found_before_the_first_trial(admin, study):
    found = findings(admin, study)
    assert (found["best"], found["found"], found["importance"], found["finalists"]) == (None, None, [], [])
    assert found["start"]["curves"] == list(Nebula.load("uniform").curves)
    assert found["tuned"] == [not parameter.module.startswith("adsr_") for parameter in PARAMETERS]
    assert admin.get(f"/v1/studies/{study.id}/best/sounds/0.flac").status_code == 404
    assert admin.get("/v1/studies/0123456789abcdef/findings").status_code == 404


def test_the_best_so_far_is_shown_and_heard(service, admin, study):
    mirror = Mirror(service.database, study.id, service.home)
    mirror.follow(StudyProgress("search", 0, 120, event=TrialsKept(())))
    mirror.follow(StudyProgress("search", 1, 120, 3.0, event=finished(Entry(0, 0, DEFAULT, 3.0, 0.1))))
    mirror.follow(StudyProgress("search", 2, 120, 2.0, event=finished(Entry(0, 1, DRUM, 2.0, 0.1))))
    mirror.follow(StudyProgress("search", 3, 120, 2.0, event=finished(Entry(0, 2, DEFAULT, 2.5, 0.1))))
    best = findings(admin, study)["best"]
    assert (best["number"], best["score"]) == (1, 2.0)
    assert (best["curves"], best["falls"], best["symmetric"]) == tuple(
        map(list, (DRUM.curves, DRUM.falls, DRUM.symmetric))
    )
    heard = admin.get(f"/v1/studies/{study.id}/best/sounds/7.flac")
    assert heard.content == admin.get("/v1/nebulae/drum/sounds/7.flac").content


def test_finalists_come_best_first_with_their_intervals_and_what_matters_most_before_the_rest(service, admin, study):
    mirror = Mirror(service.database, study.id, service.home)
    mirror.follow(StudyProgress("search", 20, 120, event=ImportanceFound({"a.b.curve": 0.25, "c.d.curve": 0.75})))
    for origin, scores in (("start", (9.0, 9.5)), ("trial 0.1", (2.0, 2.5)), ("trial 0.1", (2.0, 3.0))):
        mirror.follow(StudyProgress("finalists", 1, 4, event=rescored(Finalist(origin, DRUM, scores))))
    found = findings(admin, study)
    assert [(one["origin"], one["mean"]) for one in found["finalists"]] == [("trial 0.1", 2.5), ("start", 9.25)]
    assert all(one["low"] < one["mean"] < one["high"] for one in found["finalists"])
    assert [one["share"] for one in found["importance"]] == [0.75, 0.25]


def test_what_it_ended_with_is_shown(service, admin, study):
    folder = service.home / "studies" / study.id
    folder.mkdir(parents=True)
    DRUM.save(folder / "nebula.json")
    assert findings(admin, study)["found"]["curves"] == list(DRUM.curves)


def test_the_target_is_told_by_the_name_that_people_gave_it(service, admin, study, spec, percussion):
    assert findings(admin, study)["target"] == {"kind": "nebula", "name": "drum", "title": "drum"}
    files = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())[:2]]
    corpus = admin.post("/v1/corpora", files=files, data={"name": "two hits"}, timeout=60).json()

    def aim(**changes):
        with service.database.begin() as session:
            session.get(Study, study.id).spec = spec.model_dump(mode="json") | changes
        return findings(admin, study)["target"]

    assert aim(target=corpus["id"]) == {"kind": "corpus", "name": corpus["id"], "title": "two hits"}
    # As specs call it, and as it is asked for by, where a slash would lead elsewhere.
    uniform = {"kind": "nebula", "name": "uniform-subtractive", "title": "uniform-subtractive"}
    assert aim(target="subtractive/uniform") == uniform
    assert aim(target="0123456789abcdef") is None
    assert aim(target=None, objective="diversify") is None


def test_what_a_study_begins_at_and_aims_at_can_be_heard_by_the_names_that_it_tells(service, admin, study, spec):
    begins = spec.search.model_copy(update={"start": "subtractive/uniform"}).model_dump(mode="json")
    changes = {"search": begins, "synth": "subtractive", "target": "percussion/uniform"}
    with service.database.begin() as session:
        session.get(Study, study.id).spec = spec.model_dump(mode="json") | changes
    found = findings(admin, study)
    assert found["start_name"] == "uniform-subtractive"
    for name in (found["start_name"], found["target"]["name"]):
        assert admin.get(f"/v1/nebulae/{name}/sounds/0.flac").status_code == 200
    for layer in admin.get(f"/v1/studies/{study.id}/map", timeout=60).json()["layers"]:
        assert admin.get(layer["points"][0]["sound"]).status_code == 200
    with service.database.begin() as session:
        session.get(Study, study.id).spec = spec.model_dump(mode="json") | {"search": {**begins, "start": "gone"}}
    found = findings(admin, study)
    assert (found["start"], found["start_name"]) == (None, None)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_yardsticks_are_scored_as_trials_are(admin, study, spec):
    items = {item["name"]: item["score"] for item in admin.get(f"/v1/studies/{study.id}/yardsticks").json()["items"]}
    assert list(items) == ["uniform", "default", "drum"]
    # Other sounds of the same number: within four standard errors of both means.
    log_mel = distances.get("log-mel")
    reference = load_target(DRUM, log_mel, spec.seed).reference("l1")
    for name, score in items.items():
        seeds = [draw_seeds(1, Purpose.SEARCH, number, 4) for number in range(32)]
        scores = [evaluate(Nebula.load(name), chosen, reference, log_mel).score for chosen in seeds]
        error = np.std(scores, ddof=1) * np.sqrt(1 / REPEATS + 1 / len(seeds))
        assert abs(score - np.mean(scores)) < 4 * error
    assert items["drum"] < items["default"] < items["uniform"]


def test_a_distance_that_takes_long_has_no_yardsticks_and_says_so(service, admin, study, spec):
    with service.database.begin() as session:
        session.get(Study, study.id).spec = spec.model_dump(mode="json") | {"distance": "openl3"}
    answer = admin.get(f"/v1/studies/{study.id}/yardsticks").json()
    assert answer["items"] == []
    assert answer["reason"].startswith("distance 'openl3' takes too long here")
