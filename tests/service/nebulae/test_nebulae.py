"""Nebulae over HTTP: listed, imported, heard, renamed, compared and deleted."""

import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
import soundfile
from found_study import found_study

from nebula import PARAMETERS, Nebula, Voice, synths
from service.errors import Conflict
from service.nebulae import queries
from service.nebulae.tables import KeptNebula
from service.studies.states import StudyState
from service.studies.tables import Study


@pytest.fixture
def shaped():
    """The drum nebula with two values changed, as a list of entries."""
    entries = json.loads(Nebula.load("drum").to_json())
    for entry in entries:
        if entry["name"] == ["vco_1", "tuning", "curve"]:
            entry["value"] = 8.0
        if entry["name"] == ["lfo_1", "frequency", "symmetric"]:
            entry["value"] = not entry["value"]
    return entries


def test_shipped_nebulae_can_be_seen_exported_and_not_changed(admin):
    listed = admin.get("/v1/nebulae").json()
    assert [entry["name"] for entry in listed["items"]] == [
        *Nebula.shipped(),
        *(f"uniform-{synth}" for synth in synths.names() if synth != "voice"),
    ]
    assert {entry["origin"] for entry in listed["items"]} == {"shipped"}
    first = admin.get("/v1/nebulae", params={"limit": 1}).json()
    rest = admin.get("/v1/nebulae", params={"after": first["next"]}).json()
    assert first["items"] + rest["items"] == listed["items"]
    drum, shown = Nebula.load("drum"), admin.get("/v1/nebulae/drum").json()
    assert [(p["module"], p["name"]) for p in shown["parameters"]] == [(p.module, p.name) for p in PARAMETERS]
    assert tuple(p["curve"] for p in shown["parameters"]) == drum.curves
    exported = admin.get("/v1/nebulae/drum/export")
    assert exported.text == drum.to_json()
    assert exported.headers["content-disposition"] == 'attachment; filename="drum.json"'
    assert admin.delete("/v1/nebulae/drum").json()["error"]["message"] == (
        "nebula 'drum': is shipped with the package and cannot be changed"
    )


def test_a_nebula_is_kept_renamed_and_deleted(admin, shaped):
    kept = admin.post("/v1/nebulae", json={"name": "my drums", "nebula": shaped})
    assert kept.status_code == 201
    assert kept.json() == admin.get("/v1/nebulae/my drums").json()
    assert kept.json()["origin"] == "kept"
    again = admin.post("/v1/nebulae", json={"name": "my drums", "nebula": shaped})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert admin.patch("/v1/nebulae/my drums", json={"name": "ours"}).json()["name"] == "ours"
    assert admin.get("/v1/nebulae/my drums").status_code == 404
    assert Nebula.from_json(admin.get("/v1/nebulae/ours/export").text) == Nebula.from_json(json.dumps(shaped))
    assert admin.delete("/v1/nebulae/ours").status_code == 204
    assert admin.get("/v1/nebulae", params={"origin": "kept"}).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entries: entries[0].update(value=-1), "adsr_1.attack curve is -1, expected a positive finite number"),
        (lambda entries: entries.pop(0), "adsr_1.attack curve is missing"),
        (lambda entries: entries.append(entries[0]), "adsr_1.attack curve appears twice"),
    ],
)
def test_a_nebula_that_is_none_is_refused_with_the_entry_that_is_wrong(admin, shaped, change, message):
    change(shaped)
    answer = admin.post("/v1/nebulae", json={"name": "mine", "nebula": shaped})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == f"nebula 'mine': {message}"


@pytest.mark.parametrize("name", ["drum", "preview", "compare", "0123456789abcdef", "a/b", "", " a", "x" * 65])
def test_names_that_mean_something_else_or_cannot_be_shown_are_refused(admin, shaped, name):
    answer = admin.post("/v1/nebulae", json={"name": name, "nebula": shaped})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("name: got ")


