"""The main job on real processes: the `nebula` command, Dask workers, an Optuna storage; killed, stopped, continued."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from itertools import pairwise

import optuna
import pytest
from distributed import LocalCluster
from interrupts import hear_interrupts
from workers import workers_below

from nebula import Corpus, Nebula, distances
from nebula.errors import ArgumentError, CorpusError, SpecError, StudyError, SynthError
from nebula.matching import Effort
from nebula.tuning import ImportanceFound, StudySpec, Workers, tune
from nebula.tuning.matching import Searches

pytestmark = pytest.mark.slow

TRIALS = 44
SPEC = f"""
version = 1
name = "small"
objective = "match"
sounds_per_trial = 8
seed = 5
[search]
start = "default"
[[search.phases]]
sampler = "random"
trials = 4
[[search.phases]]
sampler = "cma-es"
trials = {TRIALS - 4}
[finalists]
count = 3
repeats = 3
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "small.toml"
    path.write_text(SPEC)
    return path


def command(spec, target, out, *more):
    arguments = ["tune", str(spec), "--target", str(target), "--out", str(out), *more]
    return [sys.executable, "-m", "nebula", *arguments]


def finish(spec, target, out, *more):
    run = subprocess.run(command(spec, target, out, *more), capture_output=True, text=True, timeout=900, check=False)
    assert run.returncode == 0, run.stderr
    return run


def trials(out, name="small"):
    return optuna.load_study(study_name=name, storage=f"sqlite:///{out}/study.db").get_trials(deepcopy=False)


def wait_for_trials(out, count, process):
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline and process.poll() is None:
        # By hand, since loading the study takes longer than some trials.
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{out}/study.db?mode=ro", uri=True)) as database,
        ):
            if database.execute("SELECT count(*) FROM trials").fetchone()[0] >= count:
                return
        time.sleep(0.02)
    pytest.fail(f"the study did not reach {count} trials: {process.poll()}")


@pytest.fixture(scope="module")
def undisturbed(spec, few_hits, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    finish(spec, few_hits, out, "--workers", "2")
    return out


def assert_same_study(out, undisturbed):
    assert (out / "nebula.json").read_bytes() == (undisturbed / "nebula.json").read_bytes()
    found = trials(out)
    assert [trial.state for trial in found] == [optuna.trial.TrialState.COMPLETE] * TRIALS
    assert scores(out) == scores(undisturbed)


def scores(out):
    with (out / "trials.csv").open() as file:
        return [(row["generation"], row["candidate"], row["score"]) for row in csv.DictReader(file)]


def test_a_study_leaves_its_files(undisturbed):
    names = {path.name for path in undisturbed.iterdir() if not path.name.startswith(".")}
    assert names == {"nebula.json", "nebula.provenance.json", "study.db", "trials.csv", "report.html"}
    made = json.loads((undisturbed / "nebula.provenance.json").read_text())
    assert made["target"]["sounds"] == 8
    # Trials, then three finalists, the centre and the start, three times each.
    assert made["sounds_rendered"] == (TRIALS + 5 * 3) * 8
    assert made["winner"]["score_on_fresh_seeds"] <= made["start"]["score_on_fresh_seeds"]
    assert Nebula.load(undisturbed / "nebula.json").curves
    assert made["listener"] == "target: got 8 different recordings, expected 12 or more"
    found = scores(undisturbed)
    assert len(found) == TRIALS
    assert [(int(g), int(c)) for g, c, _ in found[:5]] == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]
    best = min(float(score) for _, _, score in found)
    assert best < float(found[0][2])


def test_judges_are_asked_about_what_was_found(spec, percussion, tmp_path):
    finish(spec, percussion, tmp_path, "--workers", "2", "--others", str(percussion))
    made = json.loads((tmp_path / "nebula.provenance.json").read_text())
    # The others are the target itself, so nothing tells which of the two a sound is.
    check = made["listener"]
    assert (check["recordings"], check["others"], check["other_recordings"]) == (24, [percussion.name], 24)
    assert made["spec"]["others"] == [percussion.name]
    assert [row["name"] for row in check["judgements"]] == [percussion.name, "tuned", "start, default", "drum"]
    assert check["recognised"]["mean"] < 0.8


def test_judges_know_what_was_held_out_of_the_target(spec, percussion, tmp_path):
    corpus = Corpus.open(percussion)
    study = StudySpec.load(spec).with_changes({"hold_out": "group"}).with_trials(2)
    outcome = tune(study, tmp_path, target=corpus, others=[corpus], workers=Workers(1))
    seen, held_out = corpus.split(seed=study.seed)
    assert outcome.target.fingerprint == seen.fingerprint()
    assert (outcome.judging.target, outcome.judging.recordings) == (held_out.name, len(held_out))


