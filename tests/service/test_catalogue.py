"""What there is to choose from, and what a study would cost."""

import tomllib
from urllib.parse import quote

import pytest
from sqlalchemy import update

from nebula import PARAMETERS, distances, synths
from nebula.synths import allow_plugins
from nebula.tuning import StudySpec
from service.database import now
from service.manager.tables import WorkerBeat
from service.studies.tables import Study, Trial

VARIETY = StudySpec.load("diversity").model_dump(mode="json")
AMSYNTH = "/usr/lib/vst/amsynth_vst.so"

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def test_synths_say_what_they_are_and_where_studies_of_them_begin(admin):
    items = {item["name"]: item for item in admin.get("/v1/synths").json()["items"]}
    assert tuple(items) == synths.names()
    assert items["voice"] == {
        "name": "voice",
        "description": synths.get("voice").description,
        "parameters": 78,
        "start": "default",
        "ready": True,
        "reason": "",
    }
    assert items["voice-fm"]["start"] == "uniform-voice-fm"
    assert items["dx7"]["start"] == "dx7-default"
    answer = admin.get("/v1/synths/none")
    expected = f"synth: got 'none', expected one of {', '.join(synths.names())}"
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, expected)


def test_parameters_are_those_of_the_synth_in_its_order(admin):
    dx7 = admin.get("/v1/synths/dx7").json()
    assert dx7["preset_formats"][0] == "syx"
    assert [len(item["choices"]) for item in dx7["items"] if item["name"] == "algorithm"] == [32]
    items = admin.get("/v1/synths/voice").json()["items"]
    assert [item["path"] for item in items] == [parameter.path for parameter in PARAMETERS]
    assert items[0] == {
        "path": "keyboard.midi_f0",
        "module": "keyboard",
        "name": "midi_f0",
        "minimum": 0.0,
        "maximum": 127.0,
        "unit": "MIDI pitch",
        "description": "the key that is played; 69 is 440 Hz",
        "choices": [],
    }


def test_synths_that_are_not_listed_are_shown_by_their_names(admin):
    family = admin.get("/v1/synths/parametric-1-0-1-0").json()
    assert (family["name"], len(family["items"])) == ("parametric-1-0-1-0", len(synths.get("parametric-1-0-1-0").panel))
    # The name of a plugin has slashes; whoever writes the address may escape them or not.
    allow_plugins([AMSYNTH])
    for path in (f"plugin:{AMSYNTH}", quote(f"plugin:{AMSYNTH}", safe="")):
        shown = admin.get(f"/v1/synths/{path}").json()
        assert (shown["name"], shown["ready"]) == (f"plugin:{AMSYNTH}", True)
        assert [item["name"] for item in shown["items"][:3]] == ["midi_f0", "velocity", "duration"]
    answer = admin.get("/v1/synths/plugin:/etc/passwd")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == (
        f"synth: got 'plugin:/etc/passwd', a plugin that is not allowed here; those allowed: {AMSYNTH}"
    )


def test_members_of_families_and_allowed_plugins_are_searched_without_a_nebula_of_them(admin):
    allow_plugins([AMSYNTH])
    answer = admin.get("/v1/synths").json()
    (family,) = answer["families"]
    assert (family["form"], family["example"]) == ("parametric-s-q-f-g", "parametric-1-0-1-0")
    plugin = next(item for item in answer["items"] if item["name"] == f"plugin:{AMSYNTH}")
    assert (plugin["ready"], plugin["start"]) == (True, "uniform-plugin:amsynth_vst.so")
    listed = {item["name"]: item["synth"] for item in admin.get("/v1/nebulae?limit=500").json()["items"]}
    assert listed["uniform-plugin:amsynth_vst.so"] == f"plugin:{AMSYNTH}"
    for synth, start in (
        (f"plugin:{AMSYNTH}", plugin["start"]),
        (family["example"], f"uniform-{family['example']}"),
        (family["example"], f"{family['example']}/uniform"),
    ):
        search = VARIETY["search"] | {"start": start, "frozen": []}
        study = admin.post("/v1/studies", json=VARIETY | {"synth": synth, "search": search})
        assert study.status_code == 201, study.text
        assert study.json()["synth"] == synth
        findings = admin.get(f"/v1/studies/{study.json()['id']}/findings").json()
        shape = admin.get(f"/v1/nebulae/{findings['start_name']}").json()
        assert {parameter["curve"] for parameter in shape["parameters"]} == {1.0}
    for name in ("uniform-plugin:other.so", "uniform-parametric-9-9-9-9", "uniform-none"):
        assert admin.get(f"/v1/nebulae/{name}").status_code == 404