def test_a_sound_is_the_same_one_as_everywhere_else_and_can_be_had_in_parts(admin):
    where = "/v1/nebulae/drum/sounds/7.flac"
    heard = admin.get(where)
    audio, rate_hz = soundfile.read(io.BytesIO(heard.content))
    expected = Voice().play([7], Nebula.load("drum"))[0].numpy()
    assert rate_hz == 44100
    np.testing.assert_allclose(audio, expected, atol=2**-15)  # one step of 16 bits
    size = len(heard.content)
    for wanted, part in (
        ("bytes=10-19", slice(10, 20)),
        ("bytes=-5", slice(size - 5, None)),
        ("bytes=5-", slice(5, None)),
    ):
        answer = admin.get(where, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, heard.content[part])
    assert admin.get(where, headers={"Range": f"bytes={size}-"}).status_code == 416
    assert admin.get(where, headers={"If-None-Match": heard.headers["etag"]}).status_code == 304
    assert admin.get("/v1/nebulae/drum/sounds/4294967296.flac").status_code == 404
    assert admin.get("/v1/nebulae/none/sounds/0.flac").json()["error"]["message"] == "nebula 'none': there is none"


def test_a_nebula_that_is_not_kept_can_be_heard(service, shaped):
    with service.client("viewer") as viewer:
        heard = viewer.post("/v1/nebulae/preview", json={"nebula": shaped, "seed": 3})
        assert heard.headers["content-type"] == "audio/flac"
        audio, _ = soundfile.read(io.BytesIO(heard.content))
        expected = Voice().play([3], Nebula.from_json(json.dumps(shaped)))[0].numpy()
        np.testing.assert_allclose(audio, expected, atol=2**-15)
        assert viewer.post("/v1/nebulae", json={"name": "mine", "nebula": shaped}).status_code == 403


def test_which_draws_go_together_is_part_of_the_nebula(service, admin):
    correlated = Nebula.load("drum-correlated")
    assert admin.get("/v1/nebulae/drum-correlated").json()["correlated"] is True
    exported = admin.get("/v1/nebulae/drum-correlated/export")
    assert Nebula.from_json(exported.text) == correlated
    body = {"nebula": exported.json()}
    assert admin.post("/v1/nebulae", json={"name": "mine", **body}).json()["correlated"] is True
    assert admin.patch("/v1/nebulae/mine", json={"name": "ours"}).json()["correlated"] is True
    assert admin.get("/v1/nebulae/ours/export").text == exported.text
    heard = admin.post("/v1/nebulae/preview", json={**body, "seed": 3}).content
    assert heard == admin.get("/v1/nebulae/ours/sounds/3.flac").content
    with service.database.begin() as session:
        study = Study(name="Found drums", spec={}, trials_total=1, state=StudyState.DONE)
        session.add(study)
    (service.home / "studies" / study.id).mkdir(parents=True)
    correlated.save(service.home / "studies" / study.id / "nebula.json")
    assert admin.get(f"/v1/nebulae/{study.id}/export").text == exported.text
    assert admin.get("/v1/nebulae/drum").json()["correlated"] is False


def test_a_correlation_beside_a_nebula_is_read_as_earlier_versions_wrote_it(service, admin, shaped):
    correlated = Nebula.load("drum-correlated")
    alone = dataclasses.replace(correlated, correlation=None).to_json()
    loadings = dict(zip(correlated.panel.paths, correlated.correlation.loadings, strict=True))
    beside = {"version": 1, "nebula": hashlib.sha256(alone.encode()).hexdigest(), "loadings": loadings}
    both = {"name": "mine", "nebula": json.loads(alone), "correlation": beside}
    assert admin.post("/v1/nebulae", json=both).json()["correlated"] is True
    assert Nebula.from_json(admin.get("/v1/nebulae/mine/export").text) == correlated
    # A database of then keeps the two apart.
    with service.database.begin() as session:
        session.add(KeptNebula(name="old", content=alone, correlation=json.dumps(beside)))
    assert Nebula.from_json(admin.get("/v1/nebulae/old/export").text) == correlated
    other = {"name": "other", "nebula": shaped, "correlation": beside}
    assert admin.post("/v1/nebulae", json=other).json()["error"]["message"] == (
        "nebula 'other', its correlation: belongs to a nebula with other curves; remove it, or put that nebula back"
    )


