"""Sounds that are put in order: planned, answered, found, and what is no order refused."""

import csv
import io

import numpy as np
import pytest
from listening_lab import Person, systems_of

from nebula.listening import ranking_power
from service.listening.spec import ListeningSpec

SPEC = {
    "version": 1,
    "name": "ordered",
    "method": "ranking",
    "sounds": 3,
    "practice": 1,
    "seconds": 0.3,
    "systems": [
        {"name": "made by hand", "nebula": "drum"},
        {"name": "untouched", "nebula": "default"},
        {"name": "even", "nebula": "uniform"},
    ],
    "analysis": {"resamples": 100},
}

WORTH = {"made by hand": 2.0, "untouched": 0.0, "even": -1.0}


def test_a_known_order_is_found(lab):
    test, invite = lab.open(SPEC)
    generator = np.random.default_rng(1)
    orders = []
    for _ in range(8):
        person = Person(lab, invite)
        trial = person.arrive()["trial"]
        assert (trial["scale"], trial["choices"], trial["reference"]) == (None, [], None)
        for each, systems in systems_of(lab, person)[1]:
            heard = [WORTH[name] + generator.gumbel() for name in systems]
            places = (-np.array(heard)).argsort().argsort() + 1
            orders.append(dict(zip(systems, places.tolist(), strict=True)))
            ratings = dict(zip("ABC", places.tolist(), strict=True))
            answer = person.put(f"trials/{each}", {"edit": 1, "finished": True, "ratings": ratings})
            assert answer.json() == {"saved": True}
    lab.do(test, "close")
    lab.do(test, "unblind")
    found = lab.experimenter.get(f"/v1/listening-tests/{test}/analysis").json()
    everyone = found["analysis"]["everyone"]
    means = {each["system"]: each["mean"]["value"] for each in everyone["ratings"]["systems"]}
    assert means == {name: pytest.approx(np.mean([order[name] for order in orders])) for name in WORTH}
    assert [each["system"] for each in everyone["strengths"]] == ["made by hand", "untouched", "even"]
    assert found["analysis"]["plan"]["scale"] == [1, 3]
    assert "8 listeners put several stimuli in order, from the best to the worst" in found["methods"]
    page = lab.experimenter.get(f"/v1/listening-tests/{test}/report").text
    assert f"made by hand was placed {means['made by hand']:.1f} of 3 in the mean" in page
    assert "Mean places, of which 1 is the best, quartiles behind them" in page
    assert "in which order several sounds are, from the best to the worst" in page
    rows = list(csv.DictReader(io.StringIO(lab.experimenter.get(f"/v1/listening-tests/{test}/answers.csv").text)))
    places = [float(row["rating"]) for row in rows if row["practice"] == "false"]
    assert sorted(places) == sorted([1.0, 2.0, 3.0] * 24)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"ratings": {"A": 1, "B": 1}, "finished": False}, 200),
        ({"ratings": {"A": 1, "B": 1, "C": 2}, "finished": True}, 422),
        ({"ratings": {"A": 0, "B": 1, "C": 2}, "finished": False}, 422),
        ({"ratings": {"A": 1, "B": 2, "C": 4}, "finished": True}, 422),
        ({"ratings": {"A": 1.5}, "finished": False}, 422),
        ({"choice": "A", "finished": False}, 422),
        ({"ratings": {"A": 1, "B": 2}, "finished": True}, 422),
        ({"ratings": {"A": 3, "B": 1, "C": 2}, "finished": True}, 200),
    ],
)
def test_what_is_no_order_is_refused(lab, opened, said, status):
    person = Person(lab, opened)
    answer = person.answer(person.arrive()["trial"], **said)
    assert answer.status_code == status, answer.text
    if status == 422:
        message = "ratings: expected places from 1 to 3, none twice in the end, for A, B, C, and no choice"
        assert answer.json()["error"]["message"] == message


@pytest.fixture(scope="module")
def opened(lab):
    """The invite of an open test, for all who only try it."""
    return lab.open(SPEC)[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"systems": SPEC["systems"][:2]}, "systems: got 2, expected at least 3 for ranking"),
        ({"reference": SPEC["systems"][0]}, "reference: got one, expected none for ranking"),
        (
            {
                "corpus": "0" * 16,
                "systems": [{"name": name} for name in "abc"],
                "items": [
                    {"name": "whole", "sounds": {name: ["x.wav"] for name in "abc"}},
                    {"name": "short", "sounds": {name: ["x.wav"] for name in "ab"}},
                ],
            },
            "item 'short': got sounds of too few systems to compare",
        ),
    ],
)
def test_a_plan_without_an_order_to_find_is_refused(change, message):
    with pytest.raises(ValueError, match="Value error") as caught:
        ListeningSpec.model_validate(SPEC | change)
    assert f"Value error, {message} [" in str(caught.value)


def test_the_power_is_that_of_the_analysis(lab):
    asked = {"listeners": 9, "sounds": 2, "systems": 4, "share": 0.7, "listener_deviation": 0.4, "significance": 0.01}
    answer = lab.client("viewer").get("/v1/listening-tests/power/ranking", params=asked).json()
    assert answer == {"power": ranking_power(9, 2, 4, 0.7, 0.4, 0.01, simulations=500)}
