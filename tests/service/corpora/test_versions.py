"""Sounds excluded from corpora, put back, and added: in place only where no study could be done again otherwise."""

import io
import zipfile

import numpy as np
import pytest
import soundfile

from nebula.tuning import StudySpec
from service.corpora import queries
from service.corpora.targets import usable
from service.errors import ServiceError
from service.listening.tables import ListeningTest
from service.studies.states import StudyState
from service.studies.tables import Study


def wav(frequency_hz):
    file = io.BytesIO()
    samples = 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(11025) / 22050)
    soundfile.write(file, samples, 22050, format="WAV")
    return file.getvalue()


def upload(client, files, **fields):
    return client.post("/v1/corpora", files=[("files", item) for item in files.items()], data=fields, timeout=60)


@pytest.fixture
def kit(admin):
    """A corpus of three sounds and a file that is none."""
    files = {"a.wav": wav(200), "b.wav": wav(300), "c.wav": wav(400), "d.wav": b"text"}
    return upload(admin, files, name="kit").json()


@pytest.fixture
def heard(service):
    """Returns what a study would hear of a corpus: the names of its sounds."""

    def names(corpus):
        with service.database.read() as session:
            return [sound.name for sound in usable(session, service.home, corpus["id"]).sounds]

    return names


def use(service, corpus, state=StudyState.DONE, **spec):
    with service.database.begin() as session:
        content = StudySpec.load("quickstart").model_dump(mode="json") | (spec or {"target": corpus["id"]})
        study = Study(name="user", spec=content, trials_total=1, state=state)
        session.add(study)
    return study.id


def test_sounds_are_excluded_and_put_back(admin, kit, heard):
    path = f"/v1/corpora/{kit['id']}"
    changed = admin.patch(f"{path}/sounds", json={"exclude": [0, 2]}).json()
    counts = ("sounds_total", "sounds_read", "sounds_usable", "sounds_excluded")
    assert [changed[key] for key in counts] == [4, 4, 1, 2]
    assert (changed["id"], changed["state"]) == (kit["id"], "ready")
    assert changed["seconds"] == pytest.approx(0.5, abs=1e-4)
    assert heard(kit) == ["b.wav"]
    listed = {
        words: [sound["number"] for sound in admin.get(f"{path}/sounds?{words}").json()["items"]]
        for words in ("skipped=false", "skipped=true", "excluded=true", "excluded=false", "")
    }
    assert listed == {
        "skipped=false": [1],
        "skipped=true": [3],
        "excluded=true": [0, 2],
        "excluded=false": [1, 3],
        "": [0, 1, 2, 3],
    }
    # Whether it is put back is decided by ear.
    assert admin.get(f"{path}/sounds/0").status_code == 200
    refused = admin.post("/v1/matches", json={"corpus": kit["id"], "sound": 0, "synth": "percussion"})
    assert refused.json()["error"]["message"] == "sound 'a.wav': is excluded from its corpus; put it back first"
    back = admin.patch(f"{path}/sounds", json={"exclude": [1], "include": [0, 2]}).json()
    assert [back[key] for key in counts] == [4, 4, 2, 1]
    assert heard(kit) == ["a.wav", "c.wav"]
    before = labels(admin, kit)
    assert admin.patch(f"{path}/sounds", json={"exclude": [0], "include": [1]}).status_code == 200
    # As many sounds, but others: no map of before is shown.
    assert (before, labels(admin, kit)) == (["a.wav", "c.wav"], ["b.wav", "c.wav"])


def labels(client, corpus):
    return [point["label"] for point in client.get(f"/v1/corpora/{corpus['id']}/map").json()["layers"][0]["points"]]


@pytest.mark.parametrize("state", StudyState)
def test_a_corpus_that_any_study_names_stays_as_it_is(service, admin, kit, heard, state):
    study = use(service, kit, state)
    shown = admin.get(f"/v1/corpora/{kit['id']}").json()
    assert shown["used_by"] == [{"id": study, "name": "user", "state": state.value}]
    response = admin.patch(f"/v1/corpora/{kit['id']}/sounds", json={"exclude": [0]})
    assert response.status_code == 409
    assert response.json()["error"]["message"] == (
        f"corpus '{kit['id']}': is used by study {study}, which could not be done again with other sounds; make a "
        "version of it"
    )
    assert heard(kit) == ["a.wav", "b.wav", "c.wav"]


def test_what_tells_a_target_apart_stays_too(service, admin, kit):
    study = use(service, kit, others=[kit["id"]])
    assert [each["id"] for each in admin.get(f"/v1/corpora/{kit['id']}").json()["used_by"]] == [study]
    assert admin.patch(f"/v1/corpora/{kit['id']}/sounds", json={"exclude": [0]}).status_code == 409


