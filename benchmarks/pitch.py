"""How many sounds of a nebula have a fundamental that is hardly a pitch? Writes pitch.md.

    python benchmarks/pitch.py default runs/*/nebula.json [--sounds 4096]

Each nebula is one that ships or a file, which is called like its folder. How it was tuned is read from the provenance
beside it.

A search for diversity that may change pitch buys variety with extreme pitches (Turian et al. 2021, section 6.2). Here a
sound's fundamental is the frequency of the oscillator that sounds louder, modulation included, in the middle of its
sounding time: half of the oscillator's level over time comes before. It is read from the control signals, so nothing is
rendered. Sounds without an audible oscillator count as neither low nor high.
"""

import argparse
import json
import shlex
from pathlib import Path

import numpy as np
import torch

from nebula import PARAMETERS, Nebula, Voice, sample
from nebula.discrepancy import diversity
from nebula.distances import get
from nebula.embedding import draw
from nebula.synths.voice import VOICE
from nebula.synths.voice_modules import COLUMNS, TARGETS

LOWEST_HZ, HIGHEST_HZ = 30.0, 8000.0
DIVERSITY_SOUNDS = 512
BLOCK_SOUNDS = 32
SCORING_SEED = 20_280_000


def oscillators(nebula: Nebula, seeds: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns what the control signals say of the Voice's sounds, at its control rate.

    MIDI pitches and levels of both oscillators, of the shape (2, sounds, times), and levels of the noise, (sounds,
    times).
    """
    voice = Voice()
    settings = voice.physical(sample(seeds), nebula).double()
    parts = [VOICE.control_signals(part, voice.timeline, TARGETS) for part in settings.split(BLOCK_SOUNDS)]
    control, physical = torch.cat(parts).numpy(), settings.numpy()
    column = {name: physical[:, COLUMNS[name]] for name in COLUMNS}
    pitches, levels = [], []
    for number, (pitch, level) in enumerate(((0, 1), (2, 3)), start=1):
        name = f"vco_{number}"
        base = column["keyboard", "midi_f0"] + column[name, "tuning"]
        moved = base[:, None] + column[name, "mod_depth"][:, None] * control[:, pitch]
        levels.append(np.maximum(control[:, level], 0) * column["mixer", name][:, None])
        pitches.append(np.clip(moved, 0, 127))
    noise = np.maximum(control[:, 4], 0) * column["mixer", "noise"][:, None]
    return np.stack(pitches), np.stack(levels), noise


def fundamentals_hz(nebula: Nebula, seeds: list[int]) -> np.ndarray:
    """Returns one frequency for each seed, NaN for a sound without an oscillator."""
    pitches, levels, _ = oscillators(nebula, seeds)
    louder = levels.sum(axis=2).argmax(axis=0)
    rows = np.arange(len(seeds))
    level, pitch = levels[louder, rows], pitches[louder, rows]
    total = level.sum(axis=1)
    middle = (level.cumsum(axis=1) >= total[:, None] / 2).argmax(axis=1)
    return np.where(total > 0, 440.0 * 2.0 ** ((pitch[rows, middle] - 69) / 12), np.nan)


def made(name: str) -> str:
    """Returns cells that say what a nebula is called, and how it was tuned if it was."""
    if name in Nebula.shipped():
        return f"{name} | – | –"
    path = Path(name)
    provenance = json.loads(path.with_suffix(".provenance.json").read_text())
    spec, rendered = provenance["spec"], provenance["sounds_rendered"]
    samplers = " then ".join(phase["sampler"] for phase in spec["search"]["phases"])
    frozen = ", ".join(f"`{glob}`" for glob in spec["search"]["frozen"]) or "nothing"
    return f"{path.parent.name} | {samplers}, {spec['distance']}, {rendered:,} sounds | {frozen}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nebulae", nargs="+")
    parser.add_argument("--sounds", type=int, default=4096)
    arguments = parser.parse_args()
    seeds = np.random.SeedSequence(SCORING_SEED).generate_state(arguments.sounds, np.uint32).tolist()
    lines = [
        "# Fundamentals that are hardly a pitch",
        "",
        f"`python benchmarks/pitch.py {shlex.join(arguments.nebulae)}`, {arguments.sounds:,} sounds each over "
        f"{len(PARAMETERS)} parameters; diversity: log-mel, {DIVERSITY_SOUNDS} sounds. `diversity-free` is "
        "`studies/diversity.toml` with nothing frozen, `paper-diversity` the study of that name with 4 repeats in "
        "place of 30.",
        "",
        f"| nebula | tuned by | left alone | below {LOWEST_HZ:g} Hz | above {HIGHEST_HZ:g} Hz | either | diversity |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in arguments.nebulae:
        nebula = Nebula.load(name)
        found = fundamentals_hz(nebula, seeds)
        low, high = float((found < LOWEST_HZ).mean()), float((found > HIGHEST_HZ).mean())
        varied = float(diversity(draw(nebula, seeds[:DIVERSITY_SOUNDS], get("log-mel")).vectors))
        shares = " | ".join(f"{share:.1%}" for share in (low, high, low + high))
        lines.append(f"| {made(name)} | {shares} | {varied:.4f} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
