"""SynthAX's parametric synths: the numbers in a name."""

import pytest
import torch

from nebula import Nebula, synths
from nebula.errors import SynthError
from nebula.synths.parametric import parametric


@pytest.mark.parametrize("counts", [(1, 0, 0, 0), (0, 0, 0, 1), (1, 1, 1, 0), (2, 2, 1, 1), (0, 0, 0, 7), (8, 0, 0, 0)])
def test_a_name_gives_as_many_parameters_as_the_architecture_has(counts):
    s, q, f, g = counts
    n = sum(counts)
    expected = 4 * n * n + 28 * n + 1 + 3 * s + 4 * q + 6 * f + 7 * g
    assert len(synths.get("parametric-" + "-".join(map(str, counts))).panel) == expected


def test_the_listed_member_is_that_of_its_name():
    assert "parametric-2-2-1-1" in synths.names()
    assert synths.get("parametric-2-2-1-1").panel == parametric("parametric-2-2-1-1").panel


def test_a_carrier_is_played_by_its_modulators_key_alone():
    synth = synths.get("parametric-0-0-1-1")
    player = synth.player(sample_rate_hz=8000, duration_seconds=0.1)
    unit, columns = synth.sample([3]), synth.panel.columns
    for vco in ("noise", "vco_3", "vco_4"):
        unit[:, columns["mixer", vco]] = float(vco == "vco_4")
    # Pitches well within what modulation may reach.
    unit[:, columns["keyboard_2", "midi_f0"]] = unit[:, columns["keyboard_1", "midi_f0"]] = 0.5
    unit[:, columns["vco_4", "tuning"]] = 0.5
    nebula = Nebula.uniform(synth.name)
    before = player.render(unit, nebula)
    unit[:, columns["vco_1", "tuning"]] += 0.1
    unit[:, columns["vco_3", "tuning"]] += 0.1
    assert torch.equal(player.render(unit, nebula), before)
    unit[:, columns["keyboard_2", "midi_f0"]] += 0.01
    assert not torch.equal(player.render(unit, nebula), before)


@pytest.mark.parametrize(
    "name",
    ["parametric-", "parametric-2-2-1", "parametric-02-2-1-1", "parametric-a-b-c-d", "parametric-0-0-0-0",
     "parametric-9-0-0-0", "parametric-2-2-1-1-", "parametric-2-2-1--1"],
)  # fmt: skip
def test_a_name_of_another_form_or_size_is_refused(name):
    message = (
        rf"^synth: got '{name}', expected parametric-s-q-f-g, the numbers of sines, square-saws, FM sines and "
        "FM square-saws, together 1 to 8$"
    )
    with pytest.raises(SynthError, match=message):
        synths.get(name)


def test_a_panel_that_is_longer_than_a_row_may_be_is_refused():
    with pytest.raises(
        SynthError, match=r"^synth: got 'parametric-0-0-0-8', which has 537 parameters, expected at mos"
    ):
        synths.get("parametric-0-0-0-8")
