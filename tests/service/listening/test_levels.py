"""Levels that are left as they are, sounds that are cut, and that both are said before anything is sealed."""

import io
import json
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from listening_lab import Person, systems_of

from service.listening.tables import ListeningTest

RATE = 44100
KEPT = "Levels are left as they are in each sound: loudness may tell sounds apart."

# The command as its entry point makes it.
RUN = "import typer; from service.cli import join; app = typer.Typer(); join(app); app()"


def noise(seconds=1.0, level=0.2, seed=0):
    return level * np.random.default_rng(seed).uniform(-1, 1, round(seconds * RATE))


def plan(corpus, names, **changes):
    """A test of ratings side by side, whose one item lists a sound by each system's name."""
    return {
        "version": 1,
        "name": "levels",
        "method": "multi-stimulus",
        "seconds": 1.0,
        "levels": "as-is",
        "systems": [{"name": name} for name in names],
        "corpus": corpus,
        "items": [{"name": "excerpt", "sounds": {name: [f"{name}.wav"] for name in names}}],
        **changes,
    }


def heard(lab, invite):
    """Returns what the first trial of a new participant plays, by system."""
    person = Person(lab, invite)
    trial = person.arrive()["trial"]
    (systems,) = [systems for asked, systems in systems_of(lab, person)[1] if asked == trial["id"]]
    return {
        system: soundfile.read(io.BytesIO(person.client.get(slot["audio"][0]).content))[0]
        for slot, system in zip(trial["slots"], systems, strict=True)
    }


def rms(samples):
    return float(np.sqrt(np.square(samples[500:40000]).mean()))


@pytest.mark.parametrize(("loudest", "lowered_db"), [(0.5, 0.0), (1.0, 1.0)])
def test_levels_stay_as_they_are_and_everything_says_so(lab, loudest, lowered_db):
    corpus = lab.upload("levels", {"loud.wav": noise(level=loudest), "quiet.wav": noise(level=0.01 * loudest)})
    test = lab.plan(plan(corpus, ("loud", "quiet")))
    assert lab.show(test)["remarks"] == [KEPT]
    lab.seal_draft(test)
    shown = lab.show(test)
    assert shown["loudness_lufs"] is None
    assert shown["remarks"][0] == "All stimuli were mono."
    report = lab.experimenter.get(f"/v1/listening-tests/{test}/audit").json()
    assert (report["passed"], report["remarks"]) == (True, [KEPT])
    found = heard(lab, lab.do(test, "open")["invite"].removeprefix("/listen/"))
    assert rms(found["loud"]) / rms(found["quiet"]) == pytest.approx(100, rel=0.01)
    assert rms(found["loud"]) == pytest.approx(loudest / np.sqrt(3) * 10 ** (-lowered_db / 20), rel=0.01)
    lab.do(test, "close")
    lab.do(test, "unblind")
    methods = lab.experimenter.get(f"/v1/listening-tests/{test}/analysis").json()["methods"]
    assert "Levels were left as they are in each sound" in methods
    assert ("turned down by one gain of 1.0 dB" in methods) == (lowered_db > 0)
    assert "LUFS" not in methods
    assert "0 drawn sounds that were silent or could not be brought to one onset were replaced" in methods
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert '<dd id="loudness">left as it is in each</dd>' in page


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ([], f"remark: {KEPT}\nnothing leaks ("),
        (["--json"], json.dumps({"passed": True, "findings": [], "remarks": [KEPT]}, indent=2)),
    ],
)
def test_the_command_says_that_levels_are_left_alone(lab, ab, option, expected):
    test = lab.seal(ab | {"sounds": 1, "levels": "as-is"})
    command = [sys.executable, "-c", RUN, "audit-blinding", test, "--home", str(lab.home), *option]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith(expected)


def test_clicks_need_not_be_as_loud_as_others_and_keep_their_level(lab):
    click = np.zeros(RATE)
    click[100:102] = 0.5, -0.5
    corpus = lab.upload("clicks", {"click.wav": click, "tone.wav": noise(level=0.01)})
    names = ("click", "tone")
    refused = lab.plan(plan(corpus, names, levels="aligned"))
    lab.do(refused, "seal", 202)
    while (shown := lab.show(refused))["state"] == "sealing":
        time.sleep(0.02)
    assert (
        "above the loudness of its sound, expected at most 28: as loud as the others it would clip" in shown["reason"]
    )
    found = heard(lab, lab.open(plan(corpus, names))[1])
    assert np.abs(found["click"]).max() == pytest.approx(0.5, abs=0.01)


