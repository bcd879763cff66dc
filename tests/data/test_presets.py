"""Presets drawn from a nebula: what they hold is what is played."""

import csv
import io
import json

import pytest

from nebula import Nebula, synths
from nebula.data import draw_presets
from nebula.errors import ArgumentError


@pytest.mark.parametrize("name", ["drum", "dx7/uniform"])
def test_a_preset_holds_the_physical_values_of_its_seed(name):
    nebula, seeds = Nebula.load(name), [17, 4]
    synth = synths.get(nebula.synth)
    content = json.loads(draw_presets(nebula, seeds, "json"))
    assert content["synth"] == nebula.synth
    assert [preset["name"] for preset in content["presets"]] == [f"{name} 17", f"{name} 4"]
    physical = synth.player().physical(synth.sample(seeds), nebula)
    rows = list(csv.DictReader(io.StringIO(draw_presets(nebula, seeds, "csv").decode())))
    for preset, row, values in zip(content["presets"], rows, physical.tolist(), strict=True):
        assert row.pop("name") == preset["name"]
        assert list(preset["parameters"]) == list(synth.panel.paths)
        for parameter, cell, value in zip(synth.panel, row.values(), values, strict=True):
            held = preset["parameters"][parameter.path]
            assert held.get("unit", "") == parameter.unit
            assert str(held["value"]) == cell
            if parameter.choices:
                assert held["value"] == parameter.choices[int(value)]
            else:
                # Knobs of the DX7 have whole values.
                step = 1.0 if nebula.synth == "dx7" and parameter.unit != "s" else 0.0
                assert held["value"] == pytest.approx(value, rel=1e-6, abs=step / 2)


def test_what_cannot_be_drawn_is_one_clear_line():
    drum = Nebula.load("drum")
    with pytest.raises(
        ArgumentError, match=r"^format: got 'syx', expected one of json, csv, as the synth 'voice' has$"
    ):
        draw_presets(drum, [0], "syx")
    with pytest.raises(ArgumentError, match=r"^seeds: got none, expected one or more$"):
        draw_presets(drum, [], "json")
    with pytest.raises(ArgumentError, match=r"^seeds: got -1, expected integers from 0 to 4294967295$"):
        draw_presets(drum, [-1], "json")
    with pytest.raises(ArgumentError, match=r"^sounds: got 33, expected 1 to 32, which a DX7 bank holds$"):
        draw_presets(Nebula.load("dx7/uniform"), range(33), "syx")
