"""Probes of corpora made on the spot: statistics by their definition, splits, baselines, and the command."""

import csv
import json

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from nebula import Corpus
from nebula.cli import app
from nebula.distances import LogMel
from nebula.errors import ArgumentError
from nebula.evaluation.probes import BASELINES, evaluate_probe
from nebula.evaluation.probes.statistics import LogMelStatistics

RATE_HZ = 8000


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Noise and tones: three takes in a group, two groups in a library, a label that no sound tells, and a rare one."""
    folder = tmp_path_factory.mktemp("recordings")
    generator = np.random.default_rng(0)
    time = np.arange(RATE_HZ // 4) / RATE_HZ
    rows = []
    for number in range(72):
        kind = ("noise", "tone")[number // 36]
        tone = np.sin(2 * np.pi * generator.uniform(100, 900) * time)
        name = f"{number:02}.wav"
        soundfile.write(folder / name, 0.3 * (tone if kind == "tone" else generator.uniform(-1, 1, len(time))), RATE_HZ)
        group = number // 3
        rows.append(
            {
                "path": name,
                "kind": kind,
                "group": str(group),
                "corpus": f"library {group // 2}",
                "coin": ("heads", "tails")[int(np.random.default_rng(group).integers(2))],
                "rare": "rare" if number < 3 else "common",
            }
        )
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


def test_statistics_are_means_and_spreads_of_the_log_mel_distances_frames():
    sounds = torch.randn(2, 44100, generator=torch.Generator().manual_seed(0))
    frames = (LogMel().embed(sounds, 44100) * 6464).view(2, 101, 64)
    expected = torch.cat([frames.mean(1), frames.var(1, correction=0).sqrt()], dim=1)
    torch.testing.assert_close(LogMelStatistics().embed(sounds, 44100), expected, rtol=0, atol=1e-3)


def test_what_a_sound_tells_is_read_beside_the_baselines(recordings):
    rows = evaluate_probe(Corpus.open(recordings), "kind", ["log-mel"])
    assert [row.distance for row in rows] == [*BASELINES, "log-mel"]
    for row in rows:
        assert (row.sounds, row.groups, row.classes, row.chance) == (72, 24, ("noise", "tone"), 0.5)
        assert row.balanced.low <= row.balanced.mean <= row.balanced.high
        # As many sounds of each: both means are one.
        assert row.balanced.mean == pytest.approx(row.accuracy)
    assert rows[0].accuracy > 0.95
    assert rows[0].above is None
    for row in rows[1:]:
        assert row.above.mean == pytest.approx(row.balanced.mean - rows[0].balanced.mean)


def test_what_no_sound_tells_is_guessed_since_no_group_is_on_both_sides(recordings):
    # Takes of one group are all heads or all tails: were they on both sides, a group's sound would tell its label.
    (row, *_) = evaluate_probe(Corpus.open(recordings), "coin")
    assert row.balanced.low < 0.5 < row.balanced.high


def test_libraries_are_kept_together_where_asked(recordings):
    (row, *_) = evaluate_probe(Corpus.open(recordings), "kind", by="corpus")
    assert row.groups == 12


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("mood", "label: got 'mood', expected a label of {name}: coin, corpus, group, kind, rare"),
        (
            "rare",
            "label: got 'rare', of which 1 value in {name} has sounds of 5 or more groups, expected two values or more",
        ),
    ],
)
def test_labels_that_cannot_be_probed_are_named(recordings, label, message):
    corpus = Corpus.open(recordings)
    with pytest.raises(ArgumentError) as error:
        evaluate_probe(corpus, label)
    assert str(error.value) == message.format(name=corpus.name)


def test_the_command_prints_a_table_and_the_same_as_json(recordings):
    def printed(*arguments):
        done = CliRunner().invoke(app, ["evaluate", "probe", str(recordings), "--label", "kind", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    items = json.loads(printed("--distance", "log-mel", "--json"))["items"]
    table = printed()
    assert [item["distance"] for item in items] == [*BASELINES, "log-mel"]
    assert "linear probe of kind: 72 sounds of 24 groups, noise, tone" in table
    for item in items:
        assert f"{item['balanced']['mean']:.3f}" in table
