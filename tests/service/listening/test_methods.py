"""Every method: planned, answered by simulated listeners who prefer something, closed, unblinded and reported."""

import csv
import io
import json

import numpy as np
import pytest
import soundfile
from listening_lab import Person, systems_of

from nebula.listening import Plan
from service.listening.design import arrange, questions
from service.listening.spec import ListeningSpec

LISTENERS = 10
SYSTEMS = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]
BASE = {
    "version": 1,
    "name": "simulated",
    "seconds": 0.3,
    "systems": SYSTEMS,
    "analysis": {"resamples": 500, "seed": 1},
    "questionnaire": [{"key": "mixing", "text": "Do you mix?", "options": ["yes", "no"]}],
}

#: How the simulated listeners rate each system in the mean, and how much each rating departs from it.
MEANS = {"made by hand": 70, "untouched": 50, "uniform": 30, "reference": 97, "anchor-3500": 20, "anchor-7000": 40}
DEVIATION = 5


def take_part(lab, invite, judge, device="headphones", mixing="yes"):
    """Lets one simulated listener answer every trial by a function of its systems, and returns their key."""
    person = Person(lab, invite)
    person.arrive(device)
    key, trials = systems_of(lab, person)
    for trial, systems in trials:
        answer = person.put(f"trials/{trial}", {"edit": 1, "finished": True, "seconds": 1.5} | judge(systems))
        assert answer.status_code == 200, answer.text
    done = person.put("questionnaire", {"answers": {"mixing": mixing}, "finished": True})
    assert done.status_code == 200
    return key


def chooser(generator, odds):
    """Returns a judge who prefers the first of `odds` with a known probability."""
    (name, probability), *_ = odds.items()

    def judge(systems):
        wins = generator.random() < probability
        return {"choice": "AB"[systems.index(name) if wins else 1 - systems.index(name)]}

    return judge


def rater(generator):
    """Returns a judge whose ratings have known means."""

    def judge(systems):
        ratings = [np.clip(MEANS[system] + generator.normal(0, DEVIATION), 0, 100) for system in systems]
        return {"ratings": {"ABCDEFGHIJKL"[slot]: round(rating) for slot, rating in enumerate(ratings)}}

    return judge


def finish(lab, test):
    """Closes and unblinds a test, and returns its analysis."""
    lab.do(test, "close")
    assert lab.do(test, "unblind")["verified"]
    answer = lab.experimenter.get(f"/v1/listening-tests/{test}/analysis")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_known_preference_is_found_and_covered(lab):
    test, invite = lab.open(BASE | {"method": "preference", "sounds": 8, "playlist": 2})
    generator = np.random.default_rng(4)
    for _ in range(LISTENERS):
        take_part(lab, invite, chooser(generator, {"made by hand": 0.75}))
    answer = finish(lab, test)
    (found,) = answer["analysis"]["everyone"]["preferences"]
    assert (found["first"], found["second"]) == ("made by hand", "untouched")
    assert found["answers"]["first"] + found["answers"]["second"] == 8 * LISTENERS
    assert found["share"]["low"] <= 0.75 <= found["share"]["high"]
    assert found["share"]["low"] > 0.5
    assert "chose which of two stimuli they preferred" in answer["methods"]
    assert lab.show(test)["commitment"] in answer["methods"]
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report")
    assert page.headers["content-type"].startswith("text/html")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "The key map and salt that were shown after it are those." in page.text
    share = found["share"]
    assert f"{share['value']:.0%} ({share['low']:.0%} to {share['high']:.0%})".replace("%", " %") in page.text
    assert f"{LISTENERS}</td>" in page.text.partition("Headphones or earphones")[2][:80]


