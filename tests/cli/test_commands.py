"""The `nebula` command: what it prints, what it leaves, and one line for everything that is wrong."""

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from safetensors.torch import load_file

from nebula import Nebula, Voice, sample
from nebula.distances.doppelganger.network import DoppelgangerNetwork
from nebula.evaluation.descriptors import NAMES

pytestmark = pytest.mark.slow


def process(*arguments):
    """Runs a command as users do."""
    command = [sys.executable, "-m", "nebula", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_render_writes_sounds_and_their_parameters(tmp_path):
    done = process(
        "render", "--nebula", "drum", "--seed", 9, "--count", 3, "--duration", 0.5, "--out", tmp_path / "a" / "b"
    )
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "a" / "b").iterdir())
    assert names == ["drum-09.flac", "drum-10.flac", "drum-11.flac", "parameters.csv"]
    expected = Voice(duration_seconds=0.5).play([10], Nebula.load("drum"))[0].numpy()
    audio, rate = soundfile.read(tmp_path / "a" / "b" / "drum-10.flac")
    assert rate == 44100
    # 24 bit: half a step of 2**-23, and the rounding of another batch size.
    np.testing.assert_allclose(audio, expected, atol=1e-4)
    with (tmp_path / "a" / "b" / "parameters.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["9", "10", "11"]
    np.testing.assert_allclose(float(rows[1]["vco_1.tuning"]), sample([10])[0, -10].item(), rtol=1e-6)


def test_render_says_before_what_many_sounds_take_and_ends_there_if_asked_to(done, tmp_path):
    options = ("--count", 10_000, "--sample-rate", 8000, "--duration", 0.02, "--format", "tar-npy", "--out")
    pattern = r"10000 sounds of 'default': about \d+ (s|min), [\d.]+ MB, [\d.]+ [GM]B are free\n"
    out, err = done("render", *options, tmp_path / "x" / "y", "--estimate")
    assert re.fullmatch(pattern, out)
    assert (err, list(tmp_path.iterdir())) == ("", [])
    out, err = done("render", *options, tmp_path / "x")
    assert out == f"10000 sounds of 'default' in {tmp_path / 'x'}\n"
    assert re.match(pattern + "rendering, 0 %\n", err)
    assert len(list((tmp_path / "x").iterdir())) == 10
    out, err = done("render", *options, tmp_path / "x", "--seed", 1, "--count", 2)
    assert err == ""


def test_compare_and_diversity_print_tables_and_json(done, percussion, tmp_path):
    content = json.loads(done("compare", "drum", "uniform", percussion, "--sounds", 8, "--trials", 4, "--json")[0])
    assert content["distance"] == "log-mel"
    assert len(content["items"]) == 6
    between = {(row["first"], row["second"]): row["mmd"] for row in content["items"]}
    assert between["drum", str(percussion)] < between["uniform", str(percussion)]
    assert [row["mmd"] for row in content["items"]] == sorted(row["mmd"] for row in content["items"])
    assert content["measure"] == "l1"
    violins = tmp_path / "violins.html"
    done("compare", "drum", percussion, "--sounds", 4, "--trials", 2, "--descriptors", violins)
    page = violins.read_text()
    assert page.count('"type":"violin"') == 2 * len(NAMES)
    assert [name for name in NAMES if f'"text":"{name}"' not in page] == []
    frechet, _ = done("compare", "drum", percussion, "--sounds", 4, "--trials", 2, "--measure", "frechet", "--json")
    assert set(json.loads(frechet)["items"][0]) == {
        *("first", "second", "frechet", "standard_deviation", "sounds", "trials")
    }
    table, _ = done("diversity", percussion, "--sounds", 8)
    assert str(percussion) in table
    assert "24" in table


def test_a_pool_wants_all_files_of_tls_or_none(refusal, percussion, tmp_path, monkeypatch):
    words = "TLS: got 1 of its files, expected --tls-ca, --tls-cert and --tls-key or none"
    monkeypatch.setenv("NEBULA_TLS_CA", "ca.pem")
    assert refusal("tune", "quickstart", "--out", tmp_path) == words
    assert refusal("match", percussion, "--out", tmp_path) == words


def test_tune_says_what_it_found_and_where(done, percussion, tmp_path, monkeypatch):
    spec = tmp_path / "s.toml"
    spec.write_text(
        'version = 1\nname = "tiny"\nobjective = "match"\nsounds_per_trial = 4\n[search]\n'
        '[[search.phases]]\nsampler = "random"\ntrials = 9\n[finalists]\ncount = 1\nrepeats = 2\n'
    )
    (tmp_path / "broken.wav").write_text("this is no sound")
    for source in sorted(percussion.iterdir())[:5]:
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    out, err = done("tune", spec, "--target", tmp_path, "--trials", 3, "--workers", 1)
    assert "MMD to the target" in out
    assert out.splitlines()[-2:] == ["runs/tiny/nebula.json", "runs/tiny/report.html"]
    assert "1 sounds of the target were skipped, the first: broken.wav: " in err
    assert "Traceback" not in err
    with (tmp_path / "runs" / "tiny" / "trials.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 3
    assert "<html" in (tmp_path / "runs" / "tiny" / "report.html").read_text()[:200]


def test_help_names_every_command(done):
    page, _ = done("--help")
    for command in ("render", "tune", "compare", "diversity", "evaluate", "weights", "serve", "worker", "key"):
        assert f"  {command} " in page
        assert f"nebula {command} " in done(command, "--help")[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "snare"), "'snare': no such folder, zip or sound file, and not a shipped nebula (default, drum, "),
        (("compare", "drum", "drum"), "names: got drum, drum, expected each one once"),
        (("diversity", "drum", "--distance", "x"), "distance: got 'x', expected one of "),
        (("diversity", "odd.json"), "nebula 'odd.json': no such file, and not one of those shipped (default, drum, "),
        (("render", "--out", "x", "--nebula", "snare"), "nebula 'snare': no such file, and not one of those shipped"),
        (
            ("render", "--out", "x", "--device", "harp"),
            "device: got 'harp', expected one that works here, such as 'cpu' (",
        ),
        (("render", "--out", "x", "--duration", "0"), "duration_seconds: got 0.0, expected a positive number"),
        (
            ("render", "--out", "x", "--seed", "4294967295", "--count", "2"),
            "count: got 2, expected at most 1 from seed 42949",
        ),
        (
            ("tune", "nothing.toml"),
            "spec 'nothing.toml': no such file, and not one of those shipped (diversity, drum, ",
        ),
        (("tune", "drum"), "spec 'drum': target: missing; name a corpus or nebula, or give --target"),
        (
            ("tune", "drum", "--target", "nowhere"),
            "'nowhere': no such folder, zip or sound file, and not a shipped nebula (",
        ),
        (("tune", "diversity", "--target", "drum"), "spec 'diversity': target: a study that diversifies has none"),
        (
            ("tune", "paper-drum", "--until-flat", "--target", "drum"),
            "spec 'paper-drum': search.phases.0.until_flat: got sampler 'random', expected auto or cma-es",
        ),
        (
            ("tune", "paper-drum", "--trials", "1", "--target", "drum"),
            "trials: got 1, expected at least 2, one for each",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(refusal, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal(*arguments).startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_bad_corpora_are_named(refusal, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert str(empty) in refusal("diversity", empty)
    (empty / "notes.txt").write_text("no sound")
    assert str(empty) in refusal("diversity", empty)
    (empty / "text.wav").write_text("no sound either")
    assert "text.wav" in refusal("diversity", empty)


def test_an_out_that_cannot_be_used_is_named(done, refusal, few_hits, tmp_path):
    spec = tmp_path / "s.toml"
    spec.write_text(
        'version = 1\nname = "tiny"\nobjective = "match"\nsounds_per_trial = 4\n[search]\n'
        '[[search.phases]]\nsampler = "random"\ntrials = 1\n[finalists]\ncount = 1\nrepeats = 2\n'
    )
    file = tmp_path / "file"
    file.write_text("in the way")
    message = refusal("tune", spec, "--target", few_hits, "--out", file)
    assert message == f"out '{file}': cannot be written (File exists)"
    out = tmp_path / "out"
    done("tune", spec, "--target", few_hits, "--out", out, "--workers", 1)
    message = refusal("tune", spec, "--target", few_hits, "--out", out, "--seed", 4)
    assert message == f"out '{out}': holds another study: seed: got 4, expected 0; choose another --out"
    assert refusal("tune", spec, "--target", few_hits, "--out", "/dev/full/x").startswith("out '/dev/full/x': ")


def with_a_full_disk(limit_bytes, *arguments):
    # A limit on file size stands in for a full disk: the system refuses the write in the same place.
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes}, {limit_bytes}));"
        f"sys.argv = ['nebula', *{list(map(str, arguments))!r}];"
        "from nebula.__main__ import main; main()"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False, env=environment
    )


