"""Attention checks: hidden among the trials, in no figure, and what becomes of those who fail them."""

import csv
import io
import random
from collections import Counter

import numpy as np
import pytest
import scipy
from listening_lab import Person, systems_of

from service.errors import Unprocessable
from service.listening.audit import audit
from service.listening.design import arrange, questions
from service.listening.previews import shortened
from service.listening.remarks import remarks
from service.listening.spec import ListeningSpec
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest
from service.listening.trying import try_plan

SYSTEMS = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]
PAIRS = {
    "version": 1,
    "name": "checked",
    "method": "preference",
    "tie": True,
    "sounds": 4,
    "checks": 2,
    "seconds": 0.3,
    "systems": SYSTEMS,
    "analysis": {"screening": "attention", "resamples": 50},
}


def excerpts(corpus, **values):
    """A test of ABX about two excerpts, and one whose sounds are plainly different."""
    sounds = {"reference": ["one.wav"], "coded": ["other.wav"]}
    listed = [{"name": name, "sounds": sounds} for name in ("castanets", "speech")]
    plain = {"name": "plain", "check": True, "sounds": {"reference": ["one.wav"], "coded": ["noise.wav"]}}
    form = {"version": 1, "name": "excerpts", "method": "abx", "corpus": corpus, "seconds": 0.3, "practice": 0}
    systems = {"systems": [{"name": "coded"}], "reference": {"name": "original"}}
    return form | systems | {"items": [*listed, plain], "analysis": {"resamples": 50}} | values


def answer_all(lab, invite, judge):
    """Lets somebody answer every trial by a function of its systems; returns their key and what each trial played."""
    person = Person(lab, invite)
    person.arrive()
    key, trials = systems_of(lab, person)
    for trial, systems in trials:
        answer = person.put(f"trials/{trial}", {"edit": 1, "finished": True, "choice": judge(systems)})
        assert answer.status_code == 200, answer.text
    return key, [systems for _, systems in trials]


def finish(lab, test):
    lab.do(test, "close")
    assert lab.do(test, "unblind")["verified"]
    return lab.experimenter.get(f"/v1/listening-tests/{test}/analysis").json()


def table(lab, test):
    return list(csv.DictReader(io.StringIO(lab.experimenter.get(f"/v1/listening-tests/{test}/answers.csv").text)))


def test_who_prefers_a_sound_to_itself_more_than_once_does_not_count(lab):
    test, invite = lab.open(PAIRS)

    def attentive(slips):
        """Returns a judge who prefers what is made by hand, and says of the first checks what is listed."""
        said = iter(slips)
        return lambda systems: next(said, "tie") if len(set(systems)) == 1 else "AB"[systems.index("made by hand")]

    kept = [answer_all(lab, invite, attentive(slips)) for slips in ([], ["A"])]
    asleep, _ = answer_all(lab, invite, lambda systems: "B")
    for _, played in kept:
        assert sorted(len(set(systems)) for systems in played) == [1, 1, 2, 2, 2, 2]
        assert len({systems[0] for systems in played if len(set(systems)) == 1}) == 2
    found = finish(lab, test)
    analysis = found["analysis"]
    assert analysis["screening"]["dropped"] == [asleep]
    assert analysis["checks"] == {"answered": 6, "failed": 3, "participants": 2}
    assert (analysis["everyone"]["trials"], analysis["screened"]["trials"]) == (12, 8)
    assert analysis["screened"]["preferences"][0]["share"]["value"] == 1
    assert (
        "Among the trials of each participant 2 attention checks (one stimulus twice, where neither is preferred) were "
        "hidden, which no figure counts: of 6 answers to them 3 were wrong, by 2 participants." in found["methods"]
    )
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert "Of 6 answers to attention checks 3 were wrong, by 2 of 3 participants." in page
    assert '<th scope="row">attention checks</th><td class="number">2</td><td class="number">1</td>' in page
    rows = table(lab, test)
    assert [row["right"] for row in rows if row["participant"] == asleep and row["check"] == "true"] == ["false"] * 4
    assert {row["right"] for row in rows if row["check"] == "false"} == {""}
    key = lab.experimenter.get(f"/v1/listening-tests/{test}/key").json()["key_map"]
    checks = {stimulus["question"] for stimulus in key["stimuli"].values() if stimulus["item"].startswith("check")}
    assert set(key["checks"]) == checks
    assert len(checks) == 2