@pytest.mark.parametrize("method", ["rating", "multi-stimulus", "mushra"])
def test_known_ratings_are_found(lab, method):
    """The order of sounds is drawn anew for each test, so each run rates by other noise.

    The mean is asked to lie within five standard errors of the truth (wrong once in 1.7 million tests). How often
    intervals cover the truth is counted in tests/listening/test_ratings.py.
    """
    spec = BASE | {"method": method, "sounds": 4}
    names = {"made by hand", "untouched"}
    if method == "multi-stimulus":
        spec = spec | {"systems": [*SYSTEMS, {"name": "uniform", "nebula": "uniform"}]}
        names |= {"uniform"}
    if method == "mushra":
        anchors = {"reference": {"name": "open", "nebula": "uniform"}, "anchors_hz": [3500, 7000]}
        spec = spec | anchors
        names |= {"reference", "anchor-3500", "anchor-7000"}
    test, invite = lab.open(spec)
    generator = np.random.default_rng(2)
    for _ in range(LISTENERS):
        take_part(lab, invite, rater(generator))
    answer = finish(lab, test)
    ratings = answer["analysis"]["everyone"]["ratings"]
    assert {system["system"] for system in ratings["systems"]} == names
    found = next(
        difference
        for difference in ratings["differences"]
        if (difference["first"], difference["second"]) == ("made by hand", "untouched")
    )
    error = DEVIATION * np.sqrt(2 / (4 * LISTENERS))
    assert found["mean"]["value"] == pytest.approx(20, abs=5 * error)
    assert found["mean"]["low"] < found["mean"]["value"] < found["mean"]["high"]
    assert found["p_value"] < 0.01
    # The hidden reference and anchors are not in question.
    assert (ratings["friedman"] is not None) == (method == "multi-stimulus")
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert all(name in page for name in names)


def teller(generator, share):
    """Returns a judge who is right with a known probability, in ABX or as same or different."""

    def judge(systems):
        right = bool(generator.random() < share)
        if len(systems) == 3:
            return {"choice": "AB"[systems.index(systems[2]) if right else 1 - systems.index(systems[2])]}
        return {"choice": "different" if (len(set(systems)) == 2) == right else "same"}

    return judge


@pytest.mark.parametrize("method", ["abx", "same-different"])
def test_what_can_be_told_apart_is_found_and_covered(lab, method):
    """Wrong once in ten thousand times: of 80 answers of which each is right with a probability of 0.8."""
    test, invite = lab.open(BASE | {"method": method, "sounds": 8, "practice": 1})
    generator = np.random.default_rng(4)
    person = Person(lab, invite)
    trial = person.look()["trial"] or person.arrive()["trial"]
    assert [slot["slot"] for slot in trial["slots"]] == ["A", "B", "X"][: 2 + (method == "abx")]
    assert trial["choices"] == (["A", "B"] if method == "abx" else ["same", "different"])
    assert (trial["reference"], trial["scale"]) == (None, None)
    files = {slot["slot"]: person.client.get(slot["audio"][0]).content for slot in trial["slots"]}
    assert len(set(files.values())) == len(files)
    for _ in range(LISTENERS):
        take_part(lab, invite, teller(generator, 0.8))
    answer = finish(lab, test)
    (found,) = answer["analysis"]["everyone"]["discriminations"]
    assert (found["first"], found["second"], found["trials"]) == ("made by hand", "untouched", 8 * LISTENERS)
    assert found["right"]["value"] == pytest.approx(0.8, abs=0.18)
    assert found["p_value"] < 0.05
    rows = list(csv.DictReader(io.StringIO(lab.experimenter.get(f"/v1/listening-tests/{test}/answers.csv").text)))
    right = [row["right"] == "true" for row in rows if row["slot"] == "A" and row["finished"] == "true"]
    assert sum(right[-8 * LISTENERS :]) <= round(found["right"]["value"] * 8 * LISTENERS) + LISTENERS
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert "where chance makes half" in page
    assert f"{found['right']['value']:.0%}".replace("%", " %") in page


def test_x_and_whether_a_pair_is_one_sound_are_tossed_for_each_trial(lab):
    """64 coins at fixed odds: fewer than 14 or more than 50 heads come once in a hundred thousand times."""
    for method in ("abx", "same-different"):
        spec = ListeningSpec.model_validate(BASE | {"method": method, "sounds": 64})
        _, placements = arrange(questions(spec), [0])
        first = [placement.slots[-1] == placement.slots[0] for placement in placements]
        assert 14 <= sum(first) <= 50
        assert all(set(placement.slots) <= {"made by hand", "untouched"} for placement in placements)


