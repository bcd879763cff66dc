"""Which distance tunes nebulae that convince judges? The fifth experiment on distances; writes judges.md.

    python benchmarks/judges.py CORPORA [--trials 200] [--sounds 64] [--seeds 1] [--distance NAME ...] [--out FOLDER]

CORPORA holds the folders percussion, pitched and broad. One half of percussion is tuned to, with each distance and each
measure at equal budget: trials, sounds a trial, sampler and start are the same, and so are the seeds. Classifiers that
know the other half, and pitched and broad, then judge fresh sounds of each nebula, as `nebula evaluate listener` does,
beside the hand-made drum nebula's and the default's.

The same command again continues where it stopped; `--measure` and `--distance`, repeated, choose what is compared.
`--nebula FILE`, repeated, has more nebulae judged, such as one that `benchmarks/held_out.py` tuned to the same half.
`--trials 40 --distance log-mel` gives a first table in minutes.
"""

import argparse
import json
import platform
import shlex
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np

from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Interval, Reference, mean_interval
from nebula.embedding import draw, embed_corpus
from nebula.evaluation.judges import YARDSTICKS, judge_sounds
from nebula.tuning import StudySpec, Workers, tune

MEASURES = ("l1", "gaussian")
DISTANCES = ("log-mel", "multi-scale-spectrogram", "doppelganger")
FIDELITY = ("precision", "recall", "density", "coverage")
#: Away from every stream of seeds that a study uses.
JUDGING_SEED = 20_260_001
#: Every row has an MMD by this distance, to be compared with the verdict of the judges.
COMMON_DISTANCE = "log-mel"


def spec_of(distance: str, measure: str, seed: int, trials: int, sounds: int) -> StudySpec:
    return StudySpec.parse(
        {
            "version": 1,
            "name": f"{distance} {measure} {seed}",
            "objective": "match",
            "distance": distance,
            "measure": measure,
            "sounds_per_trial": sounds,
            "seed": seed,
            "search": {
                "start": "uniform",
                "curve_range": (0.01, 100.0),
                "phases": [{"sampler": "auto", "trials": trials}],
            },
            "finalists": {"count": 3, "repeats": 4},
        }
    )