def test_a_participant_is_told_of_a_check_what_is_told_of_any_trial(lab):
    """Every answer of the server: keys, slots, sizes of sounds within a trial, heads, and what saving returns."""
    _, invite = lab.open(PAIRS | {"checks": 4})
    person = Person(lab, invite)
    page = person.arrive()
    assert page["progress"] == {"done": 0, "total": 8}
    assert "8 pairs" in page["texts"]["consent"]
    assert page["texts"]["instructions"].endswith(
        "Now and then both are the same: then say that you have no preference."
    )
    _, trials = systems_of(lab, person)
    told = {True: set(), False: set()}
    for _, systems in trials:
        trial = person.look()["trial"]
        shape = {key: value for key, value in trial.items() if key not in ("id", "slots")}
        sounds = [person.client.get(slot["audio"][0]) for slot in trial["slots"]]
        assert len({len(sound.content) for sound in sounds}) == 1
        assert sounds[0].content != sounds[1].content
        heads = {key for sound in sounds for key in sound.headers}
        saved = person.answer(trial, choice="tie")
        told[len(set(systems)) == 1].add(f"{shape} {[slot['slot'] for slot in trial['slots']]} {heads} {saved.text}")
    assert told[True] == told[False]
    assert len(told[True]) == 1


def test_a_check_comes_at_any_place_among_the_trials():
    """By chi-square over 2,000 simulated participants at a fixed seed; wrong once in a thousand seeds."""
    spec = ListeningSpec.model_validate(PAIRS)
    asked, generator = questions(spec), random.Random(1)
    checks = {question.key for question in asked if question.check}
    places, systems = Counter(), Counter()
    for _ in range(2000):
        _, placements = arrange(asked, [0], generator)
        for place, placement in enumerate(placements):
            if placement.item in checks:
                places[place] += 1
                systems[placement.slots] += 1
    assert scipy.stats.chisquare([places[place] for place in range(6)]).pvalue > 0.001
    assert systems == {(name, name): 2000 for name in ("made by hand", "untouched")}


def test_listed_excerpts_and_groups_have_checks_of_their_own_sounds():
    sounds = {"one": ["a.wav"], "two": ["b.wav"]}
    items = [{"name": name, "sounds": sounds, "group": group, "text": name} for group in (0, 1) for name in "abc"]
    order = {"systems": [{"name": "one"}, {"name": "two"}], "corpus": "0" * 16, "items": items}
    spec = ListeningSpec.model_validate(PAIRS | order)
    asked = questions(spec)
    checks = [question for question in asked if question.check]
    assert [(check.group, check.item, check.systems, check.text) for check in checks] == [
        (0, "a", ("one",), "a"),
        (0, "b", ("two",), "b"),
        (1, "a", ("one",), "a"),
        (1, "b", ("two",), "b"),
    ]
    assert spec.checks_asked == 2
    assert not any(question.check for question in questions(shortened(spec)))


