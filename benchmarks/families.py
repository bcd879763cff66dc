"""Families of distributions at equal numbers of rendered sounds, towards percussion. Writes families.md.

    python benchmarks/families.py CORPORA [--synths voice percussion] [--seeds 1] [--sounds 128] [--out runs/families]

CORPORA holds the folders percussion, pitched and broad. Every family is searched by `auto` with the sounds of
`search.py`'s tenth of the paper's recipe, from the synth's uniform nebula towards half of the percussion
(`Corpus.split`, by group), and what is found is measured on the other half: MMD on fresh sounds, and by classifiers
that know that half and, as what is no percussion, the other two folders. Whatever was finished is kept: the same
command again goes on.
"""

import argparse
import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from search import SCORING_SEED, SETS, TENTH, Target, corpus_target, drawn, study
from synths import FOLDERS, JUDGING_SEED, RECORDINGS, spread

from nebula import Corpus, Nebula
from nebula.evaluation.judges import judge_sounds
from nebula.tuning import StudySpec, Workers, tune

#: What of `search` differs from one family to the next.
FAMILIES: dict[str, dict[str, Any]] = {
    "curves": {},
    "curves and falls": {"tune": "curves+falls"},
    "4 components": {"components": 4},
    "4 components with falls": {"components": 4, "tune": "curves+falls"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--synths", nargs="+", default=["voice", "percussion"])
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sounds", type=int, default=128)
    parser.add_argument("--out", type=Path, default=Path("runs/families"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    target = corpus_target(str(arguments.corpora / FOLDERS[0]))
    _, held_out = Corpus.open(arguments.corpora / FOLDERS[0]).split()
    others = [Corpus.open(arguments.corpora / name) for name in FOLDERS[1:]]
    for seed, synth, family in product(range(arguments.seeds), arguments.synths, arguments.families):
        kept = arguments.out / "results" / f"{synth} {family} {seed}.json"
        if not kept.exists():
            nebula = found(target, synth, family, seed, arguments.out, arguments.workers)
            scores = [float(target.held_out.mmd(drawn(nebula, SCORING_SEED, index))) for index in range(SETS)]
            check = judge_sounds({family: nebula}, held_out, others, sounds=arguments.sounds, seed=JUDGING_SEED)
            judged = {
                RECORDINGS if judgement.name == held_out.name else "nebula": asdict(judgement)
                for judgement in check.judgements
            }
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps({"synth": synth, "family": family, "mmd": float(np.mean(scores)), **judged}))
        write(arguments.out, arguments.sounds)


def found(target: Target, synth: str, family: str, seed: int, out: Path, workers: int | None) -> Nebula:
    """Returns what a study of a family finds."""
    content = study(FOLDERS[0], synth, "auto", seed, TENTH).model_dump()
    name = f"{synth} {family} {seed}"
    spec = StudySpec.parse({**content, "name": name, "search": {**content["search"], **FAMILIES[family]}})
    return tune(spec, out / name, target=target.tuning, workers=Workers(workers)).winner.nebula


def write(out: Path, sounds: int) -> None:
    """Writes the table of what there is so far."""
    rows = [json.loads(path.read_text()) for path in sorted((out / "results").glob("*.json"))]
    lines = [
        "# Families of distributions",
        "",
        f"`python benchmarks/families.py CORPORA --sounds {sounds}` on {platform.machine()}, torch {version('torch')}, "
        f"scikit-learn {version('scikit-learn')}: `auto` with {TENTH:,} sounds from each synthesizer's uniform nebula "
        "towards half of the percussion, measured on the other half. MMD: by log-mel under l1. Taken: share of sounds "
        "that classifiers take for percussion. Told: share rightly called recorded or rendered, 0.5 where they cannot "
        "be told apart. Mean, and range over the seeds of the studies.",
        "",
        "| synthesizer | family | MMD | taken | told | precision | recall | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for synth, family in product(dict.fromkeys(row["synth"] for row in rows), FAMILIES):
        mine = [row for row in rows if (row["synth"], row["family"]) == (synth, family)]
        if mine:
            mmd = spread([row["mmd"] for row in mine], 3)
            lines.append(f"| {synth} | {family} | {mmd} | {judged_cells(mine, 'nebula')} | {len(mine)} |")
    if rows:
        lines.append(f"| recordings | by halves | – | {judged_cells(rows[:1], RECORDINGS)} | 1 |")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def judged_cells(rows: list[dict[str, Any]], key: str) -> str:
    judged = [row[key] for row in rows]
    cells = [spread([one[kind]["mean"] for one in judged], 2) for kind in ("share", "told_apart")]
    cells += [spread([one["fidelity"][kind]["mean"] for one in judged], 2) for kind in ("precision", "recall")]
    return " | ".join(cells)


if __name__ == "__main__":
    main()
