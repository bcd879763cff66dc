"""How near do matches come to recordings, and are sounds of known parameters found again? Writes matching.md.

    python benchmarks/matching.py CORPORA [--synths voice subtractive dx7] [--recordings 60] [--known 20]
        [--bank 10000] [--generations 128] [--out runs/matching]

CORPORA holds the folders percussion and pitched; of each, recordings that lie evenly in the order of their names are
matched, as `nebula match` does. Sounds of known parameters are drawn from each synth's default nebula, or its uniform
one, and have the noise that matches have, which a preset does not choose. All is done by one thread. A line is added to
`rows.jsonl` for each match, and the same command again goes on; the table is that of all lines there are.
"""

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nebula import Corpus, Nebula, distances, synths
from nebula.embedding import SAMPLE_RATE_HZ, embed_sounds, player_of
from nebula.matching import Bank, Effort, make_bank, match
from nebula.matching.search import NOISE_ROW

DISTANCE = distances.get("log-mel")
TARGETS = ("percussion", "pitched")
KNOWN = "known"
#: Away from the numbers that banks are drawn by, which follow from small seeds.
KNOWN_SEED = 20_340_000
#: Found again: within this share of the median distance of two random sounds.
FOUND_WITHIN = 0.1

Rows = list[dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--synths", nargs="+", default=["voice", "subtractive", "dx7"])
    parser.add_argument("--recordings", type=int, default=60, help="of each folder")
    parser.add_argument("--known", type=int, default=20)
    parser.add_argument("--bank", type=int, default=10_000)
    parser.add_argument("--generations", type=int, default=128)
    parser.add_argument("--out", type=Path, default=Path("runs/matching"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    effort = Effort(bank=arguments.bank, generations=arguments.generations)
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines = arguments.out / "rows.jsonl"

    wanted = {target: recordings(arguments.corpora / target, arguments.recordings) for target in TARGETS}
    banks = {synth: kept_bank(synth, effort, arguments.out) for synth in arguments.synths}
    truths = {synth: known_sounds(synth, arguments.known) for synth in arguments.synths}
    done = {(row["target"], row["synth"], row["sound"]) for row in read(lines)}
    # Known sounds, the fewer, go first. All synths and targets advance together, so that a table of a part is one of
    # all.
    order = [(KNOWN, place) for place in range(arguments.known)]
    order += [(target, place) for place in range(arguments.recordings) for target in TARGETS]
    for target, place in order:
        for synth in arguments.synths:
            sounds = truths[synth] if target == KNOWN else wanted[target]
            for sound, vector in sounds[place : place + 1]:
                if (target, synth, sound) not in done:
                    row = {"target": target, "synth": synth, "sound": sound}
                    add(lines, row | matched(vector, banks[synth], effort))
                    write(read(lines), banks, effort, arguments.synths)


def recordings(folder: Path, count: int) -> list[tuple[str, Tensor]]:
    """Returns names and vectors of recordings that lie evenly among those of a folder."""
    corpus = Corpus.open(folder)
    names = sorted(sound.name for sound in corpus.sounds)
    chosen = [names[place] for place in np.linspace(0, len(names) - 1, count).round().astype(int)]
    found = embed_sounds(corpus.subset(chosen), DISTANCE)
    return [(sound.name, vector) for sound, vector in zip(found.sounds, found.vectors, strict=True)]


def start_nebula(synth: str) -> Nebula:
    default = synths.get(synth).default
    return Nebula.load(default) if default else Nebula.uniform(synth)


def known_sounds(synth: str, count: int) -> list[tuple[str, Tensor]]:
    """Returns seeds and vectors of sounds of known parameters."""
    nebula = start_nebula(synth)
    seeds = np.random.SeedSequence(KNOWN_SEED).generate_state(count, np.uint32).tolist()
    with torch.no_grad():
        drawn = synths.get(synth).sample(seeds)
        audio = player_of(nebula).render(drawn, nebula, torch.full((count,), NOISE_ROW))
        return [(str(seed), row) for seed, row in zip(seeds, DISTANCE.embed(audio, SAMPLE_RATE_HZ), strict=True)]


def kept_bank(synth: str, effort: Effort, out: Path) -> Bank:
    """Returns the random sounds of a synth, which take minutes, from a file if they are there."""
    path = out / f"{synth} {effort.bank}.npz"
    if not path.exists():
        bank = make_bank(synth, DISTANCE, effort)
        half_written = path.with_suffix(".part.npz")
        np.savez(half_written, units=bank.units, vectors=bank.vectors.numpy())
        half_written.rename(path)
        print(path, flush=True)
    content = np.load(path)
    return Bank(synth, content["units"], torch.from_numpy(content["vectors"]))


def matched(vector: Tensor, bank: Bank, effort: Effort) -> dict[str, Any]:
    started = time.process_time()
    found = match(vector, bank, DISTANCE, effort)
    seconds = time.process_time() - started
    return {"distance": found.distance, "random": found.retrieved, "sounds": found.sounds, "seconds": seconds}


def apart(bank: Bank) -> float:
    """Returns the median distance of two random sounds of the nebula that the first half of a bank is drawn from."""
    half = bank.vectors[: len(bank.vectors) // 4 * 2].unflatten(0, (2, -1))[0]
    first, second = half[: len(half) // 2], half[len(half) // 2 : len(half) // 2 * 2]
    return float((first - second).abs().sum(1).median())


def add(path: Path, row: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(row, flush=True)


def read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def write(rows: Rows, banks: dict[str, Bank], effort: Effort, names: list[str]) -> None:
    """Writes the table of what there is so far."""

    def median(found: Rows, key: str) -> float:
        return float(np.median([row[key] for row in found]))

    lines = [
        "# Matches",
        "",
        f"`python benchmarks/matching.py CORPORA --synths {' '.join(names)} --bank {effort.bank} --generations "
        f"{effort.generations}` on {platform.machine()}, one thread, torch {version('torch')}. Median log-mel "
        f"distances; each match renders {effort.generations * effort.children:,} sounds beside the {effort.bank:,} "
        "random ones that it begins with.",
    ]
    if any(row["target"] != KNOWN for row in rows):
        lines += [
            "",
            "| recordings | synth | matched | nearest random sound | match | CPU seconds each |",
            "|---|---|---|---|---|---|",
        ]
    for target in TARGETS:
        for synth in names:
            found = [row for row in rows if (row["target"], row["synth"]) == (target, synth)]
            if found:
                cells = (
                    f"{median(found, 'random'):.3f} | {median(found, 'distance'):.3f} | {median(found, 'seconds'):.1f}"
                )
                lines.append(f"| {target} | {synth} | {len(found)} | {cells} |")
    lines += [
        "",
        "Sounds of known parameters, over the median distance of two random sounds; found again is what comes within "
        f"{FOUND_WITHIN:g} of that.",
        "",
        "| synth | sounds | two random sounds | nearest random sound | match | found again | CPU seconds each |",
        "|---|---|---|---|---|---|---|",
    ]
    for synth in names:
        found = [row for row in rows if (row["target"], row["synth"]) == (KNOWN, synth)]
        if found:
            unit = apart(banks[synth])
            seconds = f"{median(found, 'seconds'):.1f}"
            again = sum(row["distance"] <= FOUND_WITHIN * unit for row in found)
            cells = f"{median(found, 'random') / unit:.3f} | {median(found, 'distance') / unit:.3f}"
            lines.append(f"| {synth} | {len(found)} | {unit:.3f} | {cells} | {again} of {len(found)} | {seconds} |")
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