def test_what_will_be_cut_is_said_before_it_is(lab):
    lengths = {"a": 3.0, "b": 1.5, "c": 1.0, "d": 0.9, "e": 1.2, "f": 1.1}
    corpus = lab.upload("long", {f"{name}.wav": noise(seconds) for name, seconds in lengths.items()})
    test = lab.plan(plan(corpus, tuple("abcd"), levels="aligned"))
    cut = "2 of the listed recordings are longer than 1 s and will be cut there: a.wav, b.wav."
    assert lab.show(test)["remarks"] == [cut]
    more = lab.plan(plan(corpus, tuple("abcdef"), levels="aligned"))
    assert lab.show(more)["remarks"] == [
        "4 of the listed recordings are longer than 1 s and will be cut there: a.wav, b.wav, e.wav and 1 more."
    ]
    whole = lab.plan(plan(corpus, tuple("abcdef"), levels="aligned", seconds=3.0))
    assert lab.show(whole)["remarks"] == []
    drawn = plan(corpus, (), levels="aligned", items=[], sounds=1, systems=[{"name": "made", "nebula": "drum"}])
    drawn["systems"].append({"name": "recorded", "corpus": corpus})
    assert lab.show(lab.plan(drawn | {"corpus": None}))["remarks"] == [
        "4 of the 6 recordings of corpus long, of which some are drawn, are longer than 1 s and will be cut there."
    ]
    lab.seal_draft(test)
    assert lab.show(test)["remarks"] == [
        "All stimuli were mono.",
        "2 recordings that are longer than 1 s were cut there.",
    ]


@pytest.mark.parametrize(
    ("change", "remarks"),
    [
        ({"method": "bs1116", "seconds": 25}, []),
        ({"method": "bs1116", "seconds": 30}, ["Sounds of up to 30 s: ITU-R BS.1116-3 advises 10 to 25 s."]),
        ({"method": "mushra", "seconds": 12}, []),
        (
            {"method": "mushra", "seconds": 30, "strict": False},
            ["Sounds of up to 30 s: ITU-R BS.1534-3 allows 12 s in MUSHRA."],
        ),
    ],
)
def test_where_a_standard_does_not_allow_a_length_it_is_said(lab, ab, change, remarks):
    test = lab.plan(ab | {"tie": False, "reference": {"name": "open", "nebula": "uniform"}} | change)
    assert lab.show(test)["remarks"] == remarks


@pytest.mark.parametrize(
    ("seconds", "remarks"),
    [(2.0, []), (13.5, ["Sounds of up to 13.5 s: ITU-R BS.1534-3 allows 12 s in MUSHRA."])],
)
def test_a_length_is_that_of_the_recordings_and_not_what_a_plan_allows(lab, seconds, remarks):
    corpus = lab.upload("whole", {"reference.wav": noise(seconds), "a.wav": noise(seconds, seed=1)})
    sounds = {"reference": ["reference.wav"], "a": ["a.wav"]}
    listed = {"items": [{"name": "excerpt", "sounds": sounds}], "reference": {"name": "open"}}
    test = lab.plan(plan(corpus, ("a",), method="mushra", seconds=30.0, strict=False, levels="aligned", **listed))
    assert lab.show(test)["remarks"] == remarks
    lab.seal_draft(test)
    assert lab.show(test)["remarks"] == [*remarks, "All stimuli were mono."]


def test_a_test_that_an_earlier_version_sealed_is_still_read(lab, ab):
    test = lab.seal(ab | {"sounds": 1})
    with lab.database.begin() as session:
        kept = session.get(ListeningTest, test)
        kept.spec = {name: value for name, value in kept.spec.items() if name != "levels"}
    shown = lab.show(test)
    assert shown["spec"]["levels"] == "aligned"
    assert lab.experimenter.get(f"/v1/listening-tests/{test}/audit").json()["passed"] is True
