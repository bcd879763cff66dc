"""What are sounds of nebulae worth as training data? Kind of unknown libraries' recordings; writes transfer.md.

    OMP_NUM_THREADS=1 python benchmarks/transfer.py CORPORA [--largest 1024] [--repeats 5] [--seeds 2] [--out FOLDER]

CORPORA holds the folders percussion and pitched. Classifiers learn percussion from pitched by sounds of two nebulae and
are tested on recordings of libraries that neither they nor the nebulae tuned here know: `nebula tune drum-near
--hold-out corpus` finds one for each kind, from the half that `nebula evaluate transfer` has classifiers learn too. Of
the nebulae that ship, `drum`, `default` and `uniform` are nobody's tuning; `drum-tuned` was tuned to recordings of all
libraries, the tested ones too, which flatters it. What was done is kept in the folder; the same command again goes on.
"""

import argparse
import platform
from importlib.metadata import version
from pathlib import Path

from nebula import Corpus
from nebula.discrepancy import Interval
from nebula.evaluation.transfer import LearningCurve, Transfer, TransferSpec, evaluate_transfer, exchange_text
from nebula.tuning import StudySpec, Workers, tune

KINDS = ("percussion", "pitched")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--largest", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("runs/transfer"))
    arguments = parser.parse_args()
    write([evaluated(seed, arguments) for seed in range(arguments.seeds)], arguments)


def evaluated(seed: int, arguments: argparse.Namespace) -> Transfer:
    """Returns what comes of one division of the libraries; of all but the first, of the nebulae that matter alone."""
    folder = arguments.out / f"seed {seed}"
    for kind in KINDS:
        # Left last by a finished study.
        if not (folder / kind / "nebula.json").exists():
            study = StudySpec.load("drum-near").with_changes({"hold_out": "corpus", "seed": seed})
            tune(study, folder / kind, target=Corpus.open(arguments.corpora / kind), workers=Workers(1))
    tuned = {kind: str(folder / kind / "nebula.json") for kind in KINDS}
    shipped = TransferSpec.load("kind")
    training = {"tuned, tuned": tuned, "drum, tuned": {**tuned, "percussion": "drum"}, **shipped.training}
    if seed:
        training = {name: training[name] for name in ("tuned, tuned", "drum, default")}
    changes = {"largest": arguments.largest, "repeats": arguments.repeats, "seed": seed, "training": training}
    return evaluate_transfer(shipped.with_changes(changes), folder, arguments.corpora)


def write(divisions: list[Transfer], arguments: argparse.Namespace) -> None:
    lines = [
        "# What sounds of nebulae are worth as training data",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/transfer.py CORPORA --largest {arguments.largest} --repeats "
        f"{arguments.repeats} --seeds {arguments.seeds}` on {platform.machine()}, torch {version('torch')}, "
        f"scikit-learn {version('scikit-learn')}.",
        "",
        f"Percussion or pitched, by {divisions[0].distance}: the first nebula of a row stands for percussion, the "
        "second for pitched. Errors are balanced, 0.5 is chance; `unlimited` is c of a n^-b + c, `gap` is that less "
        "the error of all recordings, `recordings` how many of each class do as well, `both` the error of rendered "
        "sounds and all recordings learned together; where nothing can be said of unlimited sounds, gap and recordings "
        f"are those of the largest size. 95 % intervals by bootstrap over things recorded and {arguments.repeats} "
        "repeats. `drum-tuned` "
        "was tuned to recordings of the tested libraries too. Each seed divides the libraries in another way.",
    ]
    for seed, found in enumerate(divisions):
        learned, tested = (
            " and ".join(f"{number} {kind}" for number, kind in zip(numbers, KINDS, strict=True))
            for numbers in (found.learned, found.tested)
        )
        lines += [
            "",
            f"## Seed {seed}",
            "",
            f"Recordings to learn from: {learned}; to test on: {tested}, of {', '.join(found.libraries)}.",
            "",
            *tables(found),
        ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def tables(found: Transfer) -> list[str]:
    """Returns what was learned, why nothing is said of unlimited sounds where it is not, and errors by size."""
    lines = [
        "| learned from | model | sounds | error | unlimited | gap | recordings | both |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for curve in found.curves:
        exchange = "–" if curve.exchange is None else exchange_text(curve.exchange, min(found.learned))
        cells = (written(curve.errors[-1]), written(curve.floor), written(curve.gap), exchange, written(curve.both))
        lines.append(f"| {curve.training} | {curve.model} | {curve.sizes[-1]:,} | {' | '.join(cells)} |")
    lines += ["", "Of unlimited sounds nothing can be said where a curve", ""]
    lines += [f"- {curve.refusal} ({curve.training}, {curve.model})" for curve in found.curves if curve.refusal]
    return [*lines, "", "Error by number of sounds of each class:", "", *by_size(found.curves)]


def by_size(curves: tuple[LearningCurve, ...]) -> list[str]:
    sizes = sorted({size for curve in curves for size in curve.sizes})
    lines = [f"| learned from | model | {' | '.join(f'{size:,}' for size in sizes)} |", "|---" * (2 + len(sizes)) + "|"]
    for curve in curves:
        errors = dict(zip(curve.sizes, curve.errors, strict=True))
        cells = (f"{errors[size].mean:.3f}" if size in errors else "–" for size in sizes)
        lines.append(f"| {curve.training} | {curve.model} | {' | '.join(cells)} |")
    return lines


def written(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"


if __name__ == "__main__":
    main()