def test_one_worker_gives_the_nebula_that_two_give(undisturbed, spec, few_hits, tmp_path):
    finish(spec, few_hits, tmp_path, "--workers", "1")
    assert_same_study(tmp_path, undisturbed)


def test_a_finished_study_is_shown_again_without_new_trials(undisturbed, spec, few_hits):
    before = (undisturbed / "nebula.json").read_bytes()
    shown = json.loads(finish(spec, few_hits, undisturbed, "--json").stdout)
    assert shown["trials"] == TRIALS
    assert (undisturbed / "nebula.json").read_bytes() == before


def test_kill_9_at_any_moment_loses_nothing(undisturbed, spec, few_hits, tmp_path):
    for count in (1, 13, 30):
        process = subprocess.Popen(
            command(spec, few_hits, tmp_path, "--workers", "2"), stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for_trials(tmp_path, count, process)
        # At once: to load the study first takes so long that it may be over.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert len(trials(tmp_path)) >= count
    assert not (tmp_path / "nebula.json").exists()
    finish(spec, few_hits, tmp_path, "--workers", "2")
    assert_same_study(tmp_path, undisturbed)


def test_a_killed_worker_costs_a_repeat_and_nothing_else(undisturbed, spec, few_hits, tmp_path):
    process = subprocess.Popen(command(spec, few_hits, tmp_path, "--workers", "2"), stderr=subprocess.DEVNULL)
    for count in (3, 20):
        wait_for_trials(tmp_path, count, process)
        workers = workers_below(process.pid)
        assert workers
        workers[0].kill()
    assert process.wait(900) == 0
    assert_same_study(tmp_path, undisturbed)


def test_a_worker_killed_while_it_starts_is_started_again(undisturbed, spec, few_hits, tmp_path):
    process = subprocess.Popen(
        command(spec, few_hits, tmp_path, "--workers", "1"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    wait_for_trials(tmp_path, 3, process)
    known = set()
    for _ in range(3):
        # The first one has long been running, the next ones have only just been started.
        (worker,) = wait_for_workers(process, known)
        known.add(worker)
        worker.kill()
    assert process.wait(900) == 0
    assert_same_study(tmp_path, undisturbed)


def wait_for_workers(process, known):
    while True:
        found = [worker for worker in workers_below(process.pid) if worker not in known]
        if found:
            return found


def test_ctrl_c_stops_with_a_word_and_the_same_command_continues(few_hits, tmp_path):
    # Trials large enough that the study is still under way when the signal arrives.
    spec = tmp_path / "large.toml"
    spec.write_text(SPEC.replace("sounds_per_trial = 8", "sounds_per_trial = 128"))
    process = subprocess.Popen(
        command(spec, few_hits, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )
    wait_for_trials(tmp_path, 5, process)
    # A terminal sends it to the whole group, workers included.
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=900)
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == (
        f"nebula: stopped; finished trials are kept in {tmp_path}, the same command continues"
    )
    assert 5 <= len(trials(tmp_path)) < TRIALS
    finish(spec, few_hits, tmp_path)
    assert [trial.state for trial in trials(tmp_path)] == [optuna.trial.TrialState.COMPLETE] * TRIALS


def test_a_running_dask_scheduler_serves_as_pool(undisturbed, spec, few_hits, tmp_path):
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        finish(spec, few_hits, tmp_path, "--scheduler", cluster.scheduler_address)
    assert_same_study(tmp_path, undisturbed)


def test_a_scheduler_that_does_not_answer_is_named(few_hits, tmp_path):
    spec = StudySpec.from_toml(SPEC).with_changes({"target": str(few_hits)})
    with pytest.raises(StudyError, match=r"^scheduler 'carrier-pigeon://x': cannot be reached within 30 s$"):
        tune(spec, tmp_path, workers=Workers(scheduler="carrier-pigeon://x"))


def test_a_synth_that_cannot_play_ends_a_study_before_it_begins(few_hits, tmp_path, monkeypatch):
    study = StudySpec.load("drum").with_synth("dx7")
    with pytest.raises(ArgumentError, match=r"^device: got 'meta', expected 'cpu', where alone dx7 plays$"):
        tune(study, tmp_path / "study", target=Corpus.open(few_hits), workers=Workers(device="meta"))
    monkeypatch.setitem(sys.modules, "dexed", None)
    with pytest.raises(SynthError, match=r"pip install 'nebula\[dx7\]'$"):
        tune(study, tmp_path / "study", target=Corpus.open(few_hits))
    with pytest.raises(SynthError, match=r"pip install 'nebula\[dx7\]'$"):
        Searches("dx7", distances.get("log-mel"), Effort())
    assert not list(tmp_path.iterdir())


def test_a_longer_study_goes_on_from_a_shorter_one(undisturbed, few_hits, tmp_path):
    longer = StudySpec.from_toml(SPEC).model_dump()
    shorter = StudySpec.parse({**longer, "search": _with_last_phase(longer["search"], 25)})
    tune(shorter.with_changes({"target": str(few_hits)}), tmp_path, workers=Workers(1))
    outcome = tune(StudySpec.from_toml(SPEC).with_changes({"target": str(few_hits)}), tmp_path, workers=Workers(1))
    assert len(outcome.entries) == TRIALS
    assert_same_study(tmp_path, undisturbed)


def _with_last_phase(search, trials_wanted):
    *phases, last = search["phases"]
    return {**search, "phases": (*phases, {**last, "trials": trials_wanted})}


@pytest.mark.parametrize("objective", ["match", "diversify"])
def test_a_search_that_credits_sounds_is_the_same_however_it_runs(objective, few_hits, tmp_path):
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": "auto",
            "objective": objective,
            "sounds_per_trial": 8,
            "search": {"start": "uniform", "phases": [{"sampler": "auto", "trials": 11}]},
            "finalists": {"count": 3, "repeats": 2},
        }
    ).with_changes({"target": str(few_hits)} if objective == "match" else {})
    whole = tune(spec, tmp_path / "whole", workers=Workers(1))
    for last in (3, 8):

        def stop(progress, last=last):
            if progress.stage == "search" and progress.done >= last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            tune(spec, tmp_path / "parts", workers=Workers(2), watcher=stop)
    tune(spec, tmp_path / "parts", workers=Workers(2))
    assert scores(tmp_path / "parts") == scores(tmp_path / "whole")
    found = [(tmp_path / out / "nebula.json").read_bytes() for out in ("whole", "parts")]
    assert found[0] == found[1]
    # Candidates of a generation are one nebula on different sounds, and a finalist is re-scored once.
    pairs = [whole.entries[first : first + 2] for first in range(0, 10, 2)]
    assert all(one.nebula == other.nebula and one.score != other.score for one, other in pairs)
    assert len({finalist.nebula for finalist in whole.finalists}) == len(whole.finalists)


@pytest.mark.parametrize("sampler", ["sobol", "tpe", "gp"])
def test_every_sampler_runs_and_diversity_grows(sampler, tmp_path):
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": sampler,
            "objective": "diversify",
            "sounds_per_trial": 8,
            "search": {"tune": "curves+symmetry", "phases": [{"sampler": sampler, "trials": 6}]},
            "finalists": {"count": 1, "repeats": 2},
        }
    )
    seen = []
    outcome = tune(spec, tmp_path, workers=Workers(2), watcher=seen.append)
    assert [progress.done for progress in seen if progress.stage == "search"] == [0, 1, 2, 3, 4, 5, 6]
    assert outcome.winner.mean == max(finalist.mean for finalist in outcome.finalists)
    assert outcome.winner.mean >= outcome.start.mean
    assert seen[-1].best == outcome.winner.mean


