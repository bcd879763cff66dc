"""What convinces as percussion: nebulae around matches, beside studies. Writes percussion.md.

    python benchmarks/percussion.py CORPORA [--recordings 512] [--sounds 256] [--seeds 3] [--out runs/percussion]

CORPORA holds the folders percussion, pitched and broad. Recordings of one half of the percussion (`Corpus.split`, by
group) are matched by the synth `percussion`, as `nebula evaluate limit` does, and the nearest of the matches are
surrounded, as `nebula around` does. Beside them are mixtures of six components that studies found towards the same
half, with and without nearness. What is judged is judged by classifiers that know the other half and, as what is no
percussion, the other two folders; MMD is to that half, too. Everything that was made is kept: the same command again
goes on. `percussion-tuned`, which ships with the package, is the nebula that is named so in OUT.
"""

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from search import SCORING_SEED, SETS, TENTH, corpus_target, drawn, study
from synths import FOLDERS, JUDGING_SEED, spread

from nebula import Corpus, Nebula, distances
from nebula.evaluation.judges import judge_sounds
from nebula.tuning import StudySpec, Workers, tune
from nebula.tuning.limit import MATCHED, measure_limit

SYNTH = "percussion"
ALL = 10_000
#: Of the matches that are surrounded: the share that is nearest, the width, and how many at most.
KITS = (
    *((nearest, 0.05, ALL) for nearest in (0.5, 0.65, 0.8, 1.0)),
    *((0.65, width, ALL) for width in (0.02, 0.1)),
    *((0.65, 0.05, most) for most in (32, 128)),
)
SHIPPED = (0.65, 0.05, 128)
#: Of studies: what of `search` they have, beside curves and falls.
STUDIES: dict[str, dict[str, Any]] = {
    "study, 6 components with falls": {},
    "study, the same, nearness 1": {"nearness": 1.0},
}
RECORDINGS = "recordings, by halves"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--recordings", type=int, default=512, help="most that are matched")
    parser.add_argument("--sounds", type=int, default=256, help="judged of each nebula")
    parser.add_argument("--seeds", type=int, default=3, help="of the judges")
    parser.add_argument("--out", type=Path, default=Path("runs/percussion"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    recordings = Corpus.open(arguments.corpora / FOLDERS[0])
    matched, held_out = recordings.split()
    others = [Corpus.open(arguments.corpora / name) for name in FOLDERS[1:]]
    workers = Workers(arguments.workers)
    folder = arguments.out / "matches"
    found = measure_limit(
        SYNTH,
        recordings,
        folder,
        others,
        distance=distances.get("log-mel"),
        sounds=arguments.recordings,
        workers=workers,
    )
    sources: dict[str, Nebula | Corpus] = {
        MATCHED: matched,
        "the matches": Corpus.open(folder),
        **{kit_name(*kit): around(folder, arguments.out, *kit) for kit in KITS},
        **{name: studied(name, arguments.corpora, arguments.out, workers) for name in STUDIES},
    }
    target = corpus_target(str(arguments.corpora / FOLDERS[0]))
    rows: dict[str, dict[str, Any]] = {name: {"judged": []} for name in (RECORDINGS, *sources)}
    for name, source in sources.items():
        if isinstance(source, Nebula):
            scores = [float(target.held_out.mmd(drawn(source, SCORING_SEED, index))) for index in range(SETS)]
            rows[name] |= {"mmd": float(np.mean(scores)), "components": len(source.components)}
    for seed in range(arguments.seeds):
        check = judge_sounds(sources, held_out, others, sounds=arguments.sounds, seed=JUDGING_SEED + seed)
        for judgement in check.judgements:
            rows[RECORDINGS if judgement.name == held_out.name else judgement.name]["judged"].append(asdict(judgement))
    write(rows, found.recordings, found.nearest, arguments.recordings, arguments.sounds)
    ship(arguments.out, sources[kit_name(*SHIPPED)], rows[kit_name(*SHIPPED)], rows[RECORDINGS], found.recordings)


def kit_name(nearest: float, width: float, most: int) -> str:
    return f"around the nearest {nearest:.0%}, width {width:g}" + (f", {most} of them" if most < ALL else "")


def around(folder: Path, out: Path, nearest: float, width: float, most: int) -> Nebula:
    """Returns the nebula around the nearest of the matches in a folder, by the command."""
    path = out / f"around {nearest:g} {width:g} {most}.json"
    chosen = ["--nearest", str(nearest), "--width", str(width), "--most", str(most), "--out", str(path)]
    subprocess.run([sys.executable, "-m", "nebula", "around", str(folder), *chosen], check=True)
    return Nebula.load(path)


def studied(name: str, corpora: Path, out: Path, workers: Workers) -> Nebula:
    """Returns what a study finds with as many sounds as `search.py`'s tenth of the paper's recipe."""
    content = study(FOLDERS[0], SYNTH, "auto", 0, TENTH).model_dump()
    search = {**content["search"], "tune": "curves+falls", "components": 6, **STUDIES[name]}
    spec = StudySpec.parse({**content, "name": name.replace(",", ""), "search": search})
    target = corpus_target(str(corpora / FOLDERS[0]))
    return tune(spec, out / spec.name, target=target.tuning, workers=workers).winner.nebula


def write(rows: dict[str, dict[str, Any]], matched: int, nearest: float, asked: int, sounds: int) -> None:
    lines = [
        "# What convinces as percussion",
        "",
        f"`python benchmarks/percussion.py CORPORA --recordings {asked} --sounds {sounds}` on {platform.machine()}, "
        f"torch {version('torch')}, scikit-learn {version('scikit-learn')}. {matched} recordings of one half of the "
        f"percussion matched by `{SYNTH}`, at a median log-mel distance of {nearest:.3f}; studies rendered {TENTH:,} "
        "sounds. Judged by classifiers that know the other half and the two other folders; split by group. Taken: "
        "share of sounds taken for percussion. Told: share rightly called recorded or rendered, 0.5 where they cannot "
        "be told apart. Mean, and range over the judges' seeds. MMD: by log-mel under l1, to the other half.",
        "",
        "| sounds | components | MMD | taken | told | precision | recall | coverage |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        judged = row["judged"]
        cells = [spread([one[kind]["mean"] for one in judged], 2) for kind in ("share", "told_apart")]
        kinds = ("precision", "recall", "coverage")
        cells += [spread([one["fidelity"][kind]["mean"] for one in judged], 2) for kind in kinds]
        mmd = f"{row['mmd']:.3f}" if "mmd" in row else "–"
        lines.append(f"| {name} | {row.get('components', '–')} | {mmd} | {' | '.join(cells)} |")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ship(out: Path, nebula: Nebula, row: dict[str, Any], recordings: dict[str, Any], matched: int) -> None:
    """Writes the nebula that ships, and how it was made."""
    nebula.save(out / "percussion-tuned.json")
    nearest, width, most = SHIPPED

    def mean(rows: dict[str, Any], kind: str) -> float:
        return float(np.mean([one[kind]["mean"] for one in rows["judged"]]))

    provenance = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": {name: version(name) for name in ("nebula", "torch", "numpy")},
        "commands": [
            f"nebula evaluate limit {SYNTH} percussion --sounds {matched} --out matches",
            f"nebula around matches --nearest {nearest:g} --width {width:g} --most {most} --out percussion-tuned.json",
        ],
        "synth": {"name": SYNTH, "repeatable": True},
        "matched": matched,
        "surrounded": len(nebula.components),
        "held_out": {
            "mmd": row["mmd"],
            "taken": mean(row, "share"),
            "taken_of_recordings": mean(recordings, "share"),
            "told_apart": mean(row, "told_apart"),
        },
    }
    path = out / "percussion-tuned.provenance.json"
    path.write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
