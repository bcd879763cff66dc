"""Which drum is it? Learned from sounds of nebulae, tested on unknown libraries' recordings; writes transfer_drums.md.

    OMP_NUM_THREADS=1 python benchmarks/transfer_drums.py CORPORA [--largest 1024] [--repeats 5] [--trials 200]

CORPORA holds the folder percussion. A nebula is tuned for each of seven drums (`nebula tune drum-near`), to the
recordings that classifiers of recordings learn from, too; the tested libraries are known to nobody. Beside them, `drum`
for every class, from which nothing can be learned: chance. What was done is kept in the folder; the same command again
goes on.
"""

import argparse
import platform
from importlib.metadata import version
from pathlib import Path

from transfer import tables

from nebula import Corpus
from nebula.evaluation.transfer import Transfer, TransferSpec, evaluate_transfer
from nebula.evaluation.transfer.halves import class_corpora, held_out
from nebula.tuning import StudySpec, Workers, tune


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--largest", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("runs/transfer-drums"))
    arguments = parser.parse_args()
    spec = TransferSpec.load("percussion")
    halves = held_out(spec, class_corpora(spec, arguments.corpora))
    tuned = {
        label: tuned_to(known, arguments.out / label, arguments.trials)
        for label, (known, _) in zip(spec.classes, halves, strict=True)
    }
    training = {"tuned for each": tuned, **spec.training}
    changes = {"largest": arguments.largest, "repeats": arguments.repeats, "training": training}
    write(evaluate_transfer(spec.with_changes(changes), arguments.out, arguments.corpora), arguments)


def tuned_to(target: Corpus, folder: Path, trials: int) -> str:
    """Returns the path of the nebula that was tuned to some recordings, all of them."""
    path = folder / "nebula.json"
    # Left last by a finished study.
    if not path.exists():
        search = {"phases": [{"sampler": "auto", "trials": trials}]}
        tune(StudySpec.load("drum-near").with_changes({"search": search}), folder, target=target, workers=Workers(1))
    return str(path)


def write(found: Transfer, arguments: argparse.Namespace) -> None:
    chance = 1 - 1 / len(found.classes)
    counts = ", ".join(
        f"{label} {learned} and {tested}"
        for label, learned, tested in zip(found.classes, found.learned, found.tested, strict=True)
    )
    lines = [
        "# Which drum is it?",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/transfer_drums.py CORPORA --largest {arguments.largest} --repeats "
        f"{arguments.repeats} --trials {arguments.trials}` on {platform.machine()}, torch {version('torch')}, "
        f"scikit-learn {version('scikit-learn')}.",
        "",
        f"Balanced errors by {found.distance}; {chance:.3f} is chance. Recordings to learn from and to test on: "
        f"{counts}; tested are those of {', '.join(found.libraries)}. `unlimited` is c of a n^-b + c, `gap` is that "
        "less the error of all recordings, `recordings` how many of each class do as well, `both` the error of "
        "rendered sounds and recordings learned together; where nothing can be said of unlimited sounds, gap and "
        "recordings are those of the largest size. 95 % intervals by bootstrap over things recorded and repeats.",
        "",
        *tables(found),
    ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
