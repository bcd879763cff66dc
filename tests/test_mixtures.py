"""Mixtures: whose sounds they have, to the bit, how often, and what is written of them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from nebula import Nebula, synths
from nebula.data import draw_presets
from nebula.draws import Correlation, chosen, sample, sample_choices
from nebula.errors import ArgumentError, NebulaFileError
from nebula.synths.voice import VOICE

DRUM, DEFAULT = Nebula.load("drum"), Nebula.load("default")
RESTING = replace(DRUM, falls=(3.0,) * 78, correlation=Correlation(((0.5,),) * 78))
MIXTURE = Nebula.mixture([(5, DRUM), (2, DEFAULT), (3, RESTING)], "kit")
SEEDS = range(40)


def test_each_sound_has_the_bits_of_its_component():
    player = VOICE.player(duration_seconds=0.05)
    mixed = player.play(SEEDS, MIXTURE)
    which = chosen([weight for weight, _ in MIXTURE.components], sample_choices(VOICE.panel, SEEDS))
    assert set(which.tolist()) == {0, 1, 2}
    for number, (_, component) in enumerate(MIXTURE.components):
        rows = (which == number).nonzero()[:, 0].tolist()
        assert torch.equal(mixed[rows], player.play([SEEDS[row] for row in rows], component))
    assert torch.equal(player.play(SEEDS[30:], MIXTURE), mixed[30:])


def test_one_component_is_the_plain_nebula():
    alone = Nebula.mixture([(7, DRUM)])
    assert (alone, alone.to_json()) == (DRUM, DRUM.to_json())
    assert DRUM.components == ((1.0, DRUM),)
    parts = json.loads(RESTING.to_json())
    part = {"weight": 1, "parameters": parts["parameters"], "correlation": parts["correlation"]}
    assert Nebula.from_json(json.dumps({"version": 1, "synth": "voice", "components": [part]})) == RESTING


def test_the_choice_is_one_more_number_of_a_seeds_draw():
    seeds = [0, 7, 2**32 - 1]
    choices = sample_choices(VOICE.panel, seeds)
    for row, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        together = torch.rand(len(VOICE.panel) + 1, generator=generator)
        assert torch.equal(together[:-1], sample(VOICE.panel, [seed])[0, list(VOICE.panel.draw_order)])
        assert together[-1].item() == choices[row].item()


def test_components_are_chosen_as_often_as_they_weigh():
    # Over 20,000 seeds; 4 standard errors each.
    which = chosen([0.5, 0.2, 0.3], sample_choices(VOICE.panel, range(20_000)))
    for number, weight in enumerate((0.5, 0.2, 0.3)):
        assert abs((which == number).double().mean() - weight) < 4 * np.sqrt(weight * (1 - weight) / 20_000)
    ends = torch.tensor([0.0, 0.5, 0.7, 1 - 2.0**-24, 1.0], dtype=torch.float64)
    assert chosen([0.5, 0.2, 0.3], ends).tolist() == [0, 1, 2, 2, 2]


def test_a_mixture_is_one_file_and_comes_back_whole(tmp_path):
    MIXTURE.save(tmp_path / "kit.json")
    loaded = Nebula.load(tmp_path / "kit.json")
    assert (loaded, loaded.components) == (MIXTURE, MIXTURE.components)
    assert len({loaded, MIXTURE, DRUM}) == 2
    form = json.loads(MIXTURE.to_json())
    assert list(form) == ["version", "synth", "components"]
    assert [part["weight"] for part in form["components"]] == [0.5, 0.2, 0.3]


def test_presets_are_those_of_what_is_played():
    rows = [preset["parameters"] for preset in json.loads(draw_presets(MIXTURE, SEEDS, "json"))["presets"]]
    voice = synths.get("voice")
    physical = voice.player().physical(sample(voice.panel, SEEDS), MIXTURE, sample_choices(voice.panel, SEEDS))
    found = [[row[path]["value"] for path in voice.panel.paths] for row in rows]
    np.testing.assert_allclose(found, physical.numpy(), rtol=1e-6)


def test_a_mixture_without_choices_is_refused():
    message = "choices: missing, a mixture takes one number from 0 to 1 for each sound"
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        VOICE.player().render(sample(VOICE.panel, [0]), MIXTURE)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        (((1.0, DEFAULT),), "others: got weights 1, expected positive numbers that add up to less than 1"),
        (
            ((-0.5, DEFAULT), (0.2, DRUM)),
            "others: got weights -0.5, 0.2, expected positive numbers that add up to less than 1",
        ),
        (((0.5, MIXTURE),), "others: got a mixture, expected plain nebulae of the synth 'voice'"),
        (
            ((0.5, Nebula.uniform("dx7")),),
            "others: got a nebula of the synth 'dx7', expected plain nebulae of the synth 'voice'",
        ),
    ],
)
def test_components_that_do_not_go_together_are_refused(others, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        replace(DRUM, others=others)


def changed(change):
    form = json.loads(MIXTURE.to_json())
    change(form)
    return json.dumps(form)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda form: form.update(components=[]), ": components are [], expected a list of one or more"),
        (lambda form: form.update(parameters={}), ': got "parameters", expected only components, synth, version'),
        (
            lambda form: form["components"][1].update(weight=0.3),
            ": components have weights that add up to 1.1, expected 1",
        ),
        (
            lambda form: form["components"][1].update(weight="much"),
            ', component 2: weight is "much", expected a positive finite number',
        ),
        (
            lambda form: form["components"][2]["parameters"].pop("mixer.noise"),
            ", component 3: parameters: mixer.noise is missing",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_named(change, message):
    with pytest.raises(NebulaFileError, match=f"^nebula 'odd'{re.escape(message)}$"):
        Nebula.from_json(changed(change), "odd")
