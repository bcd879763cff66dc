"""The leak audit of a sealed test: it passes an honest one, and each thing that could tell is found."""

import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

from service.listening import audit as audits
from service.listening.audit import CHECKS, audit
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest


@pytest.fixture(scope="module")
def sealed(lab):
    """Id of a sealed test, which nobody opens."""
    spec = {
        "version": 1,
        "name": "audited",
        "method": "mushra",
        "sounds": 1,
        "seconds": 0.3,
        "texts": {"question": "How close to the reference?"},
        "systems": [{"name": "made by hand", "nebula": "drum"}],
        "reference": {"name": "untouched", "nebula": "default"},
        "anchors_hz": [7000],
    }
    # Sounds end where the longest of their trial falls silent. A click leaves no room to play it later.
    while True:
        sealed = lab.seal(spec)
        with lab.database.read() as session:
            folder = StimulusStore(lab.home).root / session.get(ListeningTest, sealed).folder
        if len(np.load(next(folder.iterdir()))) > 8000:
            return sealed


@pytest.fixture
def test_and_store(lab, sealed):
    """The test as the audit takes it; whatever is done to its files is undone."""
    store = StimulusStore(lab.home)
    with lab.database.read() as session:
        test = session.get(ListeningTest, sealed)
        session.expunge(test)
    folder = store.root / test.folder
    before = {path.name: (path.read_bytes(), path.stat().st_mtime) for path in folder.iterdir()}
    yield test, store, folder
    for path in folder.iterdir():
        path.unlink()
    for name, (content, date) in before.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (date, date))
    folder.chmod(0o700)


def test_an_honest_test_passes(lab, sealed):
    report = lab.experimenter.get(f"/v1/listening-tests/{sealed}/audit").json()
    assert report == {"passed": True, "checks": list(CHECKS), "findings": [], "remarks": []}


def changed(test, **changes):
    test.spec = {**test.spec, **changes}


def rewrite(folder, change, date=946_684_800):
    path = sorted(folder.iterdir())[0]
    samples = change(np.load(path)).astype(np.float32)
    with path.open("wb") as file:
        np.save(file, samples)
    os.utime(path, (date, date))


LEAKS = {
    "a name that says something": (
        lambda test, folder: sorted(folder.iterdir())[0].rename(folder / "drum.wav"),
        {"the files are not those of the key map"},
    ),
    "a file too many": (
        lambda test, folder: rewrite_copy(folder),
        {"the files are not those of the key map"},
    ),
    "dates in order": (
        lambda test, folder: os.utime(sorted(folder.iterdir())[0], (1, 1)),
        {"files have different dates"},
    ),
    "open to others": (
        lambda test, folder: folder.chmod(0o755),
        {"others on this machine can read the files"},
    ),
    "another key map": (
        lambda test, folder: test.key_map["stimuli"].popitem(),
        {"the files are not those of the key map"},
    ),
    "another system in the key map": (
        lambda test, folder: test.key_map["stimuli"][sorted(test.key_map["stimuli"])[0]]["source"].update(seed=1),
        {"the key map is not the one that was committed to"},
    ),
    "louder": (
        lambda test, folder: rewrite(folder, lambda samples: samples * 0.5),
        {"a file is not what was committed to", r"trial 0: loudness differs by 6\.02 LU, expected at most 0\.5"},
    ),
    "later": (
        lambda test, folder: rewrite(folder, lambda samples: np.append(np.zeros(2000), samples[:-2000])),
        {
            "a file is not what was committed to",
            r"trial 0: onsets lie \d+ ms apart, expected at most 10",
            r"trial 0: loudness .*|trial 0: ends .*|trial 0: peak .*",
        },
    ),
    "longer": (
        lambda test, folder: rewrite(folder, lambda samples: np.append(samples, np.zeros(9))),
        {
            "a file is not what was committed to",
            "trial 0: sounds differ in length",
            "trial 0: files differ in size",
            "trial 0: headers tell files apart",
        },
    ),
    "offset": (
        lambda test, folder: rewrite(folder, lambda samples: samples + 0.01),
        {
            "a file is not what was committed to",
            r"trial 0: peak .* or offset 1\.0e-02, expected below 1 and 0\.001",
            r"trial 0: loudness .*|trial 0: onsets .*|trial 0: ends .*",
        },
    ),
    "a text that names a nebula": (
        lambda test, folder: changed(test, texts={"title": "Drum against untouched"}),
        {"participants are told 'drum'", "participants are told 'untouched'"},
    ),
    "a tag that names an anchor": (
        lambda test, folder: changed(test, tags=["anchor-7000"]),
        {"participants are told 'anchor-7000'"},
    ),
}


