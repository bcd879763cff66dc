"""`nebula evaluate limit`: recordings of one half matched, and what is found judged beside the other half."""

import csv
import json
from statistics import median

import numpy as np
import pytest
import soundfile

from nebula import Corpus

FEW = ("--bank", 128, "--generations", 8, "--sounds", 12, "--workers", 1)


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    """Fifty-two hits, two takes of each of twenty-six."""
    folder = tmp_path_factory.mktemp("takes")
    generator = np.random.default_rng(3)
    time = np.arange(8000) / 16000
    rows = ["path,group"]
    for place in range(52):
        decay, pitch = np.exp(-time * generator.uniform(5, 40)), generator.uniform(60, 400)
        hit = decay * (np.sin(2 * np.pi * pitch * time) + generator.uniform(-1, 1, len(time)))
        soundfile.write(folder / f"{place:02}.wav", 0.4 * hit, 16000)
        rows.append(f"{place:02}.wav,hit {place // 2}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_matches_of_one_half_are_judged_beside_the_other(done, takes, tmp_path):
    out = tmp_path / "limit"
    printed, _ = done("evaluate", "limit", "voice", takes, "--out", out, *FEW, "--json")
    found = json.loads(printed)
    records = [json.loads(path.read_text()) for path in sorted(out.glob("*.match.json"))]
    assert (found["synth"], found["recordings"], len(records)) == ("voice", 12, 12)
    assert found["nearest"] == pytest.approx(median(record["value"] for record in records))
    assert found["nearest_random"] == pytest.approx(median(record["nearest_random_sound"] for record in records))
    first, second = Corpus.open(takes).split()
    matched = {record["recording"] for record in records}
    assert matched < {sound.name for sound in first.sounds}
    names = [judgement["name"] for judgement in found["judging"]["judgements"]]
    assert names == [second.name, "what was matched", "voice"]
    with (out / "manifest.csv").open(newline="") as file:
        groups = {row["path"]: row["group"] for row in csv.DictReader(file)}
    own = {sound.name.replace(".wav", ".flac"): "/".join(sound.group) for sound in first.sounds}
    assert groups == {name: own[name] for name in groups}
    assert set(groups) == {name.replace(".wav", ".flac") for name in matched}

    # Again: nothing is matched anew, and the verdict is the same. The table says it in words.
    made = {path: path.stat().st_mtime_ns for path in out.glob("*.flac")}
    printed, _ = done("evaluate", "limit", "voice", takes, "--out", out, *FEW)
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.flac")} == made
    told = found["judging"]["judgements"][2]["told_apart"]
    assert f"{told['mean']:.2f} ({told['low']:.2f} to" in printed
    assert f"12 recordings matched by voice, log-mel: median {found['nearest']:.4f}," in printed


def test_what_cannot_be_split_is_refused(refusal, takes, tmp_path):
    single = next(path for path in sorted(takes.iterdir()) if path.suffix == ".wav")
    line = refusal("evaluate", "limit", "voice", single, "--out", tmp_path / "limit", *FEW)
    assert line == f"corpus {single.name}: has a single sound, which cannot be split"
    line = refusal("evaluate", "limit", "moog", takes, "--out", tmp_path / "limit", *FEW)
    assert line.startswith("synth: got 'moog', expected ")
    assert not (tmp_path / "limit").exists()
