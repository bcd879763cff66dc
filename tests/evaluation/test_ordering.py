"""Ordering over a corpus, presets by their labels, and the command as users run it."""

import json
import shutil

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from nebula.audio import Corpus
from nebula.cli import app
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation import evaluate_ordering, find_presets


def labelled(folder, header, rows, seed=0):
    """A corpus of different bursts of noise, 10 ms each, with a manifest."""
    generator = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    for row in rows:
        soundfile.write(folder / row.split(",")[0], generator.uniform(-0.5, 0.5, 441), 44100)
    (folder / "manifest.csv").write_text("\n".join([f"path,{header}", *rows]))
    return Corpus.open(folder)


def evaluate(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_a_distance_that_knows_pitch_scores_the_ideal(surge):
    found = evaluate_ordering(Corpus.open(surge), "pitch-only", limit=40)
    # Zero crossings are whole numbers, which may break a tie between equally far sounds either way.
    assert found.spearman == pytest.approx(found.ideal, abs=0.05)
    assert found.ideal > 0.9
    assert (found.distance, found.by, found.sounds, len(found.presets)) == ("pitch-only", "pitch", 27, 3)
    assert found.low <= found.spearman <= found.high
    assert found.chance == pytest.approx(3 * 8 / (2 * (8**2 - 1)), abs=0.05)


def test_a_distance_that_hears_nothing_scores_0(surge):
    found = evaluate_ordering(Corpus.open(surge), "deaf")
    assert (found.spearman, found.low, found.high) == (0, 0, 0)


def test_the_seed_decides_the_draws_and_the_distance_does_not(surge):
    corpus = Corpus.open(surge)
    assert evaluate_ordering(corpus, "length-only", limit=9, seed=3).ideal == (
        evaluate_ordering(corpus, "pitch-only", limit=9, seed=3).ideal
    )
    assert evaluate_ordering(corpus, "pitch-only", limit=9, seed=3) == evaluate_ordering(
        corpus, "pitch-only", limit=9, seed=3
    )


def test_the_dx7_layout_is_ranked_by_velocity(tmp_path):
    for patch in ("brass", "keys"):
        (tmp_path / "dx7" / patch).mkdir(parents=True)
        for velocity in (1, 30, 60, 127):
            samples = np.full(velocity * 10, 0.5)
            soundfile.write(tmp_path / "dx7" / patch / f"{velocity}.wav", samples, 44100)
    found = evaluate_ordering(Corpus.open(tmp_path / "dx7"), "length-only", by="velocity")
    assert found.spearman == pytest.approx(found.ideal, abs=1e-12)
    assert [row.name for row in found.presets] == ["brass", "keys"]
    assert [row.sounds for row in found.presets] == [4, 4]


def test_groups_of_one_pitch_give_way_to_instrument_and_velocity(tmp_path):
    rows = [f"{rank}-{pitch}.wav,piano,{pitch},{rank},piano|{pitch}" for rank in (1, 2) for pitch in (50, 60, 70)]
    corpus = labelled(tmp_path / "x", "instrument,midi_pitch,velocity_rank,ordering_group", rows)
    by_pitch = find_presets(corpus, "pitch")
    assert [(preset.name, preset.ranks) for preset in by_pitch] == [
        ("piano/1", (50, 60, 70)),
        ("piano/2", (50, 60, 70)),
    ]
    by_velocity = find_presets(corpus, "velocity")
    assert [(preset.name, preset.ranks) for preset in by_velocity] == [
        ("piano|50", (1, 2)),
        ("piano|60", (1, 2)),
        ("piano|70", (1, 2)),
    ]


def test_instruments_of_two_libraries_are_two_presets(tmp_path):
    rows = [f"{library}-{pitch}.wav,{library},samples,{pitch}" for library in "ab" for pitch in (60, 61)]
    corpus = labelled(tmp_path / "x", "corpus,instrument,midi_pitch", rows)
    assert [preset.name for preset in find_presets(corpus)] == ["a/samples", "b/samples"]


def test_a_repeated_file_counts_once(tmp_path):
    rows = [f"{pitch}.wav,horn,{pitch}" for pitch in range(60, 65)]
    labelled(tmp_path / "x", "instrument,midi_pitch", rows)
    shutil.copy(tmp_path / "x" / "60.wav", tmp_path / "x" / "64.wav")
    assert evaluate_ordering(Corpus.open(tmp_path / "x"), "deaf").sounds == 4


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (
            "kind",
            "drum",
            "corpus x: none of its 2 sounds has the label midi_pitch, which pitch is ranked by; give a manifest that "
            "has it",
        ),
        (
            "instrument,midi_pitch",
            "horn,60",
            "corpus x: no two sounds of one ordering_group, or of one instrument and velocity_rank, differ in "
            "midi_pitch",
        ),
        ("instrument,midi_pitch", "horn,C4", "0.wav: midi_pitch is 'C4'; a finite number is needed"),
        ("instrument,midi_pitch", "horn,nan", "0.wav: midi_pitch is 'nan'; a finite number is needed"),
    ],
)
def test_labels_that_do_not_do_are_named(tmp_path, header, row, message):
    corpus = labelled(tmp_path / "x", header, [f"0.wav,{row}", f"1.wav,{row}"])
    with pytest.raises(CorpusError) as raised:
        evaluate_ordering(corpus, "deaf")
    assert str(raised.value) == message