def test_nebulae_of_every_synth_are_kept_heard_and_exported_as_presets(admin):
    nebula = Nebula.uniform("voice-fm")
    form = json.loads(nebula.to_json())
    made = admin.post("/v1/nebulae", json={"name": "ringing", "nebula": form}).json()
    assert (made["synth"], len(made["parameters"])) == ("voice-fm", 130)
    listed = {entry["name"]: entry["synth"] for entry in admin.get("/v1/nebulae").json()["items"]}
    assert (listed["ringing"], listed["uniform-voice-fm"], listed["drum"]) == ("voice-fm", "voice-fm", "voice")
    audio, _ = soundfile.read(io.BytesIO(admin.get("/v1/nebulae/ringing/sounds/3.flac").content))
    expected = synths.get("voice-fm").player().play([3], nebula)[0].numpy()
    np.testing.assert_allclose(audio, expected, atol=2**-15)
    same = admin.get("/v1/nebulae/uniform-voice-fm/sounds/3.flac").content
    assert same == admin.get("/v1/nebulae/ringing/sounds/3.flac").content
    presets = admin.get("/v1/nebulae/ringing/presets", params={"count": 2, "seed": 7, "format": "csv"})
    assert presets.headers["content-disposition"] == 'attachment; filename="ringing.csv"'
    assert presets.text.startswith("name,keyboard.midi_f0 [MIDI pitch],")
    assert len(presets.text.splitlines()) == 3
    refused = admin.get("/v1/nebulae/ringing/presets", params={"format": "syx"}).json()["error"]["message"]
    assert refused == "format: got 'syx', expected one of json, csv, as the synth 'voice-fm' has"


@pytest.mark.parametrize(("form", "given"), [("wav", {}), ("flac", {"as": "flac"})])
def test_sounds_come_together_in_a_zip_with_the_values_that_make_them(admin, form, given):
    answer = admin.get("/v1/nebulae/drum/sounds.zip", params={"count": 3, "seed": 7, **given})
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="drum.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["drum/parameters.csv", *(f"drum/drum-{seed}.{form}" for seed in (7, 8, 9))]
        table = archive.read("drum/parameters.csv").decode()
        for seed in (7, 8, 9):
            alone = admin.get(f"/v1/nebulae/drum/sounds/{seed}.flac", params={"as": form}).content
            assert archive.read(f"drum/drum-{seed}.{form}") == alone
    assert table == admin.get("/v1/nebulae/drum/presets", params={"count": 3, "seed": 7, "format": "csv"}).text
    assert admin.get("/v1/nebulae/drum/sounds.zip", params={"count": 3, "seed": 7, **given}).content == answer.content
    assert admin.get("/v1/nebulae/drum/sounds.zip", params={"count": 129}).status_code == 422
    assert admin.get("/v1/nebulae/none/sounds.zip").status_code == 404


def test_nebulae_of_different_synths_differ_by_their_sounds_alone(admin):
    refused = admin.get("/v1/nebulae/drum/differences", params={"other": "uniform-voice-fm"})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"] == (
        "nebulae: got one of the synth 'voice' and one of 'voice-fm', which can be compared by their sounds, not by "
        "their curves"
    )
    apart = admin.get("/v1/nebulae/drum/mmd", params={"other": "uniform-voice-fm", "sounds": 4})
    assert apart.json()["mmd"] > 0


def test_a_server_loads_no_plugin_that_its_settings_do_not_name(admin):
    ours = {"version": 1, "synth": "plugin:/usr/lib/vst/amsynth_vst.so", "parameters": {}}
    refused = admin.post("/v1/nebulae/preview", json={"nebula": ours})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"] == (
        "synth: got 'plugin:/usr/lib/vst/amsynth_vst.so', a plugin that is not allowed here; those allowed: none"
    )


def test_a_correlated_nebula_that_is_shaped_stays_correlated(service, admin):
    shaped = admin.get("/v1/nebulae/drum-correlated/export").json()
    del shaped["correlation"]
    shaped["parameters"]["mixer.noise"]["curve"] = 8.0
    body = {"nebula": shaped, "correlation_of": "drum-correlated"}
    correlation = Nebula.load("drum-correlated").correlation
    expected = dataclasses.replace(Nebula.from_json(json.dumps(shaped)), correlation=correlation)
    heard = admin.post("/v1/nebulae/preview", json={**body, "seed": 3})
    audio, _ = soundfile.read(io.BytesIO(heard.content))
    np.testing.assert_allclose(audio, Voice().play([3], expected)[0].numpy(), atol=2**-15)
    assert admin.post("/v1/nebulae", json={"name": "mine", **body}).json()["correlated"] is True
    assert admin.get("/v1/nebulae/mine/sounds/3.flac").content == heard.content

    unknown = admin.post("/v1/nebulae/preview", json={"nebula": shaped, "correlation_of": "none"})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "nebula 'none': there is none")
    both = admin.post("/v1/nebulae/preview", json={**body, "correlation": {}})
    assert (both.status_code, both.json()["error"]["message"]) == (
        422,
        "correlation, correlation_of: got both, expected at most one",
    )


