"""What besides the distance persuades judges? Objectives and spaces against each other; writes persuasion.md.

    python benchmarks/persuasion.py CORPORA [--trials 200] [--sounds 64] [--seeds 3] [--out FOLDER]

CORPORA holds the folders percussion, pitched and broad. One half of each is there to tune by, and the other halves are
what the judges know. Every row spends the same sounds, by the search of `auto` from `uniform`, which credits each sound
for its influence on the log-mel MMD. Some rows credit it for something else beside, with the same weight:

- nearness: how near the next recording of the target is, which is precision beside recall;
- guide: how surely a classifier, which knows log-mel vectors of the halves to tune by, calls it percussion. The judges
  are of other kinds, know other recordings, and listen to other traits.

One row is what `nebula tune drum-near` finds, which credits nearness and re-scores its best; `drum-tuned`, which ships
with the package, is the one with seed 0. Two rows go on from the first one with as many sounds again, by CMA-ES: with
the symmetry flags, and without. Nebulae are kept; the same command again goes on.
"""

import argparse
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Reference, mmd_influence, nearest_distances
from nebula.embedding import draw, embed_corpus
from nebula.evaluation.judges import Judgement, judge_sounds
from nebula.tuning import StudySpec, Workers, tune
from nebula.tuning.generations import Generation
from nebula.tuning.gradient import Gradient
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.space import Space

DISTANCE = distances.get("log-mel")
CORPORA = ("percussion", "pitched", "broad")
WIDE, NARROW = (0.01, 100.0), (0.1, 10.0)
#: What rows are judged beside.
HAND_MADE = {"default": "default", "drum": "drum, made by hand"}
#: Away from every stream of seeds that a study uses.
JUDGING_SEED = 20_260_001

Vectors = np.ndarray
#: What each of some sounds loses, beside its influence on the MMD.
Penalty = Callable[[Vectors], np.ndarray]


def spec_of(name: str, seed: int, trials: int, sounds: int, **search: object) -> StudySpec:
    return StudySpec.parse(
        {
            "version": 1,
            "name": name,
            "objective": "match",
            "sounds_per_trial": sounds,
            "seed": seed,
            "search": {"start": "uniform", **search},
            "finalists": {"count": 3, "repeats": 4},
        }
    )


