"""The evaluation of transfer on small corpora of several libraries, and the command as users run it."""

import csv
import io
import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from nebula import Corpus
from nebula.cli import app
from nebula.errors import SpecError
from nebula.evaluation.transfer import TransferSpec, evaluate_transfer
from nebula.evaluation.transfer.evaluation import held_out, untested
from nebula.evaluation.transfer.plot import transfer_page

RATE_HZ = 22050

SPEC = """
version = 1
name = "small"
models = ["linear"]
largest = 4
repeats = 2
[recordings]
hits = "hits"
tones = "tones"
[training."drum, default"]
hits = "drum"
tones = "default"
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Hits and tones of four libraries each, three sounds of two takes in a library."""
    folder = tmp_path_factory.mktemp("recordings")
    generator = np.random.default_rng(0)
    time = np.arange(RATE_HZ // 2) / RATE_HZ
    rows = []
    for kind in ("hits", "tones"):
        for number in range(24):
            name = f"{kind}/{number:02}.wav"
            wave = (
                np.exp(-40 * time) * generator.uniform(-1, 1, len(time))
                if kind == "hits"
                else np.sin(2 * np.pi * generator.uniform(100, 900) * time)
            )
            (folder / kind).mkdir(exist_ok=True)
            soundfile.write(folder / name, 0.3 * wave, RATE_HZ)
            rows.append({"path": name, "corpus": f"{kind[0]}{number // 6}", "group": f"{kind} {number // 2}"})
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "small.toml"
    path.write_text(SPEC)
    return path


def corpora(recordings):
    return {name: Corpus.open(recordings / name) for name in ("hits", "tones")}


@pytest.mark.parametrize("seed", range(4))
def test_no_library_and_no_group_is_on_both_sides(spec, recordings, seed):
    for by in ("group", "corpus"):
        halves = held_out(TransferSpec.load(spec).with_changes({"hold_out": by, "seed": seed}), corpora(recordings))
        sides = [{sound.labels[by] for half in side for sound in half.sounds} for side in zip(*halves, strict=True)]
        assert sides[0].isdisjoint(sides[1])
        assert sum(len(half) for pair in halves for half in pair) == 48


def test_a_library_of_two_classes_may_not_be_on_both_sides(spec, recordings, tmp_path):
    rows = list(csv.DictReader(io.StringIO((recordings / "manifest.csv").read_text())))
    # Of the hits the libraries alone that are tested on, of the tones the same, named as those that are learned from.
    halves = held_out(TransferSpec.load(spec), corpora(recordings))
    (learned, _), (_, tested) = halves
    library, other = learned.sounds[0].labels["corpus"], tested.sounds[0].labels["corpus"]
    path = tmp_path / "shared.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows({**row, "corpus": library if row["corpus"] == other else row["corpus"]} for row in rows)
    shared = {name: Corpus.open(recordings / name, path) for name in ("hits", "tones")}
    with pytest.raises(SpecError) as caught:
        held_out(TransferSpec.load(spec), shared)
    assert str(caught.value) == (
        f"spec 'small': hold_out: corpus '{library}' of one class is learned from and of another tested on, expected a "
        "seed that puts both on one side"
    )


def test_what_is_tested_on_is_left_out_of_a_corpus_to_learn_from(spec, recordings):
    study = TransferSpec.load(spec)
    halves = held_out(study, corpora(recordings))
    for (learned, tested), whole in zip(halves, corpora(recordings).values(), strict=True):
        assert untested(study, "training.x.hits", whole, halves).sounds == learned.sounds
        with pytest.raises(SpecError) as caught:
            untested(study, "training.x.hits", tested, halves)
        assert str(caught.value) == (
            f"spec 'small': training.x.hits: got {tested.name}, all of which is tested on, expected others"
        )


def test_recordings_that_cannot_be_split_are_named(spec, recordings):
    hits = Corpus.open(recordings / "hits")
    one = hits.subset([sound.name for sound in hits.sounds[:6]])
    with pytest.raises(SpecError) as caught:
        held_out(TransferSpec.load(spec), {"hits": one})
    assert str(caught.value) == (
        f"spec 'small': recordings.hits: corpus {one.name}: has a single corpus of 6 sounds, which cannot be split"
    )


def printed(*arguments):
    done = CliRunner().invoke(app, ["evaluate", "transfer", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_the_command_prints_a_table_and_goes_on_where_it_stopped(spec, recordings, tmp_path):
    arguments = (spec, "--recordings", recordings, "--out", tmp_path / "out")
    table, reasons = printed(*arguments)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "│" in line]
    assert [row[:3] for row in rows] == [["recordings", "linear", "12"], ["drum, default", "linear", "4"]]
    # Five sizes of recordings are enough for a law, three of the nebula's are not.
    assert "drum, default, linear: unlimited: got 3 sizes, expected 5 or more\n" in reasons
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    content = json.loads(printed(*arguments, "--json", "--plot", tmp_path / "curves.html")[0])
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert (content["learned"], content["tested"]) == ([12, 12], [12, 12])
    assert len(content["libraries"]) == 4
    real, nebula = content["curves"]
    assert (real["gap"], real["exchange"], real["both"]) == (None, None, None)
    assert nebula["sizes"] == [1, 2, 4]
    # Bursts and tones: recordings tell them apart.
    assert real["errors"][-1]["mean"] == 0
    assert nebula["both"]["mean"] < 0.2
    assert "plotly" in (tmp_path / "curves.html").read_text()


def test_what_was_guessed_and_skipped_is_said(spec, recordings, tmp_path):
    takes = tmp_path / "takes"
    for kind in ("hits", "tones"):
        (takes / kind).mkdir(parents=True)
        for number, source in enumerate(sorted((recordings / kind).iterdir())[:8]):
            (takes / kind / f"{kind} {chr(97 + number // 2)} take {1 + number % 2}.wav").write_bytes(
                source.read_bytes()
            )
    (takes / "tones" / "broken.wav").write_text("no sound")
    study = TransferSpec.load(spec).with_changes({"hold_out": "group", "largest": 1})
    hits, tones, skipped = evaluate_transfer(study, tmp_path / "out", takes).remarks
    assert hits.startswith(
        "hits: groups were guessed from names: 8 sounds are takes of 4, such as hits a take 1.wav and "
    )
    assert tones.startswith("tones: groups were guessed from names: 8 sounds are takes of 4, ")
    assert skipped.startswith("tones: 1 sounds were skipped, the first: broken.wav: ")


def test_recordings_may_stand_for_a_class_and_the_figure_shows_all_that_was_learned(spec, recordings, tmp_path):
    study = TransferSpec.load(spec).with_changes(
        {"training": {"<b>": {"hits": "drum", "tones": str(recordings / "tones")}}}
    )
    found = evaluate_transfer(study, tmp_path, recordings)
    assert [curve.sizes for curve in found.curves] == [(1, 2, 4, 8, 12), (1, 2, 4)]
    page = transfer_page(found)
    assert "balanced error on unknown recordings" in page
    assert "\\u003cb\\u003e" in page