def rewrite_copy(folder):
    path = folder / ("0" * 32)
    path.write_bytes(sorted(folder.iterdir())[0].read_bytes())
    os.utime(path, (946_684_800, 946_684_800))


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found(test_and_store, leak):
    test, store, folder = test_and_store
    do, expected = LEAKS[leak]
    do(test, folder)
    found = {finding.message for finding in audit(test, store)}
    assert found
    assert all(any(re.fullmatch(pattern, message) for pattern in expected) for message in found), found
    firm = [pattern for pattern in expected if "|" not in pattern]
    assert all(any(re.fullmatch(pattern, message) for message in found) for pattern in firm), found


def newest(lab):
    """The folder of the test that was sealed last."""
    return max((lab.home / "listening").iterdir(), key=lambda folder: folder.stat().st_ctime_ns)


READ = "among what participants read, expected texts, labels, options and tags without the names of what is compared"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"texts": {"title": "Drum or default?"}}, "'default', 'drum'"),
        ({"method": "rating", "tie": False, "systems": [{"name": "good", "nebula": "drum"}]}, "'good'"),
        ({"tags": ["untouched"]}, "'untouched'"),
        ({"completion_url": "https://example.org/?of=drum"}, "'drum'"),
        ({"questionnaire": [{"key": "which", "text": "Which?", "options": ["Made by hand", "no"]}]}, "'made by hand'"),
    ],
)
def test_a_name_among_what_participants_read_is_refused_when_planned(lab, ab, change, names):
    answer = lab.experimenter.post("/v1/listening-tests", json=ab | change)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, f"names: got {names} {READ}")
    # Nor is it sealed, where an earlier version took it.
    test = lab.plan(ab)
    with lab.database.begin() as session:
        kept = session.get(ListeningTest, test)
        kept.spec = kept.spec | change
    answer = lab.experimenter.post(f"/v1/listening-tests/{test}/seal")
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, f"names: got {names} {READ}")


def test_what_could_not_be_opened_is_never_sealed(lab, ab, monkeypatch):
    name, replacement, message = FAULTS["short tokens"]
    monkeypatch.setattr(f"service.listening.audit.{name}", replacement)
    test = lab.plan(ab | {"sounds": 1})
    lab.do(test, "seal", 202)
    before = set((lab.home / "listening").glob("*"))
    while (shown := lab.show(test))["state"] == "sealing":
        time.sleep(0.02)
    assert (shown["state"], shown["commitment"]) == ("draft", None)
    assert shown["reason"] == f"listening test: the audit found leaks: {message}"
    assert set((lab.home / "listening").glob("*")) <= before


def test_what_was_sealed_with_texts_that_would_now_be_refused_opens(lab, ab):
    test = lab.seal(ab)
    with lab.database.begin() as session:
        kept = session.get(ListeningTest, test)
        kept.spec = kept.spec | {"texts": kept.spec["texts"] | {"consent": "You will hear 64 pairs."}}
    lab.do(test, "open")
    assert lab.show(test)["state"] == "open"


