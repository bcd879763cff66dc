"""Nebula files: torchsynth's form both ways, and one clear line for everything else."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula import PARAMETERS, Nebula
from nebula.errors import ArgumentError, NebulaFileError

ENTRIES = json.loads(Nebula.load("default").to_json())

curves = st.lists(st.floats(1e-3, 1e3), min_size=78, max_size=78).map(tuple)
flags = st.lists(st.booleans(), min_size=78, max_size=78).map(tuple)


def refusal(text):
    with pytest.raises(NebulaFileError) as caught:
        Nebula.from_json(text if isinstance(text, str) else json.dumps(text), "odd")
    return str(caught.value)


def changed(position, **values):
    entries = json.loads(json.dumps(ENTRIES))
    entries[position].update(values)
    return entries


def test_shipped_nebulae_have_the_published_figures():
    default, drum = Nebula.load("default"), Nebula.load("drum")
    assert default.curve("keyboard", "midi_f0") == 1.0
    assert default.curve("mixer", "noise") == 0.025
    assert default.curve("vco_1", "mod_depth") == 0.2
    assert drum.curve("keyboard", "duration") == 0.01
    assert {"default", "drum", "uniform"} <= set(Nebula.shipped())
    symmetric = {p.path for p, flag in zip(PARAMETERS, default.symmetric, strict=True) if flag}
    assert symmetric == {"lfo_1.mod_depth", "lfo_2.mod_depth", "vco_1.mod_depth", "vco_2.mod_depth"}
    assert Nebula.load("uniform") == Nebula((1.0,) * 78, default.symmetric)


@settings(max_examples=25)
@given(curves, flags)
def test_json_gives_back_the_same_nebula(chosen, symmetric):
    nebula = Nebula(chosen, symmetric, "any")
    again = Nebula.from_json(nebula.to_json(), "any")
    assert again == nebula
    assert hash(again) == hash(nebula)


def test_saved_files_have_torchsynths_form_and_load_again(tmp_path):
    drum = Nebula.load("drum")
    drum.save(tmp_path / "mine.json")
    entries = json.loads((tmp_path / "mine.json").read_text())
    assert len(entries) == 156
    assert entries[0] == {"name": ["adsr_1", "attack", "curve"], "value": 0.1}
    assert [tuple(entry["name"][:2]) for entry in entries[::2]] == sorted(
        [(p.module, p.name) for p in PARAMETERS],
        key=lambda name: (name[0], [(p.module, p.name) for p in PARAMETERS].index(name)),
    )
    loaded = Nebula.load(tmp_path / "mine.json")
    assert loaded == drum
    assert loaded.name == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]


def test_the_name_is_no_part_of_a_nebula():
    assert Nebula((1.0,) * 78, (False,) * 78, "a") == Nebula((1.0,) * 78, (False,) * 78, "b")
    assert Nebula((1.0,) * 78, (False,) * 78) != Nebula((2.0,) * 78, (False,) * 78)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("{", "nebula 'odd': not JSON (Expecting property name enclosed in double quotes, line 1)"),
        ("[" * 100_000, "nebula 'odd': not JSON (nested too deep)"),
        ('{"version": ' + "9" * 5000 + "}", "nebula 'odd': not JSON (a number with too many digits)"),
        ("7", "nebula 'odd': got int, expected a list of entries or an object"),
        ([7], "nebula 'odd', entry 0: got 7, expected an object with name and value"),
        (
            changed(3, name=["adsr_1", "attack"]),
            'nebula \'odd\', entry 3: name is ["adsr_1", "attack"], expected [module, parameter, curve or symmetric]',
        ),
        (
            changed(3, name=["adsr_1", "glide", "curve"]),
            "nebula 'odd', entry 3: adsr_1.glide curve is not a hyperparameter of the Voice",
        ),
        (ENTRIES[:-1], "nebula 'odd': vco_2.shape symmetric is missing"),
        (ENTRIES[1:], "nebula 'odd': adsr_1.attack curve is missing"),
        ([*ENTRIES, ENTRIES[0]], "nebula 'odd': adsr_1.attack curve appears twice"),
        (changed(0, value=0), "nebula 'odd': adsr_1.attack curve is 0, expected a positive finite number"),
        (changed(0, value=-1.5), "nebula 'odd': adsr_1.attack curve is -1.5, expected a positive finite number"),
        (
            changed(0, value=math.inf),
            "nebula 'odd': adsr_1.attack curve is Infinity, expected a positive finite number",
        ),
        (changed(0, value=math.nan), "nebula 'odd': adsr_1.attack curve is NaN, expected a positive finite number"),
        (changed(0, value=True), "nebula 'odd': adsr_1.attack curve is true, expected a positive finite number"),
        (changed(0, value="1"), "nebula 'odd': adsr_1.attack curve is \"1\", expected a positive finite number"),
        (changed(1, value=2), "nebula 'odd': adsr_1.attack symmetric is 2, expected true or false"),
        (changed(1, value="true"), "nebula 'odd': adsr_1.attack symmetric is \"true\", expected true or false"),
    ],
)
def test_a_file_that_is_no_nebula_is_refused_by_the_entry_at_fault(entries, message):
    assert refusal(entries) == message


def test_a_missing_file_names_what_is_shipped():
    with pytest.raises(
        NebulaFileError, match=r"^nebula 'snare': no such file, and not one of those shipped \(default, drum,"
    ):
        Nebula.load("snare")


def test_a_file_that_cannot_be_read_or_written_says_why(tmp_path):
    with pytest.raises(NebulaFileError, match=r"cannot be read \(Is a directory\)$"):
        Nebula.load(tmp_path)
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NebulaFileError, match=r"cannot be read \(it is not a text file\)$"):
        Nebula.load(tmp_path / "x.json")
    with pytest.raises(NebulaFileError, match=r"cannot be written \(No such file or directory\)$"):
        Nebula.load("drum").save(tmp_path / "no" / "x.json")


def test_curves_that_are_not_78_positive_numbers_are_refused():
    with pytest.raises(ArgumentError, match=r"^curves: got 77 values, expected 78$"):
        Nebula((1.0,) * 77, (False,) * 78)
    with pytest.raises(ArgumentError, match=r"^curves: keyboard.midi_f0 is -1.0, expected a positive finite number$"):
        Nebula((-1.0,) + (1.0,) * 77, (False,) * 78)