def descend(spec: StudySpec, reference: Reference, penalties: list[Penalty]) -> Nebula:
    """Returns the centre of the search of `auto`, each sound being credited with penalties too."""
    space = Space.of(spec)
    gradient = Gradient(space, space.point(space.start))
    history: list[Generation] = []
    for number in range(spec.trials // gradient.generation_size):
        points = gradient.propose(history)
        dealt = draw_seeds(spec.seed, Purpose.SEARCH, number, spec.sounds_per_trial * len(points))
        seeds = tuple(tuple(part) for part in np.reshape(dealt, (len(points), -1)).tolist())
        nebula = space.nebula(points[0])
        influences = []
        for part in seeds:
            vectors = draw(nebula, part, DISTANCE).vectors
            losses = [mmd_influence(vectors, reference).numpy(), *(penalty(vectors.numpy()) for penalty in penalties)]
            influences.append(sum((loss - loss.mean()) / max(float(loss.std()), 1e-12) for loss in losses))
        history.append(Generation(points, np.zeros(len(points)), seeds, np.stack(influences)))
    return space.nebula(gradient.centre(history), spec.name)


def nearness(target: Vectors) -> Penalty:
    """How far the next recording is."""
    return lambda vectors: nearest_distances(torch.from_numpy(vectors), torch.from_numpy(target)).numpy()


def guide(target: Vectors, others: Vectors) -> Penalty:
    """How surely a classifier denies that it is the target."""
    classifier = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", C=0.01, max_iter=1000))
    classifier.fit(np.concatenate([target, others]), np.repeat([1, 0], [len(target), len(others)]))
    return lambda vectors: -classifier.decision_function(vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--sounds", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/persuasion"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    halves = {name: Corpus.open(arguments.corpora / name).split() for name in CORPORA}
    vectors = {name: embed_corpus(seen, DISTANCE).numpy() for name, (seen, _) in halves.items()}
    reference = Reference(torch.from_numpy(vectors["percussion"]))
    near = nearness(vectors["percussion"])
    guided = guide(vectors["percussion"], np.concatenate([vectors[name] for name in CORPORA[1:]]))

    def found(row: str, seed: int, make: Callable[[StudySpec], Nebula], **search: object) -> Nebula:
        spec = spec_of(f"{row} {seed}", seed, arguments.trials, arguments.sounds, **search)
        path = arguments.out / f"{spec.name}, {arguments.trials} x {arguments.sounds}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            make(spec).save(path)
            print(spec.name, flush=True)
        return Nebula.load(path)

    def descended(row: str, seed: int, penalties: list[Penalty], curve_range: tuple[float, float] = WIDE) -> Nebula:
        phases = [{"sampler": "auto", "trials": arguments.trials}]
        return found(
            row, seed, lambda spec: descend(spec, reference, penalties), phases=phases, curve_range=curve_range
        )

    def went_on(row: str, seed: int, start: Nebula, what: str) -> Nebula:
        def make(spec: StudySpec) -> Nebula:
            folder = arguments.out / f"{spec.name}, {arguments.trials} x {arguments.sounds}"
            seen = halves["percussion"][0]
            return tune(spec, folder, target=seen, start=start, workers=Workers(arguments.workers)).winner.nebula

        phases = [{"sampler": "cma-es", "trials": arguments.trials}]
        return found(row, seed, make, phases=phases, curve_range=WIDE, tune=what)

    def shipped(seed: int) -> Nebula:
        spec = StudySpec.load("drum-near").with_changes({"seed": seed})
        folder = arguments.out / f"{spec.name} {seed}"
        # Left last by a finished study.
        if not (folder / "nebula.json").exists():
            tune(spec, folder, target=halves["percussion"][0], workers=Workers(arguments.workers))
        return Nebula.load(folder / "nebula.json")

    rows: dict[str, list[Nebula]] = {}
    for seed in range(arguments.seeds):
        plain = descended("distance", seed, [])
        for row, nebula in {
            "distance alone": plain,
            "distance alone, curves from 0.1 to 10": descended("narrow", seed, [], NARROW),
            "distance and nearness": descended("nearness", seed, [near]),
            "distance and nearness, by `nebula tune drum-near`": shipped(seed),
            "distance and twice nearness": descended("twice", seed, [near, near]),
            "distance and guide": descended("guide", seed, [guided]),
            "distance, nearness and guide": descended("both", seed, [near, guided]),
            "distance alone, then CMA-ES": went_on("curves", seed, plain, "curves"),
            "distance alone, then CMA-ES with symmetry": went_on("symmetry", seed, plain, "curves+symmetry"),
        }.items():
            rows.setdefault(row, []).append(nebula)
    write(arguments, halves, rows)


def write(arguments: argparse.Namespace, halves: dict[str, tuple], rows: dict[str, list[Nebula]]) -> None:
    rows = rows | {label: [Nebula.load(name)] for name, label in HAND_MADE.items()}
    held_out = halves["percussion"][1]
    sources = {f"{row} {seed}": nebula for row, found in rows.items() for seed, nebula in enumerate(found)}
    others = [halves[name][1] for name in CORPORA[1:]]
    check = judge_sounds(sources, held_out, others, sounds=len(held_out), seed=JUDGING_SEED)
    judged = {judgement.name: judgement for judgement in check.judgements}
    reference = Reference(embed_corpus(held_out, DISTANCE))
    lines = [
        "# What besides the distance persuades judges",
        "",
        f"`python benchmarks/persuasion.py CORPORA --trials {arguments.trials} --sounds {arguments.sounds} --seeds "
        f"{arguments.seeds}` on {platform.machine()}, torch {version('torch')}, cmaes {version('cmaes')}, scikit-learn "
        f"{version('scikit-learn')}.",
        "",
        f"Tuned to {len(halves['percussion'][0])} recordings of percussion: `auto` from `uniform`, {arguments.trials} "
        f"trials of {arguments.sounds} sounds, the centre of the search. Judged by classifiers that know "
        f"{check.recordings} other recordings of percussion and {check.other_recordings} of pitched and broad sounds, "
        f"none of which the guide knows; held out, they take {check.recognised.mean:.0%} of the first and "
        f"{check.mistaken.mean:.0%} of the others for percussion. MMD: log-mel, to the recordings that the tuning did "
        "not see. Mean, and range over the seeds of tuning.",
        "",
        "| objective | MMD | taken for percussion | told from recordings | precision | recall | coverage |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, found in rows.items():
        verdicts = [judged[f"{row} {seed}"] for seed in range(len(found))]
        cells = [
            written([float(reference.mmd(drawn(nebula))) for nebula in found]),
            written([verdict.share.mean for verdict in verdicts]),
            written([verdict.told_apart.mean for verdict in verdicts]),
            *(fidelity(verdicts, part) for part in ("precision", "recall", "coverage")),
        ]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def fidelity(verdicts: list[Judgement], part: str) -> str:
    return written([getattr(verdict.fidelity, part).mean for verdict in verdicts])


def drawn(nebula: Nebula) -> object:
    seeds = np.random.SeedSequence([JUDGING_SEED, 0]).generate_state(2048, np.uint32).tolist()
    return draw(nebula, seeds, DISTANCE).vectors


def written(values: list[float]) -> str:
    return f"{np.mean(values):.2f}" + (f" ({min(values):.2f} to {max(values):.2f})" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
