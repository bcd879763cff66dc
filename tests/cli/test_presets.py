"""`nebula presets`: a file that the synth loads, whole or not at all."""

import pytest

from nebula import Nebula
from nebula.data import draw_presets
from nebula.synths.dx7_bank import read_bank


def test_a_bank_holds_the_sounds_of_consecutive_seeds(command, tmp_path):
    out = tmp_path / "bank.SYX"
    status, printed, err = command("presets", "dx7/uniform", "--count", 3, "--seed", 17, "--out", out)
    assert status == 0
    assert printed == f"3 sounds of 'dx7/uniform' in {out}\n"
    assert err == (
        "nebula: .syx has no place for keyboard.midi_f0, keyboard.velocity, keyboard.duration; .csv lists them\n"
    )
    assert out.read_bytes() == draw_presets(Nebula.load("dx7/uniform"), range(17, 20), "syx")
    assert [name for name, _ in read_bank(out.read_bytes())[:4]] == [
        "dx7/uni 17",
        "dx7/uni 18",
        "dx7/uni 19",
        "INIT VOICE",
    ]


def test_settings_are_written_for_any_synth(command, tmp_path):
    status, _, err = command("presets", "drum", "--count", 2, "--out", tmp_path / "drum.json")
    assert (status, err) == (0, "")
    assert (tmp_path / "drum.json").read_bytes() == draw_presets(Nebula.load("drum"), [0, 1], "json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("drum", "--out", "bank.syx"),
            "out: got 'bank.syx', expected a name that ends in .json or .csv, in a folder that exists",
        ),
        (
            ("dx7/uniform", "--out", "bank"),
            "out: got 'bank', expected a name that ends in .syx or .json or .csv, in a folder that exists",
        ),
        (
            ("dx7/uniform", "--out", "nowhere/bank.syx"),
            "out: got 'nowhere/bank.syx', expected a name that ends in .syx or .json or .csv, in a folder that exists",
        ),
        (
            ("dx7/uniform", "--count", 33, "--out", "bank.syx"),
            "sounds: got 33, expected 1 to 32, which a DX7 bank holds",
        ),
        (
            ("drum", "--seed", 2**32 - 1, "--count", 2, "--out", "bank.csv"),
            "count: got 2, expected at most 1 from seed 4294967295",
        ),
    ],
)
def test_what_cannot_be_written_is_one_clear_line_and_leaves_what_was_there(
    command, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bank.syx").write_bytes(b"kept")
    status, out, err = command("presets", *arguments)
    assert (status, out, err) == (1, "", f"nebula: {message}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["bank.syx"]
    assert (tmp_path / "bank.syx").read_bytes() == b"kept"