def test_presets_that_are_too_small_are_named(tmp_path):
    corpus = labelled(tmp_path / "x", "instrument,midi_pitch", [f"{pitch}.wav,horn,{pitch}" for pitch in (60, 61, 62)])
    assert evaluate_ordering(corpus, "length-only", minimum=3).sounds == 3
    with pytest.raises(CorpusError) as raised:
        evaluate_ordering(corpus, "length-only")
    assert str(raised.value) == "corpus x: no preset has 4 different sounds and 3 different ranks by pitch"
    with pytest.raises(ArgumentError) as refused:
        evaluate_ordering(corpus, "length-only", minimum=2)
    assert str(refused.value) == "minimum: got 2, expected 3 or more"


def test_the_command_prints_a_row_for_each_distance(surge):
    done = evaluate("ordering", surge, "--distance", "pitch-only", "--distance", "deaf", "--each")
    assert done.exit_code == 0, done.output
    assert "ordering by pitch" in done.stdout
    assert [line.split("│")[1].strip() for line in done.stdout.splitlines() if "│" in line] == [
        *("pitch-only", "bass-velocity64", "lead-velocity64", "pad-velocity64"),
        *("deaf", "bass-velocity64", "lead-velocity64", "pad-velocity64"),
        "deaf",  # less the first
    ]


def test_the_command_prints_json_that_states_the_distance(surge):
    done = evaluate("retrieval", surge, "--distance", "length-only", "--trials", 2, "--json")
    content = json.loads(done.stdout)
    assert content["corpus"] == str(surge)
    (item,) = content["items"]
    assert (item["distance"], item["by"], item["gain"], item["sounds"]) == ("length-only", "pitch", 1, 6)
    assert [preset["gain"] for preset in item["presets"]] == [1, 1, 1]


def test_the_interval_of_one_preset_is_unknown_and_its_skipped_sounds_are_named(tmp_path):
    rows = [f"{pitch}.wav,horn,{pitch}" for pitch in range(60, 65)]
    labelled(tmp_path / "x", "instrument,midi_pitch", rows)
    (tmp_path / "x" / "64.wav").write_text("no sound")
    arguments = ("ordering", tmp_path / "x", "--labels", tmp_path / "x" / "manifest.csv", "--distance", "length-only")
    done = evaluate(*arguments)
    assert "unknown, 1 preset" in done.stdout
    assert "1 sounds were skipped, the first: 64.wav: " in done.stderr
    (item,) = json.loads(evaluate(*arguments, "--json").stdout)["items"]
    assert (item["low"], item["high"], item["sounds"]) == (None, None, 4)