def test_a_system_may_be_named_like_a_word_of_the_protocol(lab, ab):
    systems = [{"name": "slots", "nebula": "drum"}, {"name": "sessions", "nebula": "default"}]
    test = lab.seal(ab | {"sounds": 1, "systems": systems})
    lab.do(test, "open")
    copied = lab.experimenter.post(f"/v1/listening-tests/{test}/copy")
    assert copied.status_code == 201
    assert copied.json()["state"] == "draft"
    assert copied.json()["spec"] == lab.show(test)["spec"]


FAULTS = {
    "one dither": ("answering.dither_seed", lambda test, token: 1, "trial 0: two files are alike, byte by byte"),
    "short tokens": (
        "draw_questions",
        lambda test, spec, participants, draw=audits.draw_questions: shortened(draw(test, spec, participants)),
        "addresses are not all different, with 128 random bits each",
    ),
    "slots in order": (
        "arrange",
        lambda asked, counts, draw=audits.arrange: ordered(draw(asked, counts)),
        "some sounds stand in some slots more often than in others",
    ),
}


def shortened(drawn):
    for trial in drawn[1]:
        for number, sound in enumerate(trial.sounds):
            sound.token = f"{number}"
    return drawn


def ordered(drawn):
    return drawn[0], [type(trial)(trial.item, tuple(sorted(trial.slots))) for trial in drawn[1]]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_server_is_found(test_and_store, monkeypatch, fault):
    test, store, _ = test_and_store
    name, replacement, message = FAULTS[fault]
    monkeypatch.setattr(f"service.listening.audit.{name}", replacement)
    if name.startswith("answering"):
        monkeypatch.setattr("service.listening.answering.dither_seed", replacement)
    assert message in {finding.message for finding in audit(test, store)}


def test_what_leaks_is_not_opened_and_the_command_says_so(lab, ab):
    test = lab.seal(ab | {"sounds": 1})
    rewrite(newest(lab), lambda samples: samples * 0.5)
    told = ("a file is not what was committed to", "trial 0: loudness differs by 6.02 LU, expected at most 0.5")
    refused = lab.experimenter.post(f"/v1/listening-tests/{test}/open")
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == f"listening test: the audit found leaks: {'; '.join(told)}"
    assert lab.show(test)["state"] == "sealed"
    printed = {}
    for name, option in (("words", []), ("json", ["--json"])):
        command = [sys.executable, "-c", RUN, "audit-blinding", test, "--home", str(lab.home), *option]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1, done.stderr
        printed[name] = done.stdout
    checks = zip(("files", "alignment"), told, strict=True)
    assert printed["words"] == "".join(f"{check}: {message}\n" for check, message in checks) + "something leaks\n"
    assert [finding["message"] for finding in json.loads(printed["json"])["findings"]] == list(told)


# The command as its entry point makes it.
RUN = "import typer; from service.cli import join; app = typer.Typer(); join(app); app()"


def test_a_leak_of_a_listed_excerpt_is_said_by_its_name(lab):
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, (2, 22050))
    corpus = lab.upload("excerpts", {"a.wav": noise[0], "b.wav": noise[1]})
    sounds = {"one": ["a.wav"], "two": ["b.wav"]}
    spec = {"version": 1, "name": "named", "method": "preference", "seconds": 0.5, "corpus": corpus}
    items = [{"name": "castanets", "sounds": sounds}, {"name": "speech", "sounds": sounds}]
    sealed = lab.seal(spec | {"systems": [{"name": "one"}, {"name": "two"}], "items": items})
    store = StimulusStore(lab.home)
    with lab.database.read() as session:
        test = session.get(ListeningTest, sealed)
        session.expunge(test)
    name = next(name for name, each in test.key_map["stimuli"].items() if each["item"] == "speech")
    path = store.root / test.folder / name
    shorter = np.load(path)[:-100]
    with path.open("wb") as file:
        np.save(file, shorter)
    messages = {leak.message for leak in audit(test, store) if leak.check in ("alignment", "answers")}
    assert messages == {
        "item 'speech': sounds differ in length",
        "item 'speech': files differ in size",
        "item 'speech': headers tell files apart",
    }
