"""`nebula around`: the nebula around a preset of each kind of file, by the quantiles of its draws."""

import json
import re

import numpy as np
import pytest
import torch

from nebula import PARAMETERS, Nebula, data, synths
from nebula.errors import ArgumentError
from nebula.synths.dx7 import DX7
from nebula.synths.presets import read_settings

FIRST = PARAMETERS[0].path


def drawn(nebula, count=4000):
    synth = synths.get(nebula.synth)
    return synth.player().physical(synth.sample(range(count)), nebula).double().numpy()


def agrees(nebula, values, width):
    """Whether switches are kept, and of the draws of each knob the central 90 % are as wide, with the value within.

    Over 4,000 draws a 5 % quantile's share has a standard error of 0.0034: 5 of them, and the knobs' own steps.
    """
    found = drawn(nebula)
    for column, parameter in enumerate(nebula.panel):
        if parameter.choices:
            assert set(found[:, column]) == {values[column]}
            continue
        span = parameter.maximum - parameter.minimum
        low, high = np.quantile(found[:, column], [0.05, 0.95])
        assert (high - low) / span == pytest.approx(width, rel=0.15)
        assert found[:, column].min() <= values[column] + 1e-4 * span
        assert values[column] - 1e-4 * span <= found[:, column].max()


def test_a_sound_of_a_nebula_is_surrounded(command, tmp_path):
    status, printed, err = command("around", "drum", "--seed", 7, "--width", 0.1, "--out", tmp_path / "near.json")
    assert (status, err) == (0, "")
    assert printed == f"around 'drum 7' of voice, width 0.1, in {tmp_path / 'near.json'}\n"
    voice = synths.get("voice")
    values = voice.player().physical(voice.sample([7]), Nebula.load("drum"))[0].tolist()
    near = Nebula.load(tmp_path / "near.json")
    assert near == Nebula.around(values, 0.1)
    agrees(near, values, 0.1)


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_preset_that_was_written_is_surrounded_switches_and_all(command, tmp_path, ending):
    path = tmp_path / f"presets.{ending}"
    path.write_bytes(data.draw_presets(Nebula.uniform("dx7"), range(3), ending))
    arguments = ("--number", 2, "--width", 0.3, "--out", tmp_path / "near.json")
    status, _, _ = command("around", path, *arguments, *(("--synth", "dx7") if ending == "csv" else ()))
    assert status == 0
    settings = read_settings(path.read_text(), DX7.panel, ending)
    assert settings.names == ("dx7/uniform 0", "dx7/uniform 1", "dx7/uniform 2")
    agrees(Nebula.load(tmp_path / "near.json"), settings.rows[1], 0.3)


def test_a_voice_of_a_bank_is_surrounded(command, tmp_path):
    path = tmp_path / "bank.syx"
    path.write_bytes(data.draw_presets(Nebula.uniform("dx7"), range(3), "syx"))
    status, printed, _ = command("around", path, "--number", 3, "--out", tmp_path / "near.json")
    assert (status, printed[:26]) == (0, "around 'dx7/unif 2' of dx7")
    _, voices = DX7.read_bank(path.read_bytes())
    assert Nebula.load(tmp_path / "near.json") == Nebula.around(voices[2].tolist(), 0.2, "dx7")


def test_settings_are_read_as_they_were_written():
    physical = drawn(Nebula.load("drum"), 3)
    for format_ in ("json", "csv"):
        written = synths.get("voice").presets(torch.from_numpy(physical), ["a", "b", "c"], format_)
        read = read_settings(written.decode(), synths.get("voice").panel, format_)
        assert read.names == ("a", "b", "c")
        np.testing.assert_allclose(read.rows, physical, rtol=1e-8)


@pytest.mark.parametrize(
    ("content", "name", "arguments", "message"),
    [
        ("name\n", "any.csv", (), "synth: missing, a .csv does not say whose presets it holds"),
        ("name\n", "any.csv", ("--synth", "voice"), "presets: got none, expected one or more"),
        (
            "name,keyboard.midi_f0 [MIDI pitch]\na,high\n",
            "any.csv",
            ("--synth", "voice"),
            "presets: keyboard.midi_f0 is 'high', expected a number",
        ),
        (
            json.dumps({"synth": "voice", "presets": 3}),
            "any.json",
            (),
            "presets: got another JSON, expected what nebula presets writes",
        ),
        (
            json.dumps({"synth": "voice", "presets": [{"name": "", "parameters": {FIRST: {"value": 10**400}}}]}),
            "any.json",
            (),
            f"presets: {FIRST} is 1{'0' * 59}, expected a number",
        ),
        (None, "drum", ("--width", 1), "width: got 1, expected a number from 0.005 to below 0.9"),
    ],
)
def test_what_cannot_be_surrounded_is_told(command, tmp_path, content, name, arguments, message):
    if content is not None:
        name = tmp_path / name
        name.write_text(content)
    status, _, err = command("around", name, *arguments, "--out", tmp_path / "near.json")
    assert (status, err) == (1, f"nebula: {message}\n")
    assert not (tmp_path / "near.json").exists()