def test_listening_tests_and_matches_that_name_a_corpus_are_told_and_do_not_hold_it(service, admin, kit, heard):
    path = f"/v1/corpora/{kit['id']}"
    systems = [{"name": "kit", "corpus": kit["id"]}, {"name": "drum", "nebula": "drum"}]
    plan = {"version": 1, "name": "which kit", "method": "preference", "systems": systems, "sounds": 1, "seconds": 0.3}
    draft = admin.post("/v1/listening-tests", json=plan).json()["id"]
    admin.post("/v1/listening-tests", json=plan | {"systems": [systems[1], {"name": "other", "nebula": "default"}]})
    for sound in (0, 2):
        assert admin.post("/v1/matches", json={"corpus": kit["id"], "sound": sound}).status_code == 201
    shown = admin.get(path).json()
    assert shown["listening_tests"] == [{"id": draft, "name": "which kit", "is_sealed": False}]
    assert (shown["matches"], shown["used_by"]) == (2, [])
    changed = admin.patch(f"{path}/sounds", json={"exclude": [0]})
    assert (changed.status_code, changed.json()["listening_tests"]) == (200, shown["listening_tests"])
    with service.database.begin() as session:
        test = session.get(ListeningTest, draft)
        test.commitment, test.key_map, test.salt = "ab" * 32, {}, "cd" * 32
    assert admin.get(path).json()["listening_tests"][0]["is_sealed"]
    assert admin.delete(path).status_code == 204


def test_a_version_has_the_other_sounds_and_needs_nothing_of_its_base(service, admin, kit, heard):
    use(service, kit)
    made = admin.post(f"/v1/corpora/{kit['id']}/versions", json={"exclude": [1]})
    assert made.status_code == 201
    version = made.json()
    same = ("state", "size_bytes", "sounds_total", "sounds_read", "remarks")
    assert {key: version[key] for key in same} == {key: kit[key] for key in same}
    assert (version["name"], version["base"], version["sounds_excluded"]) == ("kit 2", kit["id"], 1)
    assert (version["used_by"], version["studies"]) == ([], [])
    assert (heard(version), heard(kit)) == (["a.wav", "c.wav"], ["a.wav", "b.wav", "c.wav"])
    again = admin.post(f"/v1/corpora/{version['id']}/versions", json={"include": [1], "exclude": [0]}).json()
    assert (again["name"], heard(again)) == ("kit 3", ["b.wav", "c.wav"])
    own = admin.post(f"/v1/corpora/{kit['id']}/versions", json={"name": "mine"}).json()
    assert (own["name"], heard(own)) == ("mine", heard(kit))
    assert admin.delete(f"/v1/corpora/{kit['id']}").status_code == 204
    assert heard(version) == ["a.wav", "c.wav"]
    assert admin.get(f"/v1/corpora/{version['id']}/sounds/1").status_code == 200
    # On the disk they are there once.
    (first,) = (service.home / "corpora" / version["id"]).rglob("a.wav")
    (second,) = (service.home / "corpora" / again["id"]).rglob("a.wav")
    assert first.samefile(second)


def test_a_version_of_a_zip_is_a_zip(admin, heard, tmp_path):
    with zipfile.ZipFile(tmp_path / "kit.zip", "w") as archive:
        archive.writestr("a.wav", wav(200))
        archive.writestr("b.wav", wav(300))
    corpus = upload(admin, {"kit.zip": (tmp_path / "kit.zip").read_bytes()}).json()
    version = admin.post(f"/v1/corpora/{corpus['id']}/versions", json={"exclude": [0]}).json()
    assert heard(version) == ["b.wav"]


