"""Nebulae varied by chance: by the law that is promised, within what is locked, and over HTTP."""

import dataclasses
import json
import math

import pytest
from scipy.stats import binomtest, kstest

from nebula import Nebula
from nebula.nebulae import FALLS
from service.errors import Unprocessable
from service.nebulae.variation import CURVES, varied

#: Of each law below: how often a right one fails at a seed that nobody has looked at.
ALPHA = 0.001

#: Narrow enough that no step leads out of what curves may be.
WIDTH = 0.1


@pytest.fixture(scope="module")
def plain():
    return Nebula.uniform("voice")


@pytest.fixture(scope="module")
def resting():
    """A nebula each of whose values rests around the middle of its range."""
    panel = Nebula.uniform("voice").panel
    return Nebula.around([(parameter.minimum + parameter.maximum) / 2 for parameter in panel], 0.3)


def steps(before, after):
    return [math.log10(new / old) / WIDTH for old, new in zip(before, after, strict=True)]


def test_curves_take_normal_steps_in_decades_and_falls_of_1_stay(plain):
    made = [varied(plain, WIDTH, seed) for seed in range(20)]
    assert kstest([step for each in made for step in steps(plain.curves, each.curves)], "norm").pvalue > ALPHA
    assert {each.falls for each in made} == {plain.falls}


def test_falls_take_normal_steps_of_their_own_and_flags_beside_them_stay(resting):
    made = [varied(resting, WIDTH, seed) for seed in range(20)]
    falls = [step for each in made for step in steps(resting.falls, each.falls)]
    curves = [step for each in made for step in steps(resting.curves, each.curves)]
    assert kstest(falls, "norm").pvalue > ALPHA
    # Of independent normal steps the difference is normal, of variance 2.
    apart = [(fall - curve) / math.sqrt(2) for fall, curve in zip(falls, curves, strict=True)]
    assert kstest(apart, "norm").pvalue > ALPHA
    assert {each.symmetric for each in made} == {resting.symmetric}


@pytest.mark.parametrize("width", [0.1, 2.0])
def test_flags_turn_with_a_tenth_of_the_width(plain, width):
    made = [varied(plain, width, seed).symmetric for seed in range(100)]
    turned = sum(a != b for each in made for a, b in zip(plain.symmetric, each, strict=True))
    assert binomtest(turned, 100 * len(plain.panel), width / 10).pvalue > ALPHA


@pytest.mark.parametrize("name", ["drum", "drum-correlated", "dx7-default"])
def test_a_width_of_0_changes_nothing(name):
    nebula = Nebula.load(name)
    assert varied(nebula, 0.0, 7) == nebula


def test_one_seed_is_one_variation_and_keeps_which_draws_go_together():
    nebula = Nebula.load("drum-correlated")
    assert varied(nebula, 0.3, 7) == varied(nebula, 0.3, 7)
    assert varied(nebula, 0.3, 7).curves != varied(nebula, 0.3, 8).curves
    assert varied(nebula, 0.3, 7).correlation == nebula.correlation


def test_what_is_locked_stays_to_the_bit_and_the_rest_is_as_without_locks(plain):
    drum = Nebula.load("drum")
    free = varied(drum, 2.0, 3)
    some = varied(drum, 2.0, 3, ["adsr_1", "vco_1.tuning"])
    for column, parameter in enumerate(drum.panel):
        stays = parameter.module == "adsr_1" or parameter.path == "vco_1.tuning"
        expected = drum if stays else free
        assert some.curves[column] == expected.curves[column]
        assert some.symmetric[column] == expected.symmetric[column]
    assert varied(drum, 2.0, 3, list(drum.panel.modules)) == drum


def test_steps_lead_no_further_than_hands_and_files_go(plain, resting):
    far = dataclasses.replace(plain, curves=(1e4, 1e-5, *plain.curves[2:]))
    for seed in range(20):
        made = varied(far, 2.0, seed)
        assert made.curves[0] <= 1e4
        assert made.curves[1] >= 1e-5
        assert all(CURVES[0] <= curve <= CURVES[1] for curve in made.curves[2:])
    edge = dataclasses.replace(resting, falls=(FALLS[0], FALLS[1], *resting.falls[2:]))
    assert all(varied(edge, 2.0, seed).falls[0] >= FALLS[0] for seed in range(20))
    assert all(varied(edge, 2.0, seed).falls[1] <= FALLS[1] for seed in range(20))


def test_what_cannot_be_varied_is_named(plain):
    with pytest.raises(Unprocessable, match=r"^locked: got 'vco_9', expected modules or module\.parameter of"):
        varied(plain, 0.1, 0, ["vco_9"])
    with pytest.raises(Unprocessable, match="nebula: got a mixture, expected a plain nebula"):
        varied(Nebula.mixture([(1, plain), (1, plain)]), 0.1, 0)


def test_a_viewer_varies_what_is_not_kept(service):
    drum = Nebula.load("drum")
    body = {"nebula": json.loads(drum.to_json()), "width": 0.3, "seed": 5, "locked": ["keyboard"]}
    with service.client("viewer") as viewer:
        made = viewer.post("/v1/nebulae/variations", json=body).json()
        expected = varied(drum, 0.3, 5, ["keyboard"])
        assert (tuple(made["curves"]), tuple(made["falls"])) == (expected.curves, expected.falls)
        assert tuple(made["symmetric"]) == expected.symmetric
        refused = viewer.post("/v1/nebulae/variations", json={**body, "width": 3})
        assert (refused.status_code, refused.json()["error"]["details"][0]["where"]) == (422, "body.width")