def test_a_study_on_a_full_disk_ends_in_one_line_and_keeps_what_it_has(done, few_hits, tmp_path):
    spec = tmp_path / "s.toml"
    spec.write_text(
        'version = 1\nname = "tiny"\nobjective = "match"\nsounds_per_trial = 4\n[search]\n'
        '[[search.phases]]\nsampler = "random"\ntrials = 400\n[finalists]\ncount = 1\nrepeats = 2\n'
    )
    arguments = ("tune", spec, "--target", few_hits, "--out", tmp_path / "x", "--workers", 1)
    done(*arguments, "--trials", 2)
    ended = with_a_full_disk(250_000, *arguments)
    assert ended.returncode == 1
    # What it said of its progress stands before.
    *_, line = ended.stderr.splitlines()
    assert line.startswith(f"nebula: out '{tmp_path / 'x'}': study.db cannot be used (")
    database = sqlite3.connect(tmp_path / "x" / "study.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("SELECT count(*) FROM trials WHERE state = 'COMPLETE'").fetchone()[0] >= 2
    database.close()


def test_a_study_that_is_piped_says_how_far_it_is_and_names_its_rows_apart(few_hits, tmp_path):
    spec = tmp_path / "s.toml"
    spec.write_text(
        'version = 1\nname = "tiny"\nobjective = "match"\ntarget = "drum"\nsounds_per_trial = 4\n[search]\n'
        '[[search.phases]]\nsampler = "random"\ntrials = 2\n[finalists]\ncount = 1\nrepeats = 2\n'
    )
    ended = process("tune", spec, "--out", tmp_path / "x", "--workers", 1)
    assert ended.returncode == 0, ended.stderr
    stages = [line.partition(",")[0] for line in ended.stderr.splitlines()]
    wanted = ["hearing the target", "searching", "re-scoring the best", "asking classifiers"]
    assert list(dict.fromkeys(stages)) == [f"tiny: {stage}" for stage in wanted]
    assert "classifiers know 512 sounds of drum" in ended.stdout
    # The target itself, which is judged by halves, and the nebula of that name, drawn with other seeds.
    assert [line.split("│")[1].strip() for line in ended.stdout.splitlines() if "│ drum" in line] == [
        "drum, by halves",
        "drum",
    ]


def test_a_full_disk_is_one_line_and_leaves_no_half_file(tmp_path):
    done = with_a_full_disk(20_000, "render", "--out", tmp_path / "x", "--count", 1)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("File too large")
    assert list((tmp_path / "x").iterdir()) == []


def test_train_embedding_leaves_weights_that_the_network_takes(done, refusal, tmp_path):
    sizes = ("--steps", 2, "--block-chains", 64, "--validation-chains", 64, "--step-chains", 4)
    report = json.loads(done("train-embedding", "--out", tmp_path, *sizes, "--json")[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.pt", "weights.json", "weights.safetensors"]
    DoppelgangerNetwork().load_state_dict(load_file(report["weights"]))
    assert json.loads((tmp_path / "weights.json").read_text())["sha256"] == report["sha256"]
    message = f"checkpoint '{tmp_path / 'checkpoint.pt'}': steps is 2 there and 3 here; choose another folder"
    assert refusal("train-embedding", "--out", tmp_path, *sizes, "--steps", 3) == message
    assert refusal("train-embedding", "--out", tmp_path, "--block-chains", 100).endswith("expected a multiple of 64")


def test_statistics_travel_without_their_sounds(done, refusal, tmp_path, percussion):
    path = tmp_path / "set.npz"
    assert done("statistics", percussion, "--out", path)[0] == f"{path}\n"
    options = ("--against", path, "--json")
    same = json.loads(done("statistics", percussion, *options)[0])
    other = json.loads(done("statistics", "default", "--sounds", 8, *options)[0])
    # Of a covariance that lacks rank half the digits of double precision are left.
    assert same["frechet"] == pytest.approx(0, abs=1e-6 * other["frechet"])
    assert other["frechet"] > 0
    assert refusal("statistics", "drum") == "out: missing, and against too; give one of both"
    assert refusal("statistics", "drum", "--out", "x.npy") == "out: got 'x.npy', expected a name that ends in .npz"


def test_train_embedding_by_a_spec_leaves_a_distance(done, refusal, tmp_path):
    spec = tmp_path / "encoder.toml"
    sizes = "width = 2\nepochs = 1\nepoch_pairs = 20\nbatch_pairs = 9\nduration_seconds = 0.25\n"
    spec.write_text(f'version = 1\nname = "small"\n{sizes}')
    report = json.loads(done("train-embedding", spec, "--out", tmp_path / "encoder", "--seed", 3, "--json")[0])
    assert set(report["validation"]) == {"alignment", "uniformity", "found"}
    assert json.loads((tmp_path / "encoder" / "weights.json").read_text())["spec"]["seed"] == 3
    beside = refusal("train-embedding", spec, "--out", tmp_path / "encoder", "--steps", 3)
    assert beside == f"steps: got 3, expected what the spec '{spec}' says instead"


def test_what_a_file_of_torchsynth_leaves_out_comes_from_its_base(done, refusal, tmp_path):
    entries = [entry for entry in json.loads(Nebula.load("drum").to_json()) if entry["name"][0] == "keyboard"]
    partial = tmp_path / "keys.json"
    partial.write_text("\ufeff" + json.dumps(entries), encoding="utf-8")
    options = ("--nebula", partial, "--count", 1, "--duration", 0.5, "--out", tmp_path / "out")
    assert refusal("render", *options) == f"nebula {str(partial)!r}: adsr_1.attack curve is missing"
    done("render", *options, "--base", "default")
    drum, default = Nebula.load("drum"), Nebula.load("default")
    expected = Nebula(drum.curves[:2] + default.curves[2:], drum.symmetric[:2] + default.symmetric[2:])
    audio, _ = soundfile.read(tmp_path / "out" / "keys-0.flac")
    np.testing.assert_allclose(audio, Voice(duration_seconds=0.5).play([0], expected)[0].numpy(), atol=1e-4)
