"""The forms of a nebula's file beside torchsynth's own: ours, partial ones, and what earlier versions wrote."""

import hashlib
import json
import re

import pytest

from nebula import Nebula
from nebula.draws import Correlation
from nebula.errors import NebulaFileError, SynthError

DRUM = Nebula.load("drum")


def correlated():
    rows = [(0.0, 0.0)] * 78
    rows[0], rows[1] = (0.9, 1 / 3), (-0.8, 2e-17)
    return Nebula(DRUM.curves, DRUM.symmetric, "together", Correlation(tuple(rows)))


def two_sided():
    falls = [1.0] * 78
    falls[3], falls[77] = 1 / 3, 1e300
    return Nebula(DRUM.curves, DRUM.symmetric, "resting", falls=tuple(falls))


def beside(nebula):
    """What earlier versions wrote beside a correlated nebula in torchsynth's form, its plain form being `DRUM`'s."""
    loadings = dict(zip(nebula.panel.paths, nebula.correlation.loadings, strict=True))
    fingerprint = hashlib.sha256(DRUM.to_json().encode()).hexdigest()
    return json.dumps({"version": 1, "nebula": fingerprint, "loadings": loadings}, indent=1)


@pytest.mark.parametrize("nebula", [correlated(), two_sided(), Nebula.uniform("voice-fm"), Nebula.uniform("dx7")])
def test_what_torchsynth_has_no_place_for_is_one_file_of_ours(nebula, tmp_path):
    nebula.save(tmp_path / "any.json")
    assert [path.name for path in tmp_path.iterdir()] == ["any.json"]
    form = json.loads((tmp_path / "any.json").read_text())
    assert (form["version"], form["synth"]) == (1, nebula.synth)
    assert list(form["parameters"]) == list(nebula.panel.paths)
    loaded = Nebula.load(tmp_path / "any.json")
    assert loaded == nebula
    assert loaded.correlation == nebula.correlation
    assert len({loaded, nebula, DRUM}) == 2


def test_falls_are_written_where_they_are_not_1(tmp_path):
    form = json.loads(two_sided().to_json())
    assert [path for path, setting in form["parameters"].items() if "fall" in setting] == [
        DRUM.panel.paths[column] for column in (3, 77)
    ]
    assert Nebula(DRUM.curves, DRUM.symmetric, falls=(1.0,) * 78).to_json() == DRUM.to_json()
    form["parameters"]["mixer.noise"]["fall"] = -1
    message = "nebula 'odd': mixer.noise fall is -1, expected a positive finite number"
    with pytest.raises(NebulaFileError, match=f"^{re.escape(message)}$"):
        Nebula.from_json(json.dumps(form), "odd")
    form["parameters"]["mixer.noise"]["fall"] = 1e-40
    message = "nebula 'odd': falls: mixer.noise is 1e-40, expected a number from 1e-30 to 1e+300"
    with pytest.raises(NebulaFileError, match=f"^{re.escape(message)}$"):
        Nebula.from_json(json.dumps(form), "odd")


def test_a_uniform_nebula_has_a_name_for_every_synth():
    assert Nebula.load("voice-fm/uniform") == Nebula.uniform("voice-fm")
    with pytest.raises(SynthError, match=r"^synth: got 'flute', expected one of voice, "):
        Nebula.load("flute/uniform")


def test_marks_and_numbers_for_flags_are_read():
    entries = json.loads(DRUM.to_json())
    for entry in entries:
        if entry["name"][2] == "symmetric":
            entry["value"] = int(entry["value"])
    assert Nebula.from_json("\ufeff" + json.dumps(entries)) == DRUM


def test_a_base_gives_what_a_partial_file_leaves_out():
    default = Nebula.load("default")
    entries = [{"name": ["keyboard", "duration", "curve"], "value": 0.25}]
    read = Nebula.from_json(json.dumps(entries), base=default)
    assert read.curve("keyboard", "duration") == 0.25
    assert read.curves[2:] == default.curves[2:]
    assert read.symmetric == default.symmetric
    message = "nebula 'odd': its base is of the synth 'dx7', expected one of 'voice'"
    with pytest.raises(NebulaFileError, match=f"^{re.escape(message)}$"):
        Nebula.from_json(json.dumps(entries), "odd", base=Nebula.uniform("dx7"))


def test_a_correlation_beside_a_nebula_is_read_and_goes_when_it_is_saved(tmp_path):
    path, old = tmp_path / "together.json", tmp_path / "together.correlation.json"
    DRUM.save(path)
    old.write_text(beside(correlated()))
    loaded = Nebula.load(path)
    assert loaded == correlated()
    loaded.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["together.json"]
    assert Nebula.load(path) == correlated()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "{", "not JSON"),
        (lambda text: "[]", "got [], expected an object with version, nebula and loadings"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version is 2, expected 1"),
        (lambda text: text.replace('"nebula": "', '"nebula": "0'), "belongs to a nebula with other curves; remove it"),
        (lambda text: text.replace("mixer.noise", "mixer.noice"), 'loadings: got "mixer.noice", which'),
        (lambda text: text.replace("0.9,", '"0.9",'), "loadings of keyboard.midi_f0 are"),
        (lambda text: text.replace("0.9,", "1.9,"), "squares of row 0 add up to 3.72111"),
    ],
)
def test_what_is_wrong_with_a_correlation_beside_is_named(tmp_path, change, words):
    path = tmp_path / "together.json"
    DRUM.save(path)
    (tmp_path / "together.correlation.json").write_text(change(beside(correlated())))
    with pytest.raises(NebulaFileError, match=f"^nebula {re.escape(repr(str(path)))}, its correlation: .*") as error:
        Nebula.load(path)
    assert words in str(error.value)


def changed(**values):
    form = json.loads(correlated().to_json())
    return json.dumps({key: value for key, value in {**form, **values}.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(synth=None), "synth is missing"),
        (changed(version=2), "version is 2, expected 1"),
        (changed(synth=7), "synth is 7, expected a name"),
        (changed(colour=1), 'got "colour", expected only correlation, parameters, synth, version'),
        (changed(parameters={}), "parameters: keyboard.midi_f0 is missing"),
        (
            changed(parameters={"noice.level": {"curve": 1.0, "symmetric": False}}),
            "parameters: got \"noice.level\", which the synth 'voice' does not have",
        ),
        (changed(synth="voice-fm"), "parameters: adsr_3.attack is missing"),
    ],
)
def test_what_is_wrong_with_our_form_is_named(text, message):
    with pytest.raises(NebulaFileError, match=f"^nebula 'odd': {re.escape(message)}$"):
        Nebula.from_json(text, "odd")


def test_a_synth_that_is_not_there_is_named():
    with pytest.raises(SynthError, match=r"^synth: got 'flute', expected one of voice, "):
        Nebula.from_json(changed(synth="flute"), "odd")
