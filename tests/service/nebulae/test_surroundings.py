"""Nebulae around presets and around sounds, over HTTP."""

import dataclasses
import json

import pytest

from nebula import Nebula, synths
from service.nebulae.surroundings import MOST_SURROUNDED

WIDTH = 0.1


@pytest.fixture
def three(admin):
    """Three presets of the drum nebula, as the service writes them."""
    return admin.get("/v1/nebulae/drum/presets", params={"count": 3, "format": "json"}).json()


def read(answer):
    assert answer.status_code == 200, answer.text
    return Nebula.from_json(json.dumps(answer.json()["nebula"]))


def values(preset):
    """Physical values of a preset of the Voice, which has no switches."""
    return [preset["parameters"][path]["value"] for path in synths.get("voice").panel.paths]


def test_one_preset_is_surrounded_and_several_are_a_mixture(service, three):
    each = [Nebula.around(values(preset), WIDTH) for preset in three["presets"]]
    with service.client("viewer") as viewer:
        every = viewer.post("/v1/nebulae/surroundings", json={"presets": three, "width": WIDTH})
        assert read(every) == Nebula.mixture([(1, one) for one in each])
        assert every.json()["names"] == ["drum 0", "drum 1", "drum 2"]
        second = viewer.post("/v1/nebulae/surroundings", json={"presets": three, "width": WIDTH, "number": 2})
        assert read(second) == each[1]
        assert second.json()["names"] == ["drum 1"]


@pytest.mark.parametrize("name", ["drum", "drum-correlated", "percussion-tuned", "dx7-default"])
def test_the_sound_of_a_seed_is_surrounded_as_its_preset_is(admin, name):
    made = read(admin.post("/v1/nebulae/surroundings", json={"nebula": name, "seed": 7, "width": WIDTH}))
    where = f"/v1/nebulae/{name}/presets"
    preset = admin.get(where, params={"count": 1, "seed": 7, "format": "json"}).json()
    assert made == read(admin.post("/v1/nebulae/surroundings", json={"presets": preset, "width": WIDTH}))
    assert made.synth == Nebula.load(name).synth
    kept = admin.post("/v1/nebulae", json={"name": "near", "nebula": json.loads(made.to_json()), "saved_from": name})
    assert kept.json()["saved_from"]["name"] == name


def test_sounds_of_a_narrow_nebula_are_near_what_it_surrounds(admin, three):
    body = {"presets": three, "width": 0.005, "number": 1}
    near = read(admin.post("/v1/nebulae/surroundings", json=body))
    admin.post("/v1/nebulae", json={"name": "near", "nebula": json.loads(near.to_json())})
    drawn = admin.get("/v1/nebulae/near/presets", params={"count": 64, "format": "json"}).json()["presets"]
    panel = synths.get("voice").panel
    inside = [
        abs(value - middle) <= 0.005 * (parameter.maximum - parameter.minimum)
        for preset in drawn
        for parameter, value, middle in zip(panel, values(preset), values(three["presets"][0]), strict=True)
    ]
    # The central 90 % of draws span the width, and the value lies within them: nine of ten are at most a width away.
    assert sum(inside) / len(inside) > 0.9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"presets": {"curves": []}}, "presets: got another JSON, expected what nebula presets writes"),
        ({"presets": {"synth": "voice", "presets": []}}, "presets: got none, expected one or more"),
        ({"number": 4}, "number: got 4, expected at most 3, as many presets as there are"),
        ({"nebula": "drum"}, "presets, nebula: got both, expected one of them"),
        ({"presets": None}, "presets, nebula: got neither, expected one of them"),
    ],
)
def test_what_cannot_be_surrounded_is_named(admin, three, change, message):
    answer = admin.post("/v1/nebulae/surroundings", json={"presets": three, "width": WIDTH, **change})
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, message)


def test_values_that_no_parameter_can_have_are_named(admin, three):
    for value in (200, "loud", None):
        three["presets"][0]["parameters"]["keyboard.midi_f0"]["value"] = value
        answer = admin.post("/v1/nebulae/surroundings", json={"presets": three, "width": WIDTH})
        assert answer.status_code == 422
        assert "keyboard.midi_f0" in answer.json()["error"]["message"]


def test_so_many_presets_are_surrounded_and_no_more(admin):
    where = "/v1/nebulae/uniform-subtractive/presets"
    bank = admin.get(where, params={"count": MOST_SURROUNDED + 1, "format": "json"}).json()
    refused = admin.post("/v1/nebulae/surroundings", json={"presets": bank, "width": WIDTH})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        422,
        f"presets: got {MOST_SURROUNDED + 1}, expected at most {MOST_SURROUNDED}, or the number of one",
    )
    bank["presets"].pop()
    made = read(admin.post("/v1/nebulae/surroundings", json={"presets": bank, "width": WIDTH}))
    assert [weight for weight, _ in made.components] == pytest.approx([1 / MOST_SURROUNDED] * MOST_SURROUNDED)
    assert dataclasses.replace(made, others=()) == made.components[0][1]