def test_what_matters_is_told_whenever_there_are_twice_as_many_trials_and_when_the_search_ends(few_hits, tmp_path):
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": "small",
            "objective": "match",
            "sounds_per_trial": 4,
            "search": {"frozen": ["adsr_*", "lfo_*", "mod_matrix.*"], "phases": [{"sampler": "sobol", "trials": 45}]},
            "finalists": {"count": 1, "repeats": 2},
        }
    )
    told = []

    def note(progress):
        if isinstance(progress.event, ImportanceFound):
            told.append((progress.done, progress.event.shares))

    outcome = tune(spec, tmp_path, target=Corpus.open(few_hits), workers=Workers(1), watcher=note)
    *during, (last, importance) = told
    counts = [done for done, _ in during]
    assert counts[0] >= 20
    assert all(later >= 2 * earlier for earlier, later in pairwise(counts))
    assert (last, importance) == (45, outcome.importance)
    for _, shares in told:
        assert sum(shares.values()) == pytest.approx(1)
        assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_a_study_without_what_it_needs_does_not_begin(percussion, tmp_path):
    spec = StudySpec.from_toml(SPEC)
    with pytest.raises(SpecError, match=r"^spec 'small': target: missing; name a corpus or nebula, or give --target$"):
        tune(spec, tmp_path / "out")
    with pytest.raises(CorpusError, match=r"^'nowhere': no such folder, zip or sound file, and not a shipped nebula"):
        tune(spec.with_changes({"target": "nowhere"}), tmp_path / "out")
    held = spec.with_changes({"hold_out": "corpus"})
    with pytest.raises(SpecError) as rendered:
        tune(held.with_changes({"target": "drum"}), tmp_path / "out")
    assert str(rendered.value) == (
        "spec 'small': hold_out: got 'corpus' for a target that is a nebula, expected recordings"
    )
    with pytest.raises(
        SpecError, match=r"^spec 'small': hold_out: got 'corpus', expected a label that every sound has; "
    ):
        tune(held, tmp_path / "out", target=Corpus.open(percussion))
    assert not (tmp_path / "out").exists()
