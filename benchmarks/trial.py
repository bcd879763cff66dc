"""Where a trial's time goes, and whether a long study needs more memory than a short one. Writes trial.md.

    OMP_NUM_THREADS=1 python benchmarks/trial.py CORPUS

Takes some five minutes on two cores.
"""

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import torch

from nebula import Corpus, Nebula, distances
from nebula.tuning import StudySpec, tune
from nebula.tuning.objective import evaluate
from nebula.tuning.target import load_target

SOUNDS = (128, 256)
REPETITIONS = 11
LENGTHS = (100, 1000)


def stages(corpus: Path, sounds: int) -> dict[str, float]:
    """Median milliseconds of each stage of one evaluation in one single-threaded process."""
    distance = distances.get("log-mel")
    reference = load_target(Corpus.open(corpus), distance, 0).reference("l1")
    nebula = Nebula.load("default")
    taken: dict[str, list[float]] = {"render": [], "embed": [], "score": []}
    for repetition in range(REPETITIONS + 2):
        done = evaluate(nebula, range(repetition * sounds, (repetition + 1) * sounds), reference, distance)
        if repetition >= 2:
            for stage, seconds in (
                ("render", done.render_seconds),
                ("embed", done.embed_seconds),
                ("score", done.score_seconds),
            ):
                taken[stage].append(1e3 * seconds)
    return {stage: statistics.median(values) for stage, values in taken.items()}


def study(trials: int, sounds: int, target: str, connection: multiprocessing.connection.Connection) -> None:
    """Sends (seconds of the search, CPU seconds of the manager in it, its peak memory in MB) of one study."""
    spec = StudySpec.load("drum").with_changes({"sounds_per_trial": sounds, "finalists": {"count": 1, "repeats": 2}})
    marks: dict[str, tuple[float, float]] = {}

    def watch(progress) -> None:
        if progress.stage == "search":
            marks.setdefault("first", (time.perf_counter(), time.process_time()))
            marks["last"] = (time.perf_counter(), time.process_time())

    with tempfile.TemporaryDirectory() as out:
        tune(spec.with_trials(trials).with_changes({"target": target}), Path(out), watcher=watch)
    wall, cpu = (last - first for first, last in zip(marks["first"], marks["last"], strict=True))
    connection.send((wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def in_a_process_of_its_own(trials: int, sounds: int, target: str) -> tuple[float, float, float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=study, args=(trials, sounds, target, theirs))
    process.start()
    result = ours.recv()
    process.join()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    corpus = parser.parse_args().corpus
    torch.set_num_threads(1)
    lines = [
        "# A trial's time, a study's memory",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores; torch {version('torch')}, numba {version('numba')}, optuna "
        f"{version('optuna')}. `OMP_NUM_THREADS=1 python benchmarks/trial.py CORPUS`, log-mel, "
        f"{len(Corpus.open(corpus))} recordings in `{corpus.name}`.",
        "",
        f"## One evaluation, one thread, median of {REPETITIONS}",
        "",
        "| sounds | render, ms | embed, ms | score, ms | all but rendering and embedding |",
        "|---|---|---|---|---|",
    ]
    for sounds in SOUNDS:
        taken = stages(corpus, sounds)
        share = taken["score"] / sum(taken.values())
        lines.append(
            f"| {sounds} | {taken['render']:.0f} | {taken['embed']:.0f} | {taken['score']:.1f} | {100 * share:.1f} % |"
        )
    lines += [
        "",
        "## Whole studies, two workers",
        "",
        "The manager's share is its CPU time over that of all cores: proposing, keeping, and its side of the pool.",
        "Memory is the manager's peak; workers hold one block of sounds at a time.",
        "",
        "| trials | sounds a trial | seconds | manager's share | manager's peak memory, MB |",
        "|---|---|---|---|---|",
    ]
    for trials, sounds in ((100, 256), *((length, 8) for length in LENGTHS)):
        wall, cpu, memory = in_a_process_of_its_own(trials, sounds, str(corpus))
        share = cpu / (wall * (os.cpu_count() or 1))
        lines.append(f"| {trials:,} | {sounds} | {wall:.0f} | {100 * share:.1f} % | {memory:.0f} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
