"""Does tuning carry over to recordings that it never saw, and how soon? Writes held_out.md.

    python benchmarks/held_out.py CORPUS [--spec drum] [--trials 20 200] [--then drum-correlated] [--out runs/held-out]

The corpus is cut in half by `Corpus.split`; takes of the same hit stay on one side. The spec is tuned on one half, once
with each number of trials, and what `--then` names goes on from the last of them, on the same half. The nebulae found
are scored on the other half with fresh seeds, beside the default and the hand-made drum nebula. They are left in the
out folder; a study that is there already is not timed again, so that its time is not known.
"""

import argparse
import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Interval, Reference, mean_interval
from nebula.embedding import draw, embed_corpus
from nebula.tuning import StudySpec, Workers, tune

SETS = 8
SOUNDS = 512
#: Away from every stream of seeds that a study uses: those start with the study's seed, 0 in the shipped specs.
SCORING_SEED = 20_260_000
PAPER_SOUNDS = 256_000


@dataclass(frozen=True)
class Row:
    """A nebula, and for one that was tuned what that took: sounds rendered, finalists included, and seconds."""

    label: str
    nebula: Nebula
    sounds: int | None = None
    seconds: float | None = None

    @property
    def cost(self) -> str:
        """Cells of the table."""
        if self.sounds is None:
            return "– | – | –"
        seconds = "–" if self.seconds is None else f"{self.seconds:.0f}"
        return f"{self.sounds:,} | {self.sounds / PAPER_SOUNDS:.1%} | {seconds}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    parser.add_argument("--spec", default="drum")
    parser.add_argument("--trials", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--then", help="a spec that goes on from what the last study found")
    parser.add_argument("--out", type=Path, default=Path("runs/held-out"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    spec = StudySpec.load(arguments.spec)
    distance = distances.get(spec.distance)
    seen, unseen = Corpus.open(arguments.corpus).split()
    rows = [Row("default", Nebula.load("default")), Row("drum, made by hand", Nebula.load("drum"))]
    studies = [spec.with_trials(trials) for trials in arguments.trials]
    rows += [tuned(study, seen, arguments.out, arguments.workers) for study in studies]
    if arguments.then:
        rows.append(tuned(StudySpec.load(arguments.then), seen, arguments.out, arguments.workers, after=rows[-1]))

    vectors = {half: embed_corpus(corpus, distance) for half, corpus in (("tuning", seen), ("held out", unseen))}
    references = {half: Reference(rows) for half, rows in vectors.items()}
    scores = [scored(row.nebula, references, spec.distance) for row in rows]
    drum = scores[1]["held out"].mean
    apart = float(references["held out"].mmd(vectors["tuning"]))
    then = f" --then {arguments.then}" if arguments.then else ""
    lines = [
        "# MMD on held-out recordings",
        "",
        f"`python benchmarks/held_out.py CORPUS --spec {arguments.spec} --trials "
        f"{' '.join(map(str, arguments.trials))}{then}` on {platform.machine()}, torch {version('torch')}, optuna "
        f"{version('optuna')}, cmaes {version('cmaes')}.",
        "",
        f"Corpus `{Path(arguments.corpus).name}`: {len(seen)} recordings to tune on, {len(unseen)} held out. Scores: "
        f"{spec.distance} MMD with {SETS} sets of {SOUNDS} fresh sounds, mean and 95 % interval. MMD between the "
        f"halves themselves: {apart:.3f}. Sounds: all that the study rendered, finalists included, and their share of "
        f"the {PAPER_SOUNDS:,} that the paper's recipe searches with. Seconds: all that `nebula tune` does, from "
        "starting workers to the report.",
        "",
        "| nebula | sounds | of the paper's | seconds | tuning half | held out | of drum's |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, halves in zip(rows, scores, strict=True):
        cells = [f"{i.mean:.3f} ({i.low:.3f} to {i.high:.3f})" for i in (halves["tuning"], halves["held out"])]
        lines.append(f"| {row.label} | {row.cost} | {' | '.join(cells)} | {halves['held out'].mean / drum:.2f} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def tuned(spec: StudySpec, seen: Corpus, out: Path, workers: int | None, after: Row | None = None) -> Row:
    """Returns what a study finds; one that goes on after another includes what that took."""
    folder = out / f"{spec.name} {spec.trials}"
    is_new = not (folder / "nebula.json").exists()
    started = time.perf_counter()
    outcome = tune(spec, folder, target=seen, start=after and after.nebula, workers=Workers(workers))
    seconds = time.perf_counter() - started if is_new else None
    sounds = (len(outcome.entries) + len(outcome.finalists) * spec.finalists.repeats) * spec.sounds_per_trial
    if after is not None:
        sounds += after.sounds or 0
        seconds = None if seconds is None or after.seconds is None else seconds + after.seconds
    label = f"`{spec.name}`, {spec.trials} trials" if after is None else f"then `{spec.name}`, {spec.trials} trials"
    return Row(label, outcome.winner.nebula, sounds, seconds)


def scored(nebula: Nebula, references: dict[str, Reference], distance: str) -> dict[str, Interval]:
    """Returns the MMD to each half, over sets of fresh sounds that are the same for all nebulae."""
    scores: dict[str, list[float]] = {half: [] for half in references}
    for index in range(SETS):
        seeds = np.random.SeedSequence([SCORING_SEED, index]).generate_state(SOUNDS, np.uint32).tolist()
        drawn = draw(nebula, seeds, distances.get(distance)).vectors
        for half, reference in references.items():
            scores[half].append(float(reference.mmd(drawn)))
    return {half: mean_interval(values) for half, values in scores.items()}


if __name__ == "__main__":
    main()
