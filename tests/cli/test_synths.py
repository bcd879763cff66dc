"""`nebula synths`: the list, and what each synthesizer can be set to."""

import json
import sys

from nebula import synths


def test_every_synth_is_listed_with_what_it_is_and_whether_it_plays(command, monkeypatch):
    status, out, _ = command("synths", "--json")
    assert status == 0
    rows = {row["name"]: row for row in json.loads(out)["items"]}
    assert tuple(rows) == synths.names()
    for name, row in rows.items():
        synth = synths.get(name)
        assert row == {
            "name": name,
            "parameters": len(synth.panel),
            "description": synth.description,
            "ready": synth.missing is None,
            "needs": None if synth.missing is None else f"pip install 'nebula[{synth.missing}]'",
        }
    monkeypatch.setitem(sys.modules, "dexed", None)
    _, table, _ = command("synths")
    line = next(line for line in table.splitlines() if "dx7" in line)
    assert "148" in line
    assert "pip install 'nebula[dx7]'" in line
    _, out, _ = command("synths", "dx7", "--json")
    assert json.loads(out)["ready"] is False


def test_a_synth_is_shown_with_all_its_parameters(command):
    status, out, _ = command("synths", "dx7", "--json")
    assert status == 0
    content = json.loads(out)
    assert content["preset_formats"] == ["syx", "json", "csv"]
    panel = synths.get("dx7").panel
    assert [row["path"] for row in content["parameters"]] == list(panel.paths)
    assert content["parameters"][panel.columns["operator_1", "mode"]] == {
        "path": "operator_1.mode",
        "minimum": 0.0,
        "maximum": 2.0,
        "unit": "",
        "choices": ["ratio", "fixed"],
        "description": "whether frequency follows the key",
    }
    _, table, _ = command("synths", "dx7")
    assert all(path in table for path in panel.paths)
    assert "0.01 to 4" in table
    assert "1, 2, ... 32 (32 choices)" in table


def test_a_synth_that_is_not_there_is_one_clear_line(command):
    status, out, err = command("synths", "theremin")
    assert (status, out) == (1, "")
    assert err == f"nebula: synth: got 'theremin', expected one of {', '.join(synths.names())}\n"
