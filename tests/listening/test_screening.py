"""Screening: hand-computed participants, limits to the last rating, and rules that survive JSON."""

import json

import pytest

from nebula.errors import ArgumentError
from nebula.listening import (
    SCREENING_PRESETS,
    Answer,
    Answers,
    AttentionRule,
    Method,
    Participant,
    Plan,
    QuestionnaireRule,
    RatingRule,
)
from nebula.listening.screening import LOW_ANCHOR, MID_ANCHOR, REFERENCE, screen

EXPERT = {"compressor": "yes", "mixing": "no", "device": "headphones"}

#: Who answered what, with how many of 12 hidden references below 90 and how many low and mid anchors above 90.
PEOPLE = {
    "all well": (EXPERT, 0, 0, 0),
    "three references": (EXPERT, 3, 0, 0),
    "four references": (EXPERT, 4, 0, 0),
    "two anchors": (EXPERT, 0, 2, 0),
    "three anchors": (EXPERT, 0, 3, 0),
    "one of each": (EXPERT, 1, 1, 1),
    "two mid anchors": (EXPERT, 0, 0, 2),
    "mixes": ({"compressor": "no", "mixing": "yes", "device": "monitors"}, 0, 0, 0),
    "no expert": ({"compressor": "no", "mixing": "no", "device": "headphones"}, 0, 0, 0),
    "on a telephone": (EXPERT | {"device": "telephone"}, 0, 0, 0),
    "several devices": (EXPERT | {"device": ("laptop", "headphones")}, 0, 0, 0),
    "left without the questionnaire": ({}, 0, 0, 0),
}


def answers():
    rows = []
    for key, (_, references, low, mid) in PEOPLE.items():
        for item in range(12):
            values = {
                # Exactly 90 is neither below nor above.
                REFERENCE: 89.0 if item < references else 90.0,
                LOW_ANCHOR: 91.0 if item < low else 90.0,
                MID_ANCHOR: 91.0 if item < mid else 90.0,
            }
            rows += [
                Answer(participant=key, trial=str(item), item=str(item), system=name, position=place, rating=value)
                for place, (name, value) in enumerate(values.items())
            ]
    people = tuple(Participant(key=key, questionnaire=asked) for key, (asked, *_) in PEOPLE.items())
    return Answers(people, tuple(rows))


def test_experts_by_hand():
    found = screen(answers(), SCREENING_PRESETS["experts"])
    assert {verdict.rule: verdict.dropped for verdict in found.verdicts} == {
        "expertise": ("no expert", "left without the questionnaire"),
        "equipment": ("on a telephone", "left without the questionnaire"),
        "hidden reference": ("four references",),
        "anchor": ("three anchors",),
    }
    assert found.kept == (
        "all well",
        "three references",
        "two anchors",
        "one of each",
        "two mid anchors",
        "mixes",
        "several devices",
    )
    assert set(found.kept) | set(found.dropped) == PEOPLE.keys()


def test_fifteen_percent_by_hand():
    # 15 % of 12 ratings are 1.8: one is allowed, two are not.
    found = screen(answers(), SCREENING_PRESETS["bs1534-3"])
    assert found.dropped == ("three references", "four references", "two mid anchors")


def test_exactly_fifteen_percent_are_allowed():
    (rule, _) = SCREENING_PRESETS["bs1534-3"]
    person = Participant(key="p")
    for low, kept in ((3, True), (4, False)):
        rows = tuple(
            Answer(
                participant="p",
                trial=str(n),
                item=str(n),
                system=REFERENCE,
                position=0,
                rating=0.0 if n < low else 95.0,
            )
            for n in range(20)
        )
        assert rule.keeps(person, Answers((person,), rows)) is kept


def test_no_rules_keep_everyone_and_no_ratings_drop_nobody():
    assert screen(answers(), ()).kept == tuple(PEOPLE)
    person = Participant(key="p")
    assert screen(Answers((person,), ()), SCREENING_PRESETS["bs1534-3"]).kept == ("p",)


@pytest.mark.parametrize("name", SCREENING_PRESETS)
def test_rules_survive_json(name):
    plan = Plan(method=Method.MUSHRA, screening=SCREENING_PRESETS[name])
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"method": "taste"},
            "plan: method: Input should be 'preference', 'rating', 'multi-stimulus', 'ranking', 'mushra', 'abx', "
            "'same-different' or 'bs1116'",
        ),
        ({"colour": 1}, "plan: colour: Unexpected keyword argument"),
        (
            {"screening": [{"kind": "mood"}]},
            "plan: screening.0: Input tag 'mood' found using 'kind' does not match any of the expected tags: "
            "'questionnaire', 'rating', 'attention'",
        ),
        (
            {"screening": [{"kind": "rating", "name": "r", "systems": ["a"], "side": "below", "limit": 90}]},
            "plan: screening.0.rating: Value error, rule 'r': expected either at_most_count or at_most_share",
        ),
        ({"significance": 2}, "plan: Value error, significance: got 2.0, expected above 0 and below 1"),
    ],
)
def test_plans_that_cannot_be_are_refused(change, message):
    with pytest.raises(ArgumentError) as raised:
        Plan.from_json(Plan(method=Method.MUSHRA).to_json() | change)
    assert str(raised.value) == message


def test_rules_have_names_of_their_own():
    rule = QuestionnaireRule(name="x", questions=("a",), accepted=("yes",))
    with pytest.raises(ArgumentError, match=r"^rules: 'x' is the name of more than one$"):
        screen(answers(), (rule, rule))


def test_shares_lie_between_none_and_all():
    with pytest.raises(ArgumentError, match=r"^rule 'x': expected at_most_count of 0 or more or at_most_share"):
        RatingRule(name="x", systems=("a",), side="above", limit=90, at_most_share=1.5)


@pytest.mark.parametrize(
    ("checks", "kept"),
    [((), True), ((True, True), True), ((True, False), True), ((False, False), False), ((False, True, False), False)],
)
def test_a_check_more_than_allowed_drops_and_one_that_was_not_answered_does_not(checks, kept):
    found = screen(Answers((Participant(key="p", checks=checks),), ()), SCREENING_PRESETS["attention"])
    assert found.kept == (("p",) if kept else ())
    assert [verdict.rule for verdict in found.verdicts] == ["attention checks"]


def test_a_rule_about_checks_survives_json_and_has_a_count():
    plan = Plan(method=Method.ABX, screening=(AttentionRule(name="plain", at_most_count=2),), checks=5)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    with pytest.raises(ArgumentError, match=r"^rule 'plain': got at_most_count -1, expected 0 or more$"):
        AttentionRule(name="plain", at_most_count=-1)
    with pytest.raises(ArgumentError, match=r"^checks: got -1, expected 0 or more$"):
        Plan(method=Method.ABX, checks=-1)
