"""Tags and notes of studies: who may give them, how studies are found by them, and what they are held to."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from nebula.tuning import StudySpec
from service.studies.states import StudyState
from service.studies.tables import Study, StudyTag


def add(service, name):
    spec = StudySpec.load("quickstart").model_dump(mode="json")
    with service.database.begin() as session:
        study = Study(name=name, spec=spec, trials_total=1, state=StudyState.PAUSED)
        session.add(study)
    return study.id


def names(client, **parameters):
    return [item["name"] for item in client.get("/v1/studies", params=parameters).json()["items"]]


def test_a_study_is_tagged_and_noted_and_what_is_not_said_stays(service, admin):
    path = f"/v1/studies/{add(service, 'kicks')}"
    before = admin.get(path).json()
    assert (before["tags"], before["note"]) == ([], "")
    note = "Louder than the last.\n<b>„Glocke“ 🔔</b>"
    changed = admin.patch(path, json={"tags": ["live", "drums", "live"], "note": note}).json()
    assert changed == before | {"tags": ["drums", "live"], "note": note}
    assert admin.patch(path, json={"tags": ["drums", "quiet"]}).json() == changed | {"tags": ["drums", "quiet"]}
    assert admin.patch(path, json={}).json() == changed | {"tags": ["drums", "quiet"]}
    assert admin.patch(path, json={"name": "bass", "tags": None}).json()["tags"] == ["drums", "quiet"]
    assert admin.patch(path, json={"tags": [], "note": ""}).json() == before | {"name": "bass"}
    lines = reversed(admin.get("/v1/audit").json()["items"])
    told = [(line["action"], line["details"]) for line in lines if line["action"].startswith("study.")]
    assert told == [
        ("study.tag", {"name": "kicks", "tags": ["drums", "live"], "before": []}),
        ("study.note", {"name": "kicks"}),
        ("study.tag", {"name": "kicks", "tags": ["drums", "quiet"], "before": ["drums", "live"]}),
        ("study.rename", {"name": "bass", "before": "kicks"}),
        ("study.tag", {"name": "bass", "tags": [], "before": ["drums", "quiet"]}),
        ("study.note", {"name": "bass"}),
    ]


def test_studies_are_found_by_tag_and_by_what_their_notes_say(service, admin):
    for name, tags, note in (("a", ["drums"], ""), ("b", ["drums", "drum-kit"], "100 % Snare"), ("c", [], "snares")):
        admin.patch(f"/v1/studies/{add(service, name)}", json={"tags": tags, "note": note})
    assert names(admin, tag="drums") == ["b", "a"]
    assert names(admin, tag="drum") == []
    assert names(admin, tag="drums", search="snare") == ["b"]
    assert names(admin, search="SNARE") == ["c", "b"]
    assert names(admin, search="0 % s") == ["b"]
    assert names(admin, search="kit") == ["b"]
    assert names(admin, tag="drums", state="running") == []
    assert admin.get("/v1/studies/tags").json() == {
        "items": [{"tag": "drum-kit", "studies": 1}, {"tag": "drums", "studies": 2}]
    }


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"tags": ["Drums"]}, "body.tags.0"),
        ({"tags": ["two words"]}, "body.tags.0"),
        ({"tags": ["a" * 25]}, "body.tags.0"),
        ({"tags": [""]}, "body.tags.0"),
        ({"tags": [f"tag{number}" for number in range(11)]}, "body.tags"),
        ({"note": "a" * 2001}, "body.note"),
        ({"label": "drums"}, "body.label"),
    ],
)
def test_what_is_no_tag_or_note_is_refused(service, admin, change, where):
    path = f"/v1/studies/{add(service, 'kicks')}"
    response = admin.patch(path, json=change)
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["where"] == where
    largest = {"tags": sorted(f"{number}".rjust(24, "x") for number in range(10)), "note": "\n" * 2000}
    kept = admin.patch(path, json=largest).json()
    assert {key: kept[key] for key in largest} == largest


def test_who_looks_only_reads_them(service, admin):
    path = f"/v1/studies/{add(service, 'kicks')}"
    admin.patch(path, json={"tags": ["drums"], "note": "good"})
    with service.client("viewer") as viewer:
        assert viewer.patch(path, json={"tags": []}).status_code == 403
        assert viewer.get(path).json()["tags"] == ["drums"]
        assert viewer.get("/v1/studies/tags").json()["items"] == [{"tag": "drums", "studies": 1}]


def test_a_deleted_study_leaves_no_tag(service, admin):
    study = add(service, "kicks")
    admin.patch(f"/v1/studies/{study}", json={"tags": ["drums"]})
    assert admin.delete(f"/v1/studies/{study}").status_code == 204
    with service.database.read() as session:
        assert session.query(StudyTag).count() == 0


def test_many_who_give_the_same_tag_at_once_are_all_answered(service, admin):
    path = f"/v1/studies/{add(service, 'kicks')}"

    def tag(number):
        with service.client("experimenter") as client:
            return client.patch(path, json={"tags": ["drums", f"of-{number % 2}"]}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tag, range(24))) == {200}
    assert admin.get(path).json()["tags"] in (["drums", "of-0"], ["drums", "of-1"])