def test_a_grade_by_bs1116_is_that_against_the_hidden_reference(lab):
    reference = {"name": "open", "nebula": "uniform"}
    test, invite = lab.open(BASE | {"method": "bs1116", "sounds": 4, "reference": reference})
    assert lab.show(test)["spec"]["scale"]["labels"][-1] == "imperceptible"

    def judge(systems):
        grades = {"made by hand": 4.2, "untouched": 2.5, "reference": 5.0}
        return {"ratings": {"AB"[slot]: grades[system] for slot, system in enumerate(systems)}}

    person = Person(lab, invite)
    trial = person.arrive()["trial"]
    assert (trial["reference"] is not None, trial["one_is_reference"], len(trial["slots"])) == (True, True, 2)
    for ratings, message in (
        ({"A": 4.0, "B": 3.0}, "ratings: got none of 5, expected one, for the reference"),
        ({"A": 4.05, "B": 5.0}, "ratings: expected 1 to 5 in steps of 0.1 for A, B, and no choice"),
    ):
        refused = person.answer(trial, ratings=ratings)
        assert (refused.status_code, refused.json()["error"]["message"]) == (422, message)
    for _ in range(LISTENERS):
        take_part(lab, invite, judge)
    answer = finish(lab, test)
    means = {each["system"]: each["mean"]["value"] for each in answer["analysis"]["everyone"]["ratings"]["systems"]}
    assert means == {"made by hand": pytest.approx(-0.8), "untouched": pytest.approx(-2.5)}
    assert "(ITU-R BS.1116-3)" in answer["methods"]
    assert "made by hand was graded −0.8 against the hidden reference" in (
        lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    )


def test_screening_keeps_the_experts_on_good_equipment_who_hear_reference_and_anchor(lab):
    """Who is dropped by which rule was worked out by hand: four trials, limits as in the preset of experts."""
    spec = BASE | {
        "method": "mushra",
        "sounds": 4,
        "systems": SYSTEMS[:1],
        "reference": {"name": "open", "nebula": "uniform"},
        "anchors_hz": [3500],
        "analysis": {"screening": "experts", "resamples": 100},
    }
    test, invite = lab.open(spec)

    def judge(references, anchors):
        """Rates the hidden reference and the anchor as listed, trial by trial."""
        given = iter(zip(references, anchors, strict=True))

        def rate(systems):
            reference, anchor = next(given)
            ratings = {"reference": reference, "anchor-3500": anchor, "made by hand": 60}
            return {"ratings": {"ABC"[slot]: ratings[system] for slot, system in enumerate(systems)}}

        return rate

    people = {
        "good": take_part(lab, invite, judge([100] * 4, [10] * 4)),
        # Three below 90 and two above 90 are still allowed.
        "on the edge": take_part(lab, invite, judge([89, 89, 89, 90], [91, 91, 90, 90]), device="monitors"),
        "deaf to the reference": take_part(lab, invite, judge([89] * 4, [10] * 4)),
        "deaf to the anchor": take_part(lab, invite, judge([100] * 4, [91, 91, 91, 0])),
        "on a telephone": take_part(lab, invite, judge([100] * 4, [10] * 4), device="speakers"),
        "no expert": take_part(lab, invite, judge([100] * 4, [10] * 4), mixing="no"),
    }
    analysis = finish(lab, test)["analysis"]
    assert set(analysis["screening"]["kept"]) == {people["good"], people["on the edge"]}
    dropped = {verdict["rule"]: verdict["dropped"] for verdict in analysis["screening"]["verdicts"]}
    assert dropped == {
        "expertise": [people["no expert"]],
        "equipment": [people["on a telephone"]],
        "hidden reference": [people["deaf to the reference"]],
        "anchor": [people["deaf to the anchor"]],
    }
    assert (analysis["screened"]["trials"], analysis["everyone"]["trials"]) == (8, 24)
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert '<th scope="row">all of them</th><td class="number">2</td><td class="number">4</td>' in page


def test_both_exports_hold_every_answer_under_one_key(lab):
    test, invite = lab.open(BASE | {"method": "preference", "sounds": 3, "tie": True, "tags": ["=loud"]})
    choices = iter(["A", "tie", "B"])
    key = take_part(lab, invite, lambda systems: {"choice": next(choices), "tags": ["=loud"], "plays": {"B": 2}})
    address = f"/v1/listening-tests/{test}"
    for path in ("answers", "answers.csv", "analysis", "report", "key"):
        assert lab.experimenter.get(f"{address}/{path}").status_code == 409
    finish(lab, test)
    rows = list(csv.DictReader(io.StringIO(lab.experimenter.get(f"{address}/answers.csv").text)))
    assert [row["choice"] for row in rows if row["slot"] == "A"] == ["chosen", "tied", "passed"]
    assert {row["participant"] for row in rows} == {key}
    assert {(row["tags"], row["answer_device"], row["answer_mixing"]) for row in rows} == {
        ("'=loud", "headphones", "yes")
    }
    assert [row["plays"] for row in rows] == ["0", "2"] * 3
    everything = lab.experimenter.get(f"{address}/answers").json()
    (person,) = everything["participants"]
    assert (person["participant"], person["stage"]) == (key, "thanks")
    seeds = {slot["sources"][0]["seed"] for trial in person["trials"] for slot in trial["slots"]}
    stimuli = lab.experimenter.get(f"{address}/key").json()["key_map"]["stimuli"].values()
    assert seeds == {stimulus["source"]["seed"] for stimulus in stimuli}
    assert all(f"seed={seed}" in str(rows) for seed in seeds)
    assert Plan.from_json(lab.show(test)["plan"]).resampling.resamples == 500


