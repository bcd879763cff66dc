"""Corpora over HTTP: uploaded, looked at, heard and deleted."""

import io
import socket
import time
import zipfile

import httpx2
import numpy as np
import pytest
import soundfile

from service.corpora.targets import usable
from service.studies.states import StudyState
from service.studies.tables import Study


def wav(seconds=0.5, frequency_hz=440.0, format_="WAV"):
    file = io.BytesIO()
    time_seconds = np.arange(round(22050 * seconds)) / 22050
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * frequency_hz * time_seconds), 22050, format=format_)
    return file.getvalue()


def written(samples):
    file = io.BytesIO()
    soundfile.write(file, samples, 22050, format="WAV")
    return file.getvalue()


def packed(entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def wait_until(what):
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def upload(client, files, **fields):
    return client.post("/v1/corpora", files=[("files", item) for item in files.items()], data=fields, timeout=60)


def test_a_corpus_is_uploaded_read_heard_and_deleted(service, admin):
    files = {
        "kit/b.wav": wav(0.5),
        "kit/a.aiff": wav(1.0, format_="AIFF"),
        "kit/text.wav": b"text",
        "kit/notes.pdf": b"x",
    }
    answer = upload(admin, files)
    assert answer.status_code == 201
    corpus = answer.json()
    assert corpus == {
        "id": corpus["id"],
        "name": "kit",
        "state": "ready",
        "reason": "",
        "size_bytes": int(answer.request.headers["content-length"]),
        "sounds_total": 4,
        "sounds_read": 4,
        "sounds_usable": 2,
        "sounds_excluded": 0,
        "seconds": pytest.approx(1.5, abs=1e-4),
        "created_at": corpus["created_at"],
        "remarks": [],
        "studies": [],
        "used_by": [],
        "listening_tests": [],
        "matches": 0,
        "base": None,
    }
    where = f"/v1/corpora/{corpus['id']}"
    assert admin.get(where).json() == corpus
    for shown_alone in ("studies", "remarks", "used_by", "listening_tests", "matches", "base"):
        del corpus[shown_alone]
    assert admin.get("/v1/corpora").json() == {"items": [corpus], "next": None}

    sounds = admin.get(f"{where}/sounds").json()["items"]
    assert [(sound["number"], sound["name"], sound["seconds"]) for sound in sounds] == [
        (0, "kit/a.aiff", pytest.approx(1.0, abs=1e-4)),
        (1, "kit/b.wav", pytest.approx(0.5, abs=1e-4)),
        (2, "kit/text.wav", None),
        (3, "kit/notes.pdf", None),
    ]
    skipped = admin.get(f"{where}/sounds", params={"skipped": True}).json()["items"]
    assert [sound["name"] for sound in skipped] == ["kit/text.wav", "kit/notes.pdf"]
    assert skipped[0]["reason"].startswith("is not sound in a format that can be read")
    assert skipped[1]["reason"] == "is not a sound by its name"
    for words, found in (("KIT/", [0, 1, 2, 3]), (".wav", [1, 2]), ("A.AIFF", [0]), ("%", []), ("kit_", [])):
        named = admin.get(f"{where}/sounds", params={"search": words}).json()["items"]
        assert [sound["number"] for sound in named] == found
    both = {"search": ".wav", "skipped": False}
    assert [sound["name"] for sound in admin.get(f"{where}/sounds", params=both).json()["items"]] == ["kit/b.wav"]

    heard = admin.get(f"{where}/sounds/0")
    assert heard.headers["content-type"] == "audio/flac"
    assert heard.headers["accept-ranges"] == "bytes"
    audio, rate_hz = soundfile.read(io.BytesIO(heard.content))
    assert (len(audio), rate_hz) == (44100, 44100)
    part = admin.get(f"{where}/sounds/0", headers={"Range": "bytes=4-41"})
    assert (part.status_code, part.content) == (206, heard.content[4:42])
    assert part.headers["content-range"] == f"bytes 4-41/{len(heard.content)}"
    assert admin.get(f"{where}/sounds/2").json()["error"]["code"] == "conflict"
    assert admin.get(f"{where}/sounds/4").json()["error"]["message"] == (
        f"sound 4 of corpus '{corpus['id']}': there is none, it has 4 from 0"
    )

    with service.database.read() as session:
        opened = usable(session, service.home, corpus["id"])
    assert (opened.name, [sound.name for sound in opened.sounds]) == ("kit", ["kit/a.aiff", "kit/b.wav"])

    assert admin.delete(where).status_code == 204
    assert admin.get(where).status_code == 404
    # The files follow once the answer is out.
    wait_until(lambda: not list((service.home / "corpora").iterdir()))


def test_a_zip_is_read_in_place_and_named_after_itself_or_as_asked(service, admin):
    content = packed({"808/kick.wav": wav(0.25), "808/snare.wav": wav(0.25)})
    named = upload(admin, {"Old drums.zip": content}).json()
    assert (named["name"], named["state"], named["sounds_usable"]) == ("Old drums", "ready", 2)
    assert upload(admin, {"Old drums.zip": content}, name="Eight-oh-eight").json()["name"] == "Eight-oh-eight"
    folder = service.home / "corpora" / named["id"]
    assert (folder / "sounds.zip").read_bytes() == content
    assert list((folder / "sounds").iterdir()) == []
    heard = admin.get(f"/v1/corpora/{named['id']}/sounds/1").content
    assert len(soundfile.read(io.BytesIO(heard))[0]) == pytest.approx(44100 / 4, abs=2)  # half a sample of 22,050 Hz


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"../a.wav": b""}, "upload: holds no sounds that can be reached: ../a.wav leads out of the archive"),
        ({"/a.wav": b""}, "upload: holds no sounds that can be reached: /a.wav has an absolute name"),
        ({"a.txt": b""}, "upload: holds no sounds; put sound files into it"),
    ],
)
def test_a_zip_that_is_useless_leaves_nothing(service, admin, entries, message):
    answer = upload(admin, {"sounds.zip": packed(entries)})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(message)
    assert list((service.home / "corpora").iterdir()) == []
    assert admin.get("/v1/corpora").json()["items"] == []


