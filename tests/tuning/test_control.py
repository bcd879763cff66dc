"""What others may do to a running study, on a real pool: leave it, finish it early, hold it back, fail its trials."""

import io
import json
import sys
import textwrap
from collections import Counter
from dataclasses import replace

import optuna
import pytest
import soundfile
from optuna.artifacts import FileSystemArtifactStore, get_all_artifact_meta

from nebula import Corpus, Nebula
from nebula.errors import StudyError, StudyInterrupted
from nebula.tuning import (
    Control,
    Failure,
    Rescored,
    Storage,
    StudySpec,
    Tls,
    TrialFinished,
    TrialsKept,
    Workers,
    tune,
)
from nebula.tuning.cluster import local_cluster

pytestmark = pytest.mark.slow

TRIALS = 30


def make_spec(**changes):
    return StudySpec.parse(
        {
            "version": 1,
            "name": "small",
            "objective": "match",
            "sounds_per_trial": 4,
            "search": {
                "frozen": ["adsr_*", "lfo_*", "mod_matrix.*"],
                "phases": [{"sampler": "random", "trials": 10}, {"sampler": "cma-es", "trials": TRIALS - 10}],
            },
            "finalists": {"count": 2, "repeats": 2},
            **changes,
        }
    )


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """A folder from which this process and its workers can import."""
    folder = tmp_path_factory.mktemp("modules")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        sys.path.insert(0, str(folder))
        yield folder
        sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def scheduler(modules):
    tls = Tls.temporary()
    with local_cluster(tls, 2) as cluster:
        yield Workers(scheduler=cluster.scheduler_address, tls=tls)


@pytest.fixture(scope="module")
def target(few_hits):
    return Corpus.open(few_hits)