def test_a_value_outside_its_range_is_named():
    values = [parameter.minimum for parameter in PARAMETERS]
    values[0] = 128.0
    with pytest.raises(
        ArgumentError, match=f"^{re.escape('keyboard.midi_f0: got 128, expected a value from 0 to 127')}$"
    ):
        Nebula.around(values, 0.2)


def test_several_presets_are_surrounded_by_a_mixture(command, tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.csv"
    one.write_bytes(data.draw_presets(Nebula.uniform("subtractive"), range(2), "json"))
    two.write_bytes(data.draw_presets(Nebula.uniform("subtractive"), range(2, 4), "csv"))
    arguments = ("--synth", "subtractive", "--width", 0.05, "--out")
    status, printed, err = command("around", one, two, "--all", *arguments, tmp_path / "kit.json")
    panel = synths.get("subtractive").panel
    rows = [*read_settings(one.read_text(), panel, "json").rows, *read_settings(two.read_text(), panel, "csv").rows]
    assert (status, err) == (0, "")
    assert printed == f"around 4 presets of subtractive, width 0.05, in {tmp_path / 'kit.json'}\n"
    kit = Nebula.load(tmp_path / "kit.json")
    near = [Nebula.around(row, 0.05, "subtractive") for row in rows]
    assert [part for _, part in kit.components] == near
    np.testing.assert_allclose([weight for weight, _ in kit.components], 0.25, rtol=1e-12)
    command("around", one, two, "--all", "--most", 2, *arguments, tmp_path / "fewer.json")
    assert [part for _, part in Nebula.load(tmp_path / "fewer.json").components] == [near[0], near[2]]
    # Without --all it is the first of each.
    command("around", one, two, *arguments, tmp_path / "pair.json")
    assert [part for _, part in Nebula.load(tmp_path / "pair.json").components] == [near[0], near[2]]


def test_a_folder_of_matches_is_surrounded(command, few_hits, tmp_path):
    recordings, out = sorted(few_hits.iterdir())[:2], tmp_path / "matched"
    effort = ("--bank", 64, "--generations", 0, "--workers", 1)
    assert command("match", *recordings, "--out", out, *effort)[0] == 0
    status, printed, _ = command("around", out, "--width", 0.05, "--out", tmp_path / "kit.json")
    assert (status, printed[:26]) == (0, "around 2 presets of voice,")
    panel = synths.get("voice").panel
    rows = [read_settings(path.with_suffix(".json").read_text(), panel, "json").rows[0] for path in out.glob("*.flac")]
    found = {part for _, part in Nebula.load(tmp_path / "kit.json").components}
    assert found == {Nebula.around(row, 0.05) for row in rows}
    away = {path: json.loads(path.read_text())["value"] for path in out.glob("*.match.json")}
    best = min(away, key=away.get)
    row = read_settings(best.with_name(best.name.replace(".match.json", ".json")).read_text(), panel, "json").rows[0]
    assert command("around", out, "--nearest", 0.5, "--width", 0.05, "--out", tmp_path / "best.json")[0] == 0
    assert Nebula.load(tmp_path / "best.json") == Nebula.around(row, 0.05)
    (out / f"{recordings[0].stem}.json").unlink()
    record = out / f"{recordings[0].stem}.match.json"
    status, _, err = command("around", out, "--out", tmp_path / "other.json")
    expected = f"presets: {str(record)!r} has no preset beside it, expected {recordings[0].stem}.json, .syx or .csv"
    assert (status, err) == (1, f"nebula: {expected}\n")


def test_presets_that_do_not_go_together_are_told(refusal, tmp_path):
    out = ("--out", tmp_path / "near.json")
    assert refusal("around", "drum", "dx7/uniform", *out) == (
        "presets: got 'dx7/uniform 0' of dx7, expected presets of voice"
    )
    assert refusal("around", "drum", "--all", "--number", 2, *out) == "number: got 2 beside --all, expected one of them"
    assert refusal("around", tmp_path, *out) == (
        f"presets: got the folder {str(tmp_path)!r}, expected one that nebula match made"
    )
