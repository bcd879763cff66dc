"""How far apart are corpora, nebulae and noise? Table 3 of Turian et al. 2021 on other corpora; writes compare.md.

    python benchmarks/compare.py CORPORA [--sounds 256] [--trials 30] [--distance NAME ...] [--corpus NAME ...]

CORPORA holds the folders percussion, pitched and broad. What `nebula compare` prints, as one table a distance, and
whether the order is the paper's: white noise closest to itself and farthest from everything, the hand-made drum nebula
nearer to percussion than the default. A multi-scale spectrogram has half a million numbers a sound, 2 GB for 1,000.
"""

import argparse
import platform
import shlex
import sys
import time
from importlib.metadata import version
from pathlib import Path

from nebula.evaluation import Comparison, compare

NEBULAE = ("drum", "default")
NOISE = "noise:white"
CORPORA = ("percussion", "pitched", "broad")


def table(rows: list[Comparison], names: dict[str, str]) -> list[str]:
    found = {frozenset((row.first, row.second)): row for row in rows}
    lines = [f"| | {' | '.join(names.values())} |", "|---" * (len(names) + 1) + "|"]
    for place, (one, label) in enumerate(names.items()):
        cells = []
        for other in list(names)[: place + 1]:
            row = found[frozenset((one, other))]
            cells.append(f"{row.value:.3g} ± {row.standard_deviation:.1g} ({row.sounds})")
        lines.append(f"| {label} | {' | '.join(cells + [''] * (len(names) - len(cells)))} |")
    return lines


def order(rows: list[Comparison], names: dict[str, str]) -> list[str]:
    value = {frozenset((names[row.first], names[row.second])): row.value for row in rows}
    others = [label for label in names.values() if label != NOISE]
    nearest_itself = all(value[frozenset((NOISE,))] < value[frozenset((label,))] for label in others)
    between = {pair: number for pair, number in value.items() if len(pair) == 2}
    noise = [number for pair, number in between.items() if NOISE in pair]
    farthest = min(noise) > max(number for pair, number in between.items() if NOISE not in pair)
    drum, default = (value[frozenset((label, "percussion"))] for label in NEBULAE)
    return [
        f"- White noise is closest to itself: {'yes' if nearest_itself else 'no'}; farthest from everything: "
        f"{'yes' if farthest else 'no'}.",
        f"- The hand-made drum nebula is nearer to percussion than the default: {'yes' if drum < default else 'no'}, "
        f"{drum:.3g} against {default:.3g}.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--sounds", type=int, default=256)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--distance", action="append")
    parser.add_argument("--corpus", action="append")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    arguments = parser.parse_args()
    corpora = {str(arguments.corpora / name): name for name in arguments.corpus or CORPORA}
    names = {NOISE: NOISE, **{name: name for name in NEBULAE}, **corpora}
    lines = [
        "# How far apart corpora, nebulae and noise are",
        "",
        f"`python benchmarks/compare.py CORPORA {shlex.join(sys.argv[2:])}` on {platform.machine()}, torch "
        f"{version('torch')}: MMD of equation (2), mean ± standard deviation over {arguments.trials} trials, and the "
        "sounds on each side; within a set, between random halves.",
    ]
    for distance in arguments.distance or ["log-mel", "multi-scale-spectrogram", "doppelganger"]:
        started = time.perf_counter()
        rows = compare(list(names), distance, sounds=arguments.sounds, trials=arguments.trials)
        minutes = (time.perf_counter() - started) / 60
        lines += ["", f"## {distance}", "", *table(rows, names), "", *order(rows, names)]
        print(f"{distance}: {minutes:.1f} min", flush=True)
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