def test_a_mixture_is_kept_shown_and_shaped_in_its_first_component(admin):
    drum, default = Nebula.load("drum"), Nebula.load("default")
    kit = Nebula.mixture([(3, drum), (1, default)], "kit")
    shown = admin.post("/v1/nebulae", json={"name": "kit", "nebula": json.loads(kit.to_json())}).json()
    assert [part["weight"] for part in shown["components"]] == [0.75, 0.25]
    assert shown["components"][1]["curves"] == list(default.curves)
    assert [p["curve"] for p in shown["parameters"]] == list(drum.curves)
    assert Nebula.from_json(admin.get("/v1/nebulae/kit/export").text) == kit
    changed = dataclasses.replace(drum, curves=(2.0, *drum.curves[1:]))
    body = {"nebula": json.loads(changed.to_json()), "others_of": "kit"}
    assert admin.post("/v1/nebulae", json={"name": "mine", **body}).status_code == 201
    kept = Nebula.from_json(admin.get("/v1/nebulae/mine/export").text)
    assert kept == dataclasses.replace(changed, others=kit.others)
    twice = admin.post("/v1/nebulae/preview", json={**body, "nebula": json.loads(kit.to_json())})
    assert (twice.status_code, twice.json()["error"]["message"]) == (
        422,
        "others_of: got a mixture to take the place of a component, expected a plain nebula",
    )


def test_two_nebulae_are_compared(admin, shaped):
    admin.post("/v1/nebulae", json={"name": "mine", "nebula": shaped})
    found = admin.get("/v1/nebulae/mine/differences", params={"other": "drum"}).json()["items"]
    drum = Nebula.load("drum")
    assert [(item["module"], item["name"]) for item in found] == [("vco_1", "tuning"), ("lfo_1", "frequency")]
    assert found[0]["curves"] == [8.0, drum.curve("vco_1", "tuning")]
    assert found[1]["symmetric"][0] is not found[1]["symmetric"][1]
    assert admin.get("/v1/nebulae/drum/differences", params={"other": "drum"}).json() == {"items": []}
    resting = dataclasses.replace(drum, falls=(*drum.falls[:-1], 20.0))
    admin.post("/v1/nebulae", json={"name": "resting", "nebula": json.loads(resting.to_json())})
    (only,) = admin.get("/v1/nebulae/resting/differences", params={"other": "drum"}).json()["items"]
    assert (only["name"], only["falls"]) == ("noise", [20.0, 1.0])
    assert [p["fall"] for p in admin.get("/v1/nebulae/resting").json()["parameters"]] == list(resting.falls)
    several = {"other": ["drum", "mine"]}
    first, *_ = admin.get("/v1/nebulae/resting/differences", params=several).json()["items"]
    tuning = drum.curve("vco_1", "tuning")
    assert (first["name"], first["curves"], first["falls"]) == ("tuning", [tuning, tuning, 8.0], [1.0, 1.0, 1.0])
    names = {item["name"] for item in admin.get("/v1/nebulae/resting/differences", params=several).json()["items"]}
    assert names == {"tuning", "frequency", "noise"}
    assert admin.get("/v1/nebulae/drum/differences", params={"other": ["drum"] * 6}).status_code == 422
    near = admin.get("/v1/nebulae/mine/mmd", params={"other": "drum", "sounds": 32}).json()
    far = admin.get("/v1/nebulae/default/mmd", params={"other": "drum", "sounds": 32}).json()
    assert near["sounds"] == 32
    # The spread over repeated draws is what the difference has to exceed.
    assert near["mmd"] + 3 * near["standard_deviation"] < far["mmd"]
    refused = admin.get("/v1/nebulae/drum/mmd").json()["error"]
    assert refused["message"] == "other, corpus: got neither, expected one of them"