CONFIGURATION = """
testname: A small test
testId: small
pages:
  - type: generic
    id: first
    content: Welcome
  - - random
    - type: mushra
      id: trial1
      content: How close?
      reference: configs/resources/audio/reference.wav
      createAnchor35: true
      createAnchor70: false
      stimuli:
        C1: configs/resources/audio/one.wav
        C2: configs/resources/audio/other.wav
  - type: paired_comparison
    id: pair1
    unforced: No preference
    stimuli:
      C1: configs/resources/audio/one.wav
      C2: configs/resources/audio/other.wav
  - type: finish
    questionnaire:
      - {type: likert, name: gender, label: Gender, response: [{value: f, label: Female}, {value: m, label: Male}]}
      - {type: text, name: age, label: Age, optional: true}
"""


def test_a_configuration_of_webmushra_becomes_two_tests_that_can_be_heard(lab, tmp_path):
    time = np.arange(13230) / 44100
    files = []
    for name, pitch in (("reference", 440), ("one", 450), ("other", 9000)):
        content = io.BytesIO()
        soundfile.write(content, 0.3 * np.sin(2 * np.pi * pitch * time), 44100, format="WAV")
        files.append(("files", (f"audio/{name}.wav", content.getvalue(), "audio/wav")))
    posted = lab.experimenter.post("/v1/corpora", data={"name": "excerpts"}, files=files)
    assert posted.status_code == 201, posted.text
    corpus = posted.json()["id"]
    while lab.experimenter.get(f"/v1/corpora/{corpus}").json()["state"] == "reading":
        pass
    body = {"configuration": CONFIGURATION, "corpus": corpus}
    read = lab.experimenter.post("/v1/listening-tests/webmushra", json=body)
    assert read.status_code == 200, read.text
    mushra, pairs = read.json()["items"]
    assert {
        "kind": "changed",
        "text": "The pages ask 2 kinds of questions: each becomes a test with a link of its own.",
        "pages": [],
    } in read.json()["notes"]
    assert (mushra["method"], mushra["anchors_hz"], mushra["texts"]["title"]) == ("mushra", [3500], "A small test")
    assert (pairs["method"], pairs["tie"]) == ("preference", True)
    assert [field["key"] for field in pairs["questionnaire"]] == ["q_gender", "q_age"]
    for spec, slots in ((mushra, 4), (pairs, 2)):
        _, invite = lab.open(spec)
        person = Person(lab, invite)
        trial = person.arrive()["trial"]
        assert len(trial["slots"]) == slots
        assert (trial["reference"] is not None) == (spec is mushra)
        assert person.client.get(trial["slots"][0]["audio"][0]).status_code == 200


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ("a: [", "not YAML"),
        ("pages: 3", "got none, expected a mapping with a list under the key 'pages'"),
        (
            "pages: []",
            "configuration: got no page, expected pages of type mushra, paired_comparison, bs1116, "
            "likert_single_stimulus, likert_multi_stimulus that can be read",
        ),
        (
            "pages: [{type: distance, id: x}, {type: generic}, [random, {type: distance, id: y}]]",
            "got 2 of type 'distance', 1 of type 'generic', expected pages of type mushra, paired_",
        ),
        ("pages: [{type: mushra, id: x}]", "that can be read; A page without stimuli."),
        ("pages: " + "[" * 60 + "]" * 60, "nested more than 50 deep"),
        (json.dumps({"pages": [{"type": "paired_comparison", "stimuli": {"C1": "a.wav"}}]}), "that can be read"),
    ],
)
def test_what_is_no_configuration_is_refused_in_one_line(lab, configuration, message):
    body = {"configuration": configuration, "corpus": "0" * 16}
    answer = lab.experimenter.post("/v1/listening-tests/webmushra", json=body)
    assert answer.status_code == 422
    assert message in answer.json()["error"]["message"]
