"""Specs that ship, and what is refused."""

import io
from collections import Counter

import pytest
import soundfile
from listening_lab import Person
from pydantic import ValidationError

from nebula import Nebula
from nebula.listening import bs1534_rules
from nebula.listening.screening import LOW_ANCHOR, MID_ANCHOR
from service.listening.design import arrange, design, questions
from service.listening.spec import ListeningSpec, canaries
from service.listening.stimuli import count


def test_64_pairs_of_sounds_of_two_nebulae():
    spec = ListeningSpec.load("ab-64")
    assert {system.nebula for system in spec.systems} <= set(Nebula.shipped())
    asked = [question for question in questions(spec) if not question.practice]
    assert len(asked) == 64
    assert count(spec) == 2 * (64 + spec.practice)


def test_24_excerpts_in_two_groups_of_12_a_long_one_beside_its_short_version():
    spec = ListeningSpec.load("mushra-24")
    asked = questions(spec)
    assert [sum(map(len, blocks)) for blocks in design(asked).groups] == [12, 12]
    items = {question.key: question.item for question in asked}
    assert Counter(arrange(asked, counts)[0] for counts in ([0, 1], [1, 0]) for _ in range(5)) == {0: 5, 1: 5}
    for _ in range(20):
        _, trials = arrange(asked, [0, 0])
        heard = [items[trial.item] for trial in trials]
        assert heard[0] == "practice"
        names = [item.rpartition(", ") for item in heard[1:]]
        for long, short in zip(names[::2], names[1::2], strict=True):
            assert long[0] == short[0]
            assert {long[2], short[2]} == {"4 beats", "1 beat"}
    assert [rule.name for rule in spec.plan.screening] == ["expertise", "equipment", "hidden reference", "anchor"]
    assert {"SPTMod24", "rough", "target", "drums/low-attack/1-beat/reference.wav"} <= canaries(spec)


def test_a_mushra_test_of_nebulae_that_ship_runs_as_it_is(lab):
    spec = ListeningSpec.load("mushra-nebulae")
    sources = (*spec.systems, spec.reference)
    assert {system.nebula for system in sources} <= set(Nebula.shipped())
    assert set(spec.anchors) == {MID_ANCHOR, LOW_ANCHOR}
    assert spec.plan.screening == bs1534_rules()
    # Two sets in place of ten and one, to be quick; everything else as it ships.
    _, invite = lab.open(spec.model_dump(mode="json") | {"sounds": 2})
    person = Person(lab, invite)
    trial = person.arrive()["trial"]
    assert (trial["method"], len(trial["slots"]), len(trial["reference"])) == ("mushra", 5, 1)
    content = person.client.get(trial["reference"][0]).content
    assert soundfile.info(io.BytesIO(content)).duration <= 2.0


@pytest.mark.parametrize("name", ListeningSpec.shipped())
def test_a_spec_survives_json(name):
    spec = ListeningSpec.load(name)
    assert ListeningSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "Input should be 1"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
        ({"systems": [{"name": "one", "nebula": "drum"}]}, "systems: got 1, expected at least 2 for preference"),
        ({"systems": [{"name": "one", "nebula": "drum"}] * 2}, "systems: got 'one' more than once"),
        (
            {"systems": [{"name": "one", "nebula": "a", "corpus": "b"}]},
            "got nebula and corpus, expected at most",
        ),
        ({"systems": [{"name": "one"}, {"name": "two"}]}, "'one' has neither nebula nor corpus"),
        ({"anchors_hz": [3500]}, "got some, expected none for preference"),
        ({"method": "mushra"}, "reference: got none"),
        (
            {"method": "mushra", "reference": {"name": "r", "nebula": "drum"}, "seconds": 12.5},
            "seconds: got 12.5, expected at most 12 for mushra",
        ),
        (
            {
                "method": "mushra",
                "reference": {"name": "r", "nebula": "drum"},
                "systems": [{"name": f"s{n}", "nebula": "drum"} for n in range(10)],
                "anchors_hz": [3500, 7000],
            },
            "got 13 with reference and anchors, expected at most 12",
        ),
        ({"scale": {"minimum": 5, "maximum": 5}}, "expected a minimum below the maximum"),
        (
            {"questionnaire": [{"key": "a", "text": "?", "kind": "choice"}]},
            "got 0 options, expected some, or none for text",
        ),
        ({"items": [{"name": "x", "group": 1}]}, r"got groups \[1\] that count, expected 0, 1, 2"),
        ({"completion_url": "javascript:alert(1)"}, "should match pattern"),
        ({"texts": {"title": "\0"}}, "expected text without null characters"),
    ],
)
def test_what_is_no_spec_is_refused(ab, change, message):
    with pytest.raises(ValidationError, match="(?s)" + message.replace("(", r"\(")):
        ListeningSpec.model_validate(ab | change)


def test_three_nebulae_are_compared_pair_by_pair_and_single_ratings_take_turns(ab):
    three = [{"name": name, "nebula": name} for name in ("drum", "default", "uniform")]
    pairs = questions(ListeningSpec.model_validate(ab | {"systems": three, "sounds": 6}))
    assert Counter(question.systems for question in pairs) == {
        ("drum", "default"): 2,
        ("drum", "uniform"): 2,
        ("default", "uniform"): 2,
    }
    single = questions(ListeningSpec.model_validate(ab | {"systems": three, "sounds": 6, "method": "rating"}))
    assert Counter(question.systems for question in single) == {(name,): 6 for name in ("drum", "default", "uniform")}