def test_an_excerpt_that_is_plainly_different_is_told_apart_by_whoever_listens(lab):
    time = np.arange(8820) / 44100
    tone = 0.3 * np.sin(2 * np.pi * 440 * time)
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(time))
    sounds = {"one.wav": tone, "other.wav": tone + 1e-3 * noise, "noise.wav": noise}
    corpus = lab.upload("codec", sounds)
    rule = {"kind": "attention", "name": "plain ones", "at_most_count": 0}
    test, invite = lab.open(excerpts(corpus, analysis={"screening": [rule], "resamples": 50}))
    assert lab.show(test)["plan"]["checks"] == 1
    assert lab.show(test)["remarks"][0] == (
        "1 attention check is among each participant's trials: who chooses at random fails no more than 0 of them, and "
        "counts, with a chance of at most 50 %."
    )

    def right(systems):
        return "AB"[systems.index(systems[2])]

    kept, _ = answer_all(lab, invite, right)
    dropped, _ = answer_all(lab, invite, lambda systems: "AB"[1 - systems.index(systems[2])])
    found = finish(lab, test)
    analysis = found["analysis"]
    assert (analysis["screening"]["kept"], analysis["screening"]["dropped"]) == ([kept], [dropped])
    assert analysis["everyone"]["discriminations"][0]["trials"] == 4
    assert analysis["screened"]["discriminations"][0]["right"]["value"] == 1
    assert "1 attention check (plainly different stimuli) was hidden" in found["methods"]
    assert {row["item"] for row in table(lab, test) if row["check"] == "true"} == {"plain"}


def test_the_chance_to_pass_without_listening_is_said(lab, ab):
    """Of four pairs with three answers each, at most one wrong: 8/81 + 1/81 = 11.1 %."""
    spec = ListeningSpec.model_validate(PAIRS | {"checks": 4})
    unruled = ListeningSpec.model_validate(ab | {"checks": 1})
    with lab.database.read() as session:
        assert remarks(session, ListeningTest(), spec) == [
            "4 attention checks are among each participant's trials: who chooses at random fails no more than 1 of "
            "them, and counts, with a chance of at most 11.2 %."
        ]
        assert remarks(session, ListeningTest(), unruled) == [
            "1 attention check is among each participant's trials, and no rule says what becomes of those who fail "
            "them."
        ]


def test_checks_other_than_those_committed_to_are_found(lab):
    test = lab.seal(PAIRS)
    with lab.database.read() as session:
        found = session.get(ListeningTest, test)
        session.expunge(found)
    store = StimulusStore(lab.home)
    assert audit(found, store) == []
    found.key_map = found.key_map | {"checks": []}
    assert [leak.message for leak in audit(found, store)] == [
        "the key map is not the one that was committed to",
        "the attention checks are not those that were committed to",
    ]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (PAIRS | {"tie": False}, "checks: got 2, expected 0 but for preference with tie = true"),
        (
            PAIRS | {"method": "abx"},
            "checks: got 2, expected 0 but for preference with tie = true; items can be marked with check = true",
        ),
        (PAIRS | {"method": "rating", "tie": False}, "checks: got 2, expected 0 but for preference with tie = true"),
        (
            excerpts("0" * 16, method="bs1116"),
            "item 'plain': got check = true, expected false for bs1116",
        ),
        (
            excerpts("0" * 16) | {"items": excerpts("0" * 16)["items"][2:]},
            "items: got a group of checks alone, expected other items, too",
        ),
        (
            excerpts("0" * 16) | {"items": [{**item, "group": n % 2} for n, item in enumerate(excerpts("")["items"])]},
            "items: got [0, 1] checks by group, expected as many in each",
        ),
        (
            excerpts("0" * 16) | {"items": [{**item, "practice": True} for item in excerpts("")["items"]]},
            "items: got a check for practice, expected checks that are hidden among the trials",
        ),
    ],
)
def test_a_check_whose_right_answer_is_not_certain_is_refused(form, message):
    with pytest.raises(ValueError, match="Value error") as caught:
        ListeningSpec.model_validate(form)
    assert f"Value error, {message} [" in str(caught.value)


def test_a_rule_that_nobody_can_fail_is_refused():
    spec = ListeningSpec.model_validate(PAIRS | {"checks": 1})
    with pytest.raises(Unprocessable) as caught:
        try_plan(spec)
    assert str(caught.value) == (
        "analysis.screening: got 'attention checks', which allows 1 failed attention checks of 1, expected fewer than "
        "there are"
    )