def test_entries_that_are_passed_over_are_counted_with_their_reason(admin):
    entries = {"kick.wav": wav(), "../a.wav": wav(), "song.m4a": b"\0\0\0\x20ftypM4A " + bytes(99)}
    corpus = upload(admin, {"sounds.zip": packed(entries)}).json()
    assert (corpus["state"], corpus["sounds_total"], corpus["sounds_usable"]) == ("ready", 3, 1)
    skipped = admin.get(f"/v1/corpora/{corpus['id']}/sounds", params={"skipped": True}).json()["items"]
    assert [(sound["name"], sound["reason"]) for sound in skipped] == [
        ("song.m4a", "holds MPEG-4 audio such as AAC, which is not read; convert it to WAV or FLAC"),
        ("../a.wav", "leads out of the archive"),
    ]


def test_what_was_trimmed_guessed_or_broken_off_is_said(admin):
    silence = np.zeros(22050 * 5)
    tone = soundfile.read(io.BytesIO(wav()))[0]
    opposed = np.stack([tone, -tone], axis=1)
    files = {
        "kick_rr1.wav": wav(),
        "kick_rr2.wav": wav()[:-4000],
        "late.wav": written(np.concatenate([silence, tone])),
        "later.wav": written(np.concatenate([silence, silence, opposed[:, 0]])),
        "opposed.wav": written(opposed),
        "manifest.csv": b"name,value\n",
    }
    corpus = upload(admin, files).json()
    assert (corpus["sounds_usable"], corpus["sounds_total"]) == (5, 5)
    manifest, groups, broken, channel, onset = corpus["remarks"]
    assert manifest.startswith("manifest.csv was not used for labels: got the first line 'name,value', expected ")
    assert groups.startswith("groups were guessed from names: 2 sounds are takes of 1, ")
    assert broken == "kick_rr2.wav is damaged or breaks off after 0.41 s"
    assert channel == "opposed.wav is heard in channel 1 alone: the mean of all is next to silence"
    assert onset.startswith(
        "2 sounds are trimmed to their onset, being silent before, the first: late.wav begins at its"
    )
    sounds = admin.get(f"/v1/corpora/{corpus['id']}/sounds").json()["items"]
    remarks = {sound["name"]: sound["remark"] for sound in sounds}
    assert remarks["later.wav"] == "begins at its onset, 10.00 s in: all before is silent"
    assert remarks["kick_rr1.wav"] == ""


def test_a_corpus_without_one_usable_sound_has_failed_and_says_why(admin):
    corpus = upload(admin, {"a.wav": b"text"}).json()
    assert (corpus["state"], corpus["reason"]) == ("failed", "none of its 1 sounds can be used")


@pytest.mark.parametrize("use", [lambda name: {"target": name}, lambda name: {"target": "drum", "others": [name]}])
def test_a_corpus_stays_while_a_study_needs_it(service, admin, use):
    corpus_id = upload(admin, {"a.wav": wav()}).json()["id"]
    with service.database.begin() as session:
        study = Study(name="drums", spec=use(corpus_id), trials_total=1, state=StudyState.FAILED)
        session.add(study)
    answer = admin.delete(f"/v1/corpora/{corpus_id}")
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == (
        f"corpus '{corpus_id}': is needed by study {study.id}; stop or cancel it first"
    )
    assert admin.get(f"/v1/corpora/{corpus_id}").json()["studies"] == [study.id]
    with service.database.begin() as session:
        session.get_one(Study, study.id).state = StudyState.DONE
    assert admin.delete(f"/v1/corpora/{corpus_id}").status_code == 204


def test_roles_decide_who_may_upload_and_who_may_look(service):
    with service.client("viewer") as viewer, service.client(None) as nobody:
        assert upload(viewer, {"a.wav": wav()}).json()["error"]["code"] == "forbidden"
        assert viewer.get("/v1/corpora").status_code == 200
        assert nobody.get("/v1/corpora").json()["error"]["code"] == "unauthenticated"


def test_a_client_that_hangs_up_leaves_nothing(service, admin):
    address = httpx2.URL(service.url)
    head = (
        f"POST /v1/corpora HTTP/1.1\r\nHost: {address.host}\r\nAuthorization: Bearer {service.keys['admin']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
    )
    with socket.create_connection((address.host, address.port)) as client:
        client.sendall(head.encode() + bytes(50_000))
        wait_until(lambda: list((service.home / "corpora").rglob("a.wav")))
    wait_until(lambda: not list((service.home / "corpora").iterdir()))
    assert admin.get("/v1/corpora").json()["items"] == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("application/json", b"{}", 400), ("multipart/form-data; boundary=x", b"nothing of the kind", 400)],
)
def test_what_is_no_upload_is_refused_in_the_one_shape(service, admin, content_type, body, status):
    answer = admin.post("/v1/corpora", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "bad_request")
    assert list((service.home / "corpora").iterdir()) == []
