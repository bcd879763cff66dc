"""Synthesizers by target: how near and how convincing what `auto` finds in each is. Writes synths.md.

    python benchmarks/search.py percussion=CORPUS pitched=CORPUS --synths voice subtractive dx7 --samplers auto \
        --budgets 22144 --seeds 3 --out runs/search
    python benchmarks/synths.py CORPORA --synths voice subtractive dx7 [--studies runs/search] [--sounds 256]

CORPORA holds the folders percussion, pitched and broad. Judges the nebulae that the first command left, with a tenth of
the sounds of the paper's recipe, beside the uniform nebula of each synthesizer. The judges are classifiers that know
the half of the target no study saw (`Corpus.split`, by group) and, as what the target is not, the other two folders.
Sounds that were judged are kept in the folder of the studies: the same command again goes on.
"""

import argparse
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from search import TENTH, start_nebula, study

from nebula import Corpus, Nebula
from nebula.evaluation.judges import judge_sounds

FOLDERS = ("percussion", "pitched", "broad")
#: Away from every stream of seeds that a study uses.
JUDGING_SEED = 20_280_000
RECORDINGS = "recordings, by halves"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--synths", nargs="+", required=True)
    parser.add_argument("--targets", nargs="+", choices=FOLDERS[:2], default=FOLDERS[:2])
    parser.add_argument("--studies", type=Path, default=Path("runs/search"))
    parser.add_argument("--sounds", type=int, default=256)
    arguments = parser.parse_args()

    rows = {
        target: judged(target, arguments.corpora, arguments.synths, arguments.studies, arguments.sounds)
        for target in arguments.targets
    }
    write(rows, arguments.sounds)


def judged(target: str, corpora: Path, synths: Sequence[str], studies: Path, sounds: int) -> dict[str, Any]:
    """Returns what the judges make of each nebula of a target, by its name; MMD beside it where a study measured it."""
    _, held_out = Corpus.open(corpora / target).split()
    others = [Corpus.open(corpora / name) for name in FOLDERS if name != target]
    sources: dict[str, Nebula] = {}
    mmd: dict[str, float] = {}
    for synth in synths:
        sources[f"{synth}, uniform"] = start_nebula(synth)
        for seed in range(100):
            name = study(target, synth, "auto", seed, TENTH).name
            result = studies / "results" / f"{name} {TENTH}.json"
            if result.exists():
                sources[f"{synth}, tuned {seed}"] = Nebula.load(studies / name / "nebula.json")
                mmd[f"{synth}, tuned {seed}"] = json.loads(result.read_text())["score"]
    kept = studies / f"judged {target} {sounds}.json"
    found: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    missing = {name: source for name, source in sources.items() if name not in found}
    if missing:
        check = judge_sounds(missing, held_out, others, sounds=sounds, seed=JUDGING_SEED)
        for judgement in check.judgements:
            name = RECORDINGS if judgement.name == held_out.name else judgement.name
            found[name] = asdict(judgement) | {"mmd": mmd.get(name)}
        kept.write_text(json.dumps(found))
    return {name: found[name] for name in (*sources, RECORDINGS)}


def write(rows: dict[str, dict[str, Any]], sounds: int) -> None:
    lines = [
        "# Synthesizers by target",
        "",
        f"`python benchmarks/synths.py CORPORA --sounds {sounds}` on {platform.machine()}, torch {version('torch')}, "
        f"scikit-learn {version('scikit-learn')}, after `benchmarks/search.py`: `auto` with {TENTH:,} sounds from each "
        "synthesizer's uniform nebula. MMD: by log-mel under l1, to the half of the recordings that no study saw. "
        "Judges: classifiers that know that half and the other folders; split by group. Taken: share of sounds taken "
        "for the target. Told: share rightly called recorded or rendered, 0.5 where they cannot be told apart. Mean, "
        "and range over the seeds of the studies.",
    ]
    for target, found in rows.items():
        lines += [
            "",
            f"## {target}",
            "",
            "| synthesizer | nebula | MMD | taken | told | precision | recall | seeds |",
            "|---|---|---|---|---|---|---|---|",
        ]
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for name, row in found.items():
            synth, _, kind = name.partition(", ")
            groups.setdefault((synth, kind.split(" ")[0] if synth != "recordings" else kind), []).append(row)
        for (synth, kind), members in groups.items():
            cells = [
                spread([row["mmd"] for row in members], 3),
                spread([row["share"]["mean"] for row in members], 2),
                spread([row["told_apart"]["mean"] for row in members], 2),
                spread([row["fidelity"]["precision"]["mean"] for row in members], 2),
                spread([row["fidelity"]["recall"]["mean"] for row in members], 2),
            ]
            lines.append(f"| {synth} | {kind} | {' | '.join(cells)} | {len(members)} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def spread(values: Sequence[float | None], decimals: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    mean = f"{np.mean(known):.{decimals}f}"
    return mean if len(known) == 1 else f"{mean} ({min(known):.{decimals}f} to {max(known):.{decimals}f})"


if __name__ == "__main__":
    main()