def test_sounds_are_added_to_a_copy_of_a_zip(service, admin, heard, tmp_path):
    with zipfile.ZipFile(tmp_path / "kit.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kit/ä.wav", wav(200))
        archive.writestr("kit/b.wav", wav(300))
        archive.writestr("kit/manifest.csv", "file,label\nb.wav,snare\n")
    content = (tmp_path / "kit.zip").read_bytes()
    base = upload(admin, {"kit.zip": content}).json()
    admin.patch(f"/v1/corpora/{base['id']}/sounds", json={"exclude": [1]})
    corpus = upload(admin, {"c.wav": wav(500), "kit/b.wav": wav(999)}, base=base["id"]).json()
    assert (corpus["name"], corpus["base"], corpus["state"]) == ("kit 2", base["id"], "ready")
    assert corpus["size_bytes"] >= base["size_bytes"] + 2 * len(wav(500))
    assert heard(corpus) == ["c.wav", "kit/b.wav"]
    sounds = admin.get(f"/v1/corpora/{corpus['id']}/sounds").json()["items"]
    excluded = [sound["name"] for sound in sounds if sound["excluded"]]
    assert excluded == ["kit/ä.wav"]
    (skipped,) = admin.get(f"/v1/corpora/{corpus['id']}/sounds?skipped=true").json()["items"]
    assert (skipped["name"], skipped["reason"]) == ("kit/b.wav", "is called like a sound that is there already")
    folder = service.home / "corpora"
    assert (folder / base["id"] / "sounds.zip").read_bytes() == content
    with zipfile.ZipFile(folder / corpus["id"] / "sounds.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["kit/ä.wav", "kit/b.wav", "kit/manifest.csv", "c.wav"]
    assert not (folder / corpus["id"] / "sounds").exists()
    zipped = upload(admin, {"more.zip": content}, base=base["id"])
    assert zipped.json()["error"]["message"] == "upload: got a zip to be added to a corpus, expected files"


def test_sounds_are_added_to_what_is_there(admin, kit, heard):
    admin.patch(f"/v1/corpora/{kit['id']}/sounds", json={"exclude": [2]})
    more = upload(admin, {"aa.wav": wav(250), "b.wav": wav(999), "more/e.wav": wav(500)}, base=kit["id"])
    assert more.status_code == 201
    corpus = more.json()
    assert (corpus["name"], corpus["base"], corpus["state"]) == ("kit 2", kit["id"], "ready")
    assert heard(corpus) == ["a.wav", "aa.wav", "b.wav", "more/e.wav"]
    sounds = {sound["name"]: sound for sound in admin.get(f"/v1/corpora/{corpus['id']}/sounds").json()["items"]}
    assert sounds["c.wav"]["excluded"]
    assert sounds["d.wav"]["reason"].startswith("is not sound in a format that can be read")
    assert (corpus["sounds_total"], corpus["sounds_usable"], corpus["sounds_excluded"]) == (7, 4, 1)
    skipped = admin.get(f"/v1/corpora/{corpus['id']}/sounds?skipped=true").json()["items"]
    assert skipped[-1]["name"] == "b.wav"
    assert skipped[-1]["reason"] == "is called like a sound that is there already"

    def content(of):
        number = next(
            sound["number"]
            for sound in admin.get(f"/v1/corpora/{of['id']}/sounds?skipped=false").json()["items"]
            if sound["name"] == "b.wav"
        )
        return admin.get(f"/v1/corpora/{of['id']}/sounds/{number}").content

    assert content(corpus) == content(kit)
    assert heard(kit) == ["a.wav", "b.wav"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"exclude": [0, 1, 2]}, 422, "exclude: got all 3 sounds that can be used, expected one to stay"),
        ({"exclude": [0], "include": [0]}, 422, "exclude, include: got 0 in both, expected it in one of them"),
        ({"exclude": [4]}, 404, "sound 4 of corpus '{id}': there is none, it has 4 from 0"),
        ({"include": [3]}, 422, "sound 'd.wav': is not sound in a format that can be read"),
    ],
)
def test_what_cannot_be_excluded_is_refused_whole(admin, kit, heard, change, status, message):
    before = admin.get("/v1/corpora").json()
    for response in (
        admin.patch(f"/v1/corpora/{kit['id']}/sounds", json=change),
        admin.post(f"/v1/corpora/{kit['id']}/versions", json=change),
    ):
        assert response.status_code == status
        said = response.json()["error"]["message"]
        if status == 404 and "versions" in str(response.url):
            continue  # it is a number of the version, which is gone again
        assert said.startswith(message.format(**kit))
    assert heard(kit) == ["a.wav", "b.wav", "c.wav"]
    assert admin.get("/v1/corpora").json() == before


def test_a_base_that_is_not_there_is_refused(service, admin):
    response = upload(admin, {"a.wav": wav(200)}, base="0" * 16)
    assert response.json()["error"]["message"] == f"corpus '{'0' * 16}': there is none"
    assert admin.get("/v1/corpora").json()["items"] == []
    assert list((service.home / "corpora").iterdir()) == []


def test_who_looks_only_excludes_nothing(service, kit):
    with service.client("viewer") as viewer:
        assert viewer.patch(f"/v1/corpora/{kit['id']}/sounds", json={"exclude": [0]}).status_code == 403
        assert viewer.post(f"/v1/corpora/{kit['id']}/versions", json={}).status_code == 403
        assert viewer.get(f"/v1/corpora/{kit['id']}").json()["used_by"] == []


def test_a_study_that_names_a_corpus_at_that_moment_is_seen(database, service, kit, meanwhile):
    with database.begin() as session:
        queries.find(session, kit["id"], changing=True)
        spec = StudySpec.load("quickstart").model_dump(mode="json") | {"target": kit["id"]}

        def exclude():
            with database.begin() as other:
                queries.exclude(other, kit["id"], [0], [])

        second = meanwhile(exclude)
        session.add(Study(name="user", spec=spec, trials_total=1))
    with pytest.raises(ServiceError, match="is used by study"):
        second.result()