@pytest.fixture(scope="module")
def undisturbed(scheduler, target, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    tune(make_spec(), folder, target=target, workers=scheduler)
    return (folder / "nebula.json").read_bytes()


def tune_and_leave(moment, spec, folder, target, workers):
    """Runs a study until so many of its trials are finished, and asks it to let go then."""
    control = Control()

    def leave(progress):
        if isinstance(progress.event, TrialFinished) and progress.done >= moment:
            control.leave()

    with pytest.raises(StudyInterrupted):
        tune(spec, folder, target=target, workers=workers, control=control, watcher=leave)


def test_a_study_lets_go_while_a_trial_takes_minutes(scheduler, target, tmp_path):
    control = Control()

    def leave_when_it_begins(progress):
        if progress.stage == "search":
            control.leave()

    # Some minutes a trial: that it ends at all, before the patience of whoever runs the tests does, is the test.
    spec = make_spec(sounds_per_trial=100_000)
    with pytest.raises(StudyInterrupted, match=r"^the study was asked to let go; what is finished is kept$"):
        tune(spec, tmp_path, target=target, workers=scheduler, control=control, watcher=leave_when_it_begins)
    # Its workers are free for the next study.
    outcome = tune(make_spec(), tmp_path / "next", target=target, workers=scheduler)
    assert len(outcome.entries) == TRIALS


def test_a_study_until_flat_ends_by_itself_and_is_the_same_after_interruptions(scheduler, target, tmp_path):
    # Within a thousandth of where it begins nothing can be gained.
    phases = [{"sampler": "auto", "trials": "until-flat", "at_most": 1000}]
    search = {"frozen": ["adsr_*", "lfo_*", "mod_matrix.*"], "curve_range": [0.999, 1.001], "phases": phases}
    spec = make_spec(search=search)
    whole = tune(spec, tmp_path / "whole", target=target, workers=scheduler)
    # Looks are after 48, 72, 108 ... generations of two.
    assert len(whole.entries) in {96, 144, 216, 324}
    assert whole.flat_trial == len(whole.entries) // 2 + 1
    for moment in (30, 95):
        tune_and_leave(moment, spec, tmp_path / "left", target, scheduler)
    tune(spec, tmp_path / "left", target=target, workers=scheduler)
    # A study that ended is shown again, and a higher cap does not make it longer.
    longer = tune(spec.with_trials(2000), tmp_path / "left", target=target, workers=scheduler)
    assert [entry.score for entry in longer.entries] == [entry.score for entry in whole.entries]
    for folder in ("whole", "left"):
        made = json.loads((tmp_path / folder / "nebula.provenance.json").read_text())
        assert (made["trials"], made["flat_since_trial"]) == (len(whole.entries), whole.flat_trial)
    assert (tmp_path / "left" / "nebula.json").read_bytes() == (tmp_path / "whole" / "nebula.json").read_bytes()
    said = f"Scores were flat since trial {whole.flat_trial}, "
    assert said in (tmp_path / "whole" / "report.html").read_text()


def test_a_study_that_was_left_goes_on_to_the_same_nebula(scheduler, undisturbed, target, tmp_path):
    for moment in (3, 17):
        tune_and_leave(moment, make_spec(), tmp_path, target, scheduler)
        assert not (tmp_path / "nebula.json").exists()
    tune(make_spec(), tmp_path, target=target, workers=scheduler)
    assert (tmp_path / "nebula.json").read_bytes() == undisturbed


def test_a_study_that_is_to_finish_rescores_what_it_has_and_writes_results(scheduler, target, tmp_path):
    control = Control(share=2)
    origins = []

    def finish(progress):
        if isinstance(progress.event, TrialFinished) and progress.done == 13:
            control.finish()
        if isinstance(progress.event, Rescored) and progress.event.finalist is not None:
            origins.append(progress.event.finalist.origin)

    outcome = tune(make_spec(), tmp_path, target=target, workers=scheduler, control=control, watcher=finish)
    # At most the two that were in the pool came after.
    assert 13 <= len(outcome.entries) <= 15
    best = sorted(outcome.entries, key=lambda entry: entry.score)[:2]
    assert sorted(origins) == sorted(
        [*(f"trial {entry.generation}.{entry.candidate}" for entry in best), "centre", "start"]
    )
    assert Nebula.load(tmp_path / "nebula.json").curves == outcome.winner.nebula.curves
    assert (tmp_path / "report.html").exists()


def test_a_study_that_is_to_finish_asks_no_classifiers(scheduler, target, tmp_path):
    for when in ("finalists", "listener"):
        control, asked = Control(), []

        def finish(progress, control=control, asked=asked, when=when):
            if progress.stage == when:
                control.finish()
            if progress.stage == "listener":
                asked.append((progress.done, progress.total))

        spec = make_spec()
        outcome = tune(spec, tmp_path / when, target=target, workers=scheduler, control=control, watcher=finish)
        assert outcome.judging == "the study was asked to finish before they were"
        # Told once that the stage begins, and gone no further.
        assert asked == ([] if when == "finalists" else [(0, 1)])
        assert len(outcome.entries) == spec.trials


def test_a_study_that_is_to_finish_before_its_first_trial_has_nothing_to_rescore(scheduler, target, tmp_path):
    control = Control()
    control.finish()
    with pytest.raises(StudyInterrupted, match=r"^the study was asked to finish before its first trial$"):
        tune(make_spec(), tmp_path, target=target, workers=scheduler, control=control)


def test_a_share_of_one_scores_one_after_the_other(scheduler, undisturbed, target, tmp_path):
    seen = []

    def note(progress):
        if isinstance(progress.event, TrialFinished):
            seen.append((progress.event.entry.generation, progress.event.entry.candidate))

    tune(make_spec(), tmp_path, target=target, workers=scheduler, control=Control(share=1), watcher=note)
    assert seen == sorted(seen)
    assert (tmp_path / "nebula.json").read_bytes() == undisturbed


REASON = "DistanceError: hear:flaky_hear: get_scene_embeddings failed: RuntimeError: out of memory"


@pytest.fixture(scope="module")
def flaky(modules):
    """A distance that fails while there are files in a folder, each once; returns the folder."""
    faults = modules / "faults"
    faults.mkdir()
    (modules / "flaky_hear.py").write_text(
        textwrap.dedent(f"""
        from pathlib import Path
        import torch

        class Model(torch.nn.Module):
            sample_rate = 16000
            scene_embedding_size = timestamp_embedding_size = 8

        def load_model(path=""):
            return Model()

        def get_scene_embeddings(audio, model):
            for fault in sorted(Path({str(faults)!r}).iterdir()):
                try:
                    fault.unlink()
                except FileNotFoundError:
                    continue
                raise RuntimeError("out of memory")
            return audio.abs()[:, : 8000 * 8].reshape(len(audio), 8, -1).mean(-1)

        def get_timestamp_embeddings(audio, model):
            raise NotImplementedError
        """)
    )
    return faults


def test_a_trial_that_fails_is_told_and_tried_again(scheduler, flaky, target, tmp_path):
    spec = make_spec(distance="hear:flaky_hear")
    failures = []

    def break_then_note(progress):
        if isinstance(progress.event, TrialsKept):
            for number in range(2):
                (flaky / str(number)).touch()
        if isinstance(progress.event, Failure):
            failures.append(progress.event)

    broken = tune(spec, tmp_path / "a", target=target, workers=scheduler, watcher=break_then_note)
    assert [failure.reason for failure in failures] == [REASON] * 2
    assert all(failure.worker.startswith("tls://") for failure in failures)
    whole = tune(spec, tmp_path / "b", target=target, workers=scheduler)
    assert broken.winner.nebula == whole.winner.nebula
    assert Counter((e.generation, e.candidate) for e in broken.entries) == Counter(
        (e.generation, e.candidate) for e in whole.entries
    )


def test_a_study_is_given_up_after_the_allowed_failures_with_the_last_reason(scheduler, flaky, target, tmp_path):
    spec = make_spec(distance="hear:flaky_hear")

    def break_for_good(progress):
        if progress.stage == "search":
            for number in range(20):
                (flaky / str(number)).touch()

    words = rf"scoring failed \({REASON}\); given up after 3 failed trials, 2 allowed$"
    with pytest.raises(StudyError, match=rf"^trial \d+\.\d+: {words}"):
        tune(spec, tmp_path, target=target, workers=replace(scheduler, failures_allowed=2), watcher=break_for_good)
    for fault in flaky.iterdir():
        fault.unlink()


def test_studies_of_one_name_share_a_storage_and_their_best_can_be_heard(scheduler, undisturbed, target, tmp_path):
    storage, shelf = f"sqlite:///{tmp_path / 'all.db'}", tmp_path / "artifacts"
    for identity, seed in (("small a", 0), ("small b", 1)):
        tune(
            make_spec(seed=seed),
            tmp_path / identity,
            target=target,
            workers=scheduler,
            storage=Storage(storage, identity, shelf),
        )
    assert (tmp_path / "small a" / "nebula.json").read_bytes() == undisturbed
    assert not (tmp_path / "small a" / "study.db").exists()
    opened = optuna.storages.RDBStorage(storage)
    store = FileSystemArtifactStore(shelf)
    for identity in ("small a", "small b"):
        trials = optuna.load_study(study_name=identity, storage=opened).trials
        assert [trial.state for trial in trials] == [optuna.trial.TrialState.COMPLETE] * TRIALS
        best = float("inf")
        for trial in trials:
            found = get_all_artifact_meta(trial, storage=opened)
            # Three sounds beside each trial that was better than all before it, none beside the others.
            assert len(found) == (3 if trial.value < best else 0)
            best = min(best, trial.value)
            for meta in found:
                assert meta.mimetype == "audio/flac"
                with store.open_reader(meta.artifact_id) as file:
                    audio, rate = soundfile.read(io.BytesIO(file.read()))
                assert (len(audio), rate) == (4 * 44100, 44100)
    opened.engine.dispose()