def test_what_a_study_found_is_on_the_shelf(service, admin):
    with service.database.begin() as session:
        study = Study(name="Found drums", spec={}, trials_total=1, state=StudyState.DONE)
        session.add(study)
    assert admin.get(f"/v1/nebulae/{study.id}").status_code == 404
    folder = service.home / "studies" / study.id
    folder.mkdir(parents=True)
    Nebula.load("drum").save(folder / "nebula.json")
    (found,) = admin.get("/v1/nebulae", params={"origin": "found"}).json()["items"]
    assert (found["name"], found["title"], found["study_id"]) == (study.id, "Found drums", study.id)
    assert admin.get(f"/v1/nebulae/{study.id}/export").text == Nebula.load("drum").to_json()


def test_a_nebula_stays_under_its_name_while_a_study_needs_it(service, admin, shaped):
    admin.post("/v1/nebulae", json={"name": "mine", "nebula": shaped})
    with service.database.begin() as session:
        study = Study(name="drums", spec={"search": {"start": "mine"}}, trials_total=1)
        session.add(study)
    for answer in (admin.delete("/v1/nebulae/mine"), admin.patch("/v1/nebulae/mine", json={"name": "other"})):
        assert answer.status_code == 409
        assert answer.json()["error"]["message"] == (
            f"nebula 'mine': is needed by study {study.id}; stop or cancel it first"
        )


def test_what_cannot_be_a_name_is_not_there(admin, shaped):
    for name in ("%00", "a%00b", "%C3%A4", "..%2F..%2Fetc", "%20"):
        assert admin.get(f"/v1/nebulae/{name}").status_code == 404
        assert admin.delete(f"/v1/nebulae/{name}").status_code == 404
        # A null character is refused before it is known what it would be the name of.
        expected = 422 if "%00" in name else 404
        assert admin.get(f"/v1/nebulae/drum/differences?other={name}").status_code == expected


@pytest.mark.parametrize("how", ["add", "rename"])
def test_of_two_who_take_one_name_at_once_one_has_it(database, meanwhile, how):
    with database.begin() as session:
        queries.add(session, "old", Nebula.load("drum"), "")

    def take():
        with database.begin() as session:
            if how == "add":
                queries.add(session, "new", Nebula.load("drum"), "")
            else:
                queries.rename(session, queries.find(session, "old"), "new")

    with database.begin() as session:
        queries.add(session, "new", Nebula.load("drum"), "")
        second = meanwhile(take)
    with pytest.raises(Conflict, match="nebula 'new': there is one of that name"):
        second.result()


def test_what_a_nebula_was_saved_from_is_kept_whatever_becomes_of_that(service, admin, shaped):
    def source(name):
        listed = {entry["name"]: entry["saved_from"] for entry in admin.get("/v1/nebulae").json()["items"]}
        shown = admin.get(f"/v1/nebulae/{name}").json()["saved_from"]
        assert listed[name] == shown
        return shown

    made = admin.post("/v1/nebulae", json={"name": "child", "nebula": shaped, "saved_from": "drum"})
    assert made.json()["saved_from"] == {"name": "drum", "title": "drum"}
    assert source("drum") is None
    admin.post("/v1/nebulae", json={"name": "grandchild", "nebula": shaped, "saved_from": "child"})
    admin.patch("/v1/nebulae/child", json={"name": "renamed"})
    assert source("grandchild") == {"name": "renamed", "title": "renamed"}
    assert source("renamed") == {"name": "drum", "title": "drum"}
    admin.delete("/v1/nebulae/renamed")
    # Another one of that name is not what it was saved from.
    admin.post("/v1/nebulae", json={"name": "renamed", "nebula": shaped})
    assert source("grandchild") == {"name": None, "title": "renamed"}
    assert source("renamed") is None

    study = found_study(service.database, service.home)
    admin.post("/v1/nebulae", json={"name": "of a study", "nebula": shaped, "saved_from": study})
    assert source("of a study") == {"name": study, "title": "Found drums"}
    admin.patch(f"/v1/studies/{study}", json={"name": "Better drums"})
    assert source("of a study") == {"name": study, "title": "Better drums"}
    assert admin.delete(f"/v1/studies/{study}").status_code == 204
    assert source("of a study") == {"name": None, "title": "Found drums"}
    unknown = admin.post("/v1/nebulae", json={"name": "other", "nebula": shaped, "saved_from": "none"})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "nebula 'none': there is none")
