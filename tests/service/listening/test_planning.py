"""What helps to plan a test: starts, how many people it takes, and what is said of values that do not go together."""

import io

import pytest
import segno

from nebula.listening import answers_needed, listeners_needed, rating_power
from service.listening.spec import ListeningSpec
from service.listening.tables import ListeningTest
from service.listening.trying import try_plan


def test_shipped_specs_are_starts_that_can_be_posted(lab):
    items = lab.client("viewer").get("/v1/listening-tests/specs").json()["items"]
    assert [item["name"] for item in items] == list(ListeningSpec.shipped())
    for item in items:
        assert ListeningSpec.model_validate(item["spec"]) == ListeningSpec.load(item["name"])
    assert lab.show(lab.plan(items[0]["spec"]))["spec"] == items[0]["spec"]


def test_the_power_of_a_comparison_is_that_of_its_analysis(lab):
    asked = {"share": 0.65, "answers": 16, "correlation": 0.2, "power": 0.9, "significance": 0.01}
    answer = lab.client("viewer").get("/v1/listening-tests/power/preference", params=asked).json()
    listeners, answers = listeners_needed(16, 0.65, 0.2, 0.9, 0.01), answers_needed(0.65, 0.9, 0.01)
    assert answer == {
        "listeners": {"count": listeners.count, "power": listeners.power},
        "answers": {"count": answers.count, "power": answers.power},
    }


def test_the_power_of_ratings_is_that_of_their_analysis(lab):
    asked = {"listeners": 12, "sounds": 8, "difference": 6, "listener_deviation": 5, "answer_deviation": 20}
    answer = lab.client("viewer").get("/v1/listening-tests/power/ratings", params=asked).json()
    assert answer == {"power": rating_power(12, 8, 6, 5, 20)}


def test_a_preference_that_nobody_can_find_is_said_to_be_one(lab):
    answer = lab.experimenter.get("/v1/listening-tests/power/preference", params={"share": 0.5, "answers": 1})
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "power: 0.8 is not reached with 4096")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"systems": [{"name": "one", "nebula": "drum"}]}, "systems: got 1, expected at least 2 for preference"),
        ({"method": "mushra"}, "reference: got none, expected one for mushra"),
    ],
)
def test_values_that_do_not_go_together_are_named_without_repeating_them_all(lab, ab, change, message):
    answer = lab.experimenter.post("/v1/listening-tests", json=ab | change)
    assert (answer.status_code, answer.json()["error"]["details"]) == (422, [{"where": "body", "message": message}])


def test_an_open_test_has_its_link_as_a_picture(lab, ab):
    test = lab.seal(ab)
    path = f"/v1/listening-tests/{test}/invite.svg"
    early = lab.client("viewer").get(path)
    assert (early.status_code, early.json()["error"]["message"]) == (
        409,
        "listening test: is sealed, expected open to invite",
    )
    invite = lab.do(test, "open")["invite"]
    for query, origin in (("", lab.url), ("?origin=https://lab.example.org:8443", "https://lab.example.org:8443")):
        answer = lab.client("viewer").get(path + query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        expected = io.BytesIO()
        segno.make_qr(f"{origin}{invite}").save(expected, kind="svg", light="#fff", omitsize=True, xmldecl=False)
        assert answer.content == expected.getvalue()
    assert lab.client("viewer").get(f"{path}?origin=lab.example.org").status_code == 422


RULE = {"kind": "questionnaire", "name": "attentive", "questions": ["device"], "accepted": ["headphones"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"analysis": {"screening": [RULE, RULE]}},
            "analysis.screening: got 'attentive' more than once, expected names that differ",
        ),
        ({"tags": ["soft", "soft"]}, "tags: got 'soft' more than once, expected names that differ"),
        (
            {"analysis": {"screening": [RULE | {"name": "\0"}]}},
            "the body holds text with a null character or half of a surrogate pair, expected neither",
        ),
    ],
)
def test_a_plan_that_could_not_be_analysed_is_refused(lab, ab, change, message):
    test = lab.plan(ab)
    for answer in (
        lab.experimenter.post("/v1/listening-tests", json=ab | change),
        lab.experimenter.put(f"/v1/listening-tests/{test}", json=ab | change),
    ):
        assert answer.status_code == 422
        assert message in answer.json()["error"]["message"]


def test_a_plan_with_rules_of_one_name_that_is_frozen_already_is_analysed(lab, ab):
    test, _ = lab.open(ab | {"analysis": {"screening": [RULE, RULE | {"name": "patient"}]}})
    lab.do(test, "close")
    lab.do(test, "unblind")
    with lab.database.begin() as session:
        kept = session.get(ListeningTest, test)
        kept.key_map = kept.key_map | {"plan": kept.key_map["plan"] | {"screening": [RULE, RULE]}}
    analysis = lab.experimenter.get(f"/v1/listening-tests/{test}/analysis").json()["analysis"]
    assert [verdict["rule"] for verdict in analysis["screening"]["verdicts"]] == ["attentive", "attentive (2)"]
    assert lab.experimenter.get(f"/v1/listening-tests/{test}/report").status_code == 200


def test_every_shipped_spec_can_be_analysed():
    for name in ListeningSpec.shipped():
        try_plan(ListeningSpec.load(name))
