"""How near does a synth come to percussion at all? Writes limit.md.

    python benchmarks/limit.py CORPORA [--synths voice percussion] [--recordings 96] [--out runs/limit]

CORPORA holds the folders percussion, pitched and broad. For each synth, what `nebula evaluate limit` measures: the
nearest sounds to recordings of one half of the percussion, judged by classifiers that know the other half and the two
other folders. Matches are kept: the same command again goes on, and with more recordings it matches the missing ones.
"""

import argparse
import platform
from importlib.metadata import version
from pathlib import Path

from synths import FOLDERS, RECORDINGS

from nebula import Corpus, distances
from nebula.discrepancy import Interval
from nebula.evaluation.judges import Judgement
from nebula.tuning import Workers
from nebula.tuning.limit import MATCHED, Limit, measure_limit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--synths", nargs="+", default=["voice", "percussion"])
    parser.add_argument(
        "--recordings", type=int, nargs="+", default=[96], help="matched by each synth; several: in turn"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/limit"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()

    recordings, *others = (Corpus.open(arguments.corpora / name) for name in FOLDERS)
    found = [
        measure_limit(
            synth,
            recordings,
            arguments.out / synth,
            others,
            distance=distances.get("log-mel"),
            sounds=count,
            workers=Workers(arguments.workers),
        )
        for synth in arguments.synths
        for count in arguments.recordings
    ]
    write(found, arguments.synths, arguments.recordings)


def write(found: list[Limit], synths: list[str], recordings: list[int]) -> None:
    counts = " ".join(map(str, recordings))
    lines = [
        "# The limit of a synth",
        "",
        f"`python benchmarks/limit.py CORPORA --synths {' '.join(synths)} --recordings {counts}` on "
        f"{platform.machine()}, torch {version('torch')}, scikit-learn {version('scikit-learn')}. Distance: median "
        "log-mel distance of a recording from the nearest of 8,192 random sounds, and from its match. Taken: share of "
        "sounds taken for percussion. Told: share rightly called recorded or rendered, 0.5 where they cannot be told "
        "apart. 95 % intervals, by bootstrap over sounds.",
        "",
        "| sounds | recordings | random | match | taken | told | precision | recall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    counted: set[int] = set()
    for limit in found:
        halves, matched, synth = limit.judging.judgements
        if limit.recordings not in counted:
            counted.add(limit.recordings)
            lines += [row(RECORDINGS, limit, halves), row(MATCHED, limit, matched)]
        lines.append(row(f"`{limit.synth}`", limit, synth, f"{limit.nearest_random:.3f} | {limit.nearest:.3f}"))
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def row(name: str, limit: Limit, judged: Judgement, distances_: str = "– | –") -> str:
    fidelity = judged.fidelity
    intervals = [judged.share, judged.told_apart, fidelity.precision, fidelity.recall]
    cells = " | ".join("–" if interval is None else cell(interval) for interval in intervals)
    return f"| {name} | {limit.recordings} | {distances_} | {cells} |"


def cell(interval: Interval) -> str:
    return f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f})"


if __name__ == "__main__":
    main()