def test_distances_say_why_they_cannot_be_used(admin):
    items = {item["name"]: item for item in admin.get("/v1/distances").json()["items"]}
    assert tuple(items) == distances.names()
    assert items["log-mel"] == {"name": "log-mel", "ready": True, "reason": ""}
    assert not items["openl3"]["ready"]  # its weights are not in the tests' empty cache
    assert "nebula weights fetch" in items["openl3"]["reason"]


def test_shipped_specs_come_as_they_were_written_and_as_json(admin):
    items = admin.get("/v1/specs").json()["items"]
    assert [item["name"] for item in items] == list(StudySpec.shipped())
    for item in items:
        assert StudySpec.parse(item["spec"]) == StudySpec.from_toml(item["toml"]) == StudySpec.load(item["name"])
        assert admin.get(f"/v1/specs/{item['name']}").json() == item
    assert admin.get("/v1/specs/nothing").status_code == 404


@pytest.mark.parametrize("name", StudySpec.shipped())
def test_both_forms_of_a_spec_say_the_same(admin, name):
    item = admin.get(f"/v1/specs/{name}").json()
    from_json = admin.post("/v1/estimates", json={"spec": item["spec"]}).json()
    from_toml = admin.post("/v1/estimates", json={"toml": item["toml"]}).json()
    assert from_json == from_toml
    assert StudySpec.from_toml(from_json["toml"]) == StudySpec.load(name)
    assert tomllib.loads(from_json["toml"]) == from_json["spec"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "body: got neither, expected either spec or toml"),
        ({"spec": {}, "toml": ""}, "body: got both, expected either spec or toml"),
        ({"toml": "a = "}, "spec 'text': not TOML"),
        ({"spec": {}}, "spec 'text': version: missing"),
        # As a study of it would be: its frozen parameters are the Voice's.
        (
            {"spec": VARIETY | {"synth": "percussion", "search": {**VARIETY["search"], "start": "uniform-percussion"}}},
            "spec 'diversity': search.frozen: ",
        ),
        (
            {"spec": VARIETY | {"search": {**VARIETY["search"], "start": "gone"}}},
            "search.start: got 'gone', expected the name of a nebula",
        ),
        ({"spec": VARIETY | {"distance": "hear:os"}}, "distance: got 'hear:os', a module that the setting NEBULA_HEAR"),
    ],
)
def test_what_is_no_spec_is_refused(admin, body, message):
    response = admin.post("/v1/estimates", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(message)


def test_the_cost_is_what_sounds_have_taken_here_shared_by_the_workers(service, admin):
    spec = admin.get("/v1/specs/quickstart").json()["spec"] | {
        "sounds_per_trial": 128,
        "search": {"phases": [{"sampler": "cma-es", "trials": 200}]},
        "finalists": {"count": 4, "repeats": 8},
    }
    unknown = admin.post("/v1/estimates", json={"spec": spec}).json()["cost"]
    # Beside the trials, the finalists, the centre and the start are scored.
    assert (unknown["evaluations"], unknown["sounds"]) == (248, 31744)
    assert unknown["seconds"] is None
    study = admin.post("/v1/studies", json=spec).json()["id"]
    with service.database.begin() as session:
        session.execute(update(Study).where(Study.id == study).values(trials_done=3))
        for number, seconds in enumerate((0.64, 1.28, 99.0)):
            session.add(
                Trial(study_id=study, number=number, generation=0, candidate=number, score=1.0, seconds=seconds)
            )
        for name in ("a", "b"):
            session.add(WorkerBeat(address=name, name=name, host="here", device="cpu", seen_at=now()))
    known = admin.post("/v1/estimates", json={"spec": spec}).json()["cost"]
    assert known["seconds_per_sound"] == pytest.approx(1.28 / 128)  # the median trial
    assert known["workers"] == 2
    assert known["judging_seconds"] == 60.0  # no study here has told better
    assert known["seconds"] == pytest.approx(31744 * 0.01 / 2 + 60)
    other = admin.post("/v1/estimates", json={"spec": spec | {"distance": "multi-scale-spectrogram"}}).json()
    assert other["cost"]["seconds"] is None
