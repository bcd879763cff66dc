"""How many random sounds of a nebula are silent, and how varied the sounds are? Writes audibility.md.

    python benchmarks/audibility.py voice/uniform default subtractive/uniform dx7/uniform dx7-default [--sounds 1024]

A sound is silent whose loudest 10 ms have an RMS below -60 dB, full scale being 0 dB, and quiet below -40 dB.
"""

import argparse
import shlex
import sys
from pathlib import Path

import numpy as np
import torch

from nebula import Nebula, synths
from nebula.discrepancy import diversity
from nebula.distances import get
from nebula.embedding import draw

SILENT_DB, QUIET_DB = -60.0, -40.0
PART_SECONDS = 0.01
DIVERSITY_SOUNDS = 512
BLOCK_SOUNDS = 32
SCORING_SEED = 20_330_000


def loudest_db(nebula: Nebula, seeds: list[int]) -> np.ndarray:
    """Returns the level of the loudest part of each sound."""
    player = synths.get(nebula.synth).player()
    part = round(PART_SECONDS * player.timeline.sample_rate_hz)
    levels = []
    for first in range(0, len(seeds), BLOCK_SOUNDS):
        audio = player.play(seeds[first : first + BLOCK_SOUNDS], nebula)
        parts = audio[:, : audio.shape[1] // part * part].unflatten(1, (-1, part))
        levels.append(parts.square().mean(2).amax(1))
    return (10 * torch.cat(levels).clamp(min=1e-12).log10()).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nebulae", nargs="+")
    parser.add_argument("--sounds", type=int, default=1024)
    arguments = parser.parse_args()
    seeds = np.random.SeedSequence(SCORING_SEED).generate_state(arguments.sounds, np.uint32).tolist()
    lines = [
        "# Sounds that cannot be heard",
        "",
        f"`python benchmarks/audibility.py {shlex.join(sys.argv[1:])}`, {arguments.sounds:,} sounds each: silent "
        f"where the loudest {1000 * PART_SECONDS:g} ms stay below {SILENT_DB:g} dB, quiet below {QUIET_DB:g} dB. "
        f"Diversity: log-mel, {DIVERSITY_SOUNDS} sounds.",
        "",
        "| nebula | silent | quiet or silent | median level, dB | diversity |",
        "|---|---|---|---|---|",
    ]
    for name in arguments.nebulae:
        nebula = Nebula.load(name)
        levels = loudest_db(nebula, seeds)
        silent, quiet = float((levels < SILENT_DB).mean()), float((levels < QUIET_DB).mean())
        varied = float(diversity(draw(nebula, seeds[:DIVERSITY_SOUNDS], get("log-mel")).vectors))
        lines.append(f"| {name} | {silent:.1%} | {quiet:.1%} | {np.median(levels):.1f} | {varied:.4f} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