def tuned(arguments: argparse.Namespace, seen: Corpus) -> dict[str, dict[str, Nebula]]:
    """Returns by row the nebulae found with each seed."""
    found: dict[str, dict[str, Nebula]] = {}
    for seed in range(arguments.seeds):
        for distance in arguments.distance:
            for measure in arguments.measure:
                spec = spec_of(distance, measure, seed, arguments.trials, arguments.sounds)
                folder = arguments.out / f"{spec.name}, {arguments.trials} x {arguments.sounds}"
                # Left last by a finished study.
                if not (folder / "nebula.json").exists():
                    tune(spec, folder, target=seen, workers=Workers(arguments.workers))
                    print(spec.name, flush=True)
                found.setdefault(f"{distance}, {measure}", {})[str(seed)] = Nebula.load(folder / "nebula.json")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--sounds", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--distance", action="append")
    parser.add_argument("--measure", action="append")
    parser.add_argument("--nebula", action="append", type=Path, default=[])
    parser.add_argument("--out", type=Path, default=Path("runs/judges"))
    parser.add_argument("--table", type=Path, default=Path(__file__).with_suffix(".md"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    arguments.distance = arguments.distance or [name for name in DISTANCES if name in distances.names()]
    arguments.measure = arguments.measure or list(MEASURES)

    seen, held_out = Corpus.open(arguments.corpora / "percussion").split()
    others = [Corpus.open(arguments.corpora / name) for name in ("pitched", "broad")]
    rows = tuned(arguments, seen)
    nebulae = {f"{row} {seed}": nebula for row, found in rows.items() for seed, nebula in found.items()}
    more = {path.parent.name: Nebula.load(path) for path in arguments.nebula}
    nebulae |= more | {name: Nebula.load(name) for name in YARDSTICKS}
    check = judge_sounds(nebulae, held_out, others, sounds=len(held_out), seed=JUDGING_SEED)
    judged = {judgement.name: judgement for judgement in check.judgements}
    mmd = {name: mmd_to(held_out, nebula) for name, nebula in nebulae.items()}
    groups = {row: [f"{row} {seed}" for seed in found] for row, found in rows.items()}
    groups |= {name: [name] for name in (*more, *YARDSTICKS, held_out.name)}

    def cell(names: list[str], number: Callable[[str], Interval | None]) -> str:
        intervals = [interval for name in names if (interval := number(name)) is not None]
        if not intervals:
            return "–"
        if len(intervals) == 1:
            return f"{intervals[0].mean:.2f} ({intervals[0].low:.2f} to {intervals[0].high:.2f})"
        values = [interval.mean for interval in intervals]
        return f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"

    columns = ("MMD", "taken for percussion", "told from recordings", *FIDELITY)
    lines = [
        "# Which distance tunes nebulae that convince judges",
        "",
        f"`python benchmarks/judges.py CORPORA --trials {arguments.trials} --sounds {arguments.sounds} --seeds "
        f"{arguments.seeds}{''.join(f' --distance {name}' for name in arguments.distance)}"
        f"{''.join(f' --measure {name}' for name in arguments.measure)}"
        f"{''.join(f' --nebula {shlex.quote(str(path))}' for path in arguments.nebula)}` on {platform.machine()}, "
        f"torch {version('torch')}, optuna {version('optuna')}, cmaes {version('cmaes')}, scikit-learn "
        f"{version('scikit-learn')}.",
        "",
        f"Tuned to {len(seen)} recordings of percussion: `auto` from `uniform` over 78 curves from 0.01 to 100, "
        f"{arguments.trials} trials of {arguments.sounds} sounds, the best 3 re-scored. Judged by classifiers that know"
        f" {check.recordings} other recordings of percussion and {check.other_recordings} of pitched and broad sounds; "
        f"held out, they take {check.recognised.mean:.0%} of the first and {check.mistaken.mean:.0%} of the others for "
        f"percussion. {judged['drum'].sounds} fresh sounds of each nebula. MMD: by {COMMON_DISTANCE} under l1, to the "
        "recordings that the tuning did not see, with 4 sets of 512 sounds. Where a nebula was tuned with several "
        "seeds: mean, and range over the seeds; elsewhere the 95 % interval by bootstrap over sounds.",
        "",
        f"| tuned by | {' | '.join(columns)} |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row, names in groups.items():
        cells = [
            cell(names, mmd.get),
            cell(names, lambda name: judged[name].share),
            cell(names, lambda name: judged[name].told_apart),
            *(cell(names, lambda name, part=part: getattr(judged[name].fidelity, part)) for part in FIDELITY),
        ]
        label = {"default": "default", "drum": "drum, made by hand"}.get(row, row)
        lines.append(f"| {'recordings, by halves' if row == held_out.name else label} | {' | '.join(cells)} |")
    lines += ["", "By classifier, share taken for percussion (forest, vectors, linear):", ""]
    for row, names in groups.items():
        shares = np.mean([list(judged[name].share_by.values()) for name in names], axis=0)
        lines.append(f"- {row}: {', '.join(f'{share:.2f}' for share in shares)}")
    text = "\n".join(lines) + "\n"
    arguments.table.write_text(text, encoding="utf-8")
    (arguments.out / "check.json").write_text(json.dumps(asdict(check), indent=1))
    print(text)


def mmd_to(recordings: Corpus, nebula: Nebula) -> Interval:
    distance = distances.get(COMMON_DISTANCE)
    reference = Reference(embed_corpus(recordings, distance))
    scores = []
    for index in range(4):
        seeds = np.random.SeedSequence([JUDGING_SEED, index]).generate_state(512, np.uint32).tolist()
        scores.append(float(reference.mmd(draw(nebula, seeds, distance).vectors)))
    return mean_interval(scores)


if __name__ == "__main__":
    main()
