"""Writes draws.md: how the draws of a generation are chosen, and whether sounds are used again, at equal sounds.

Run with `python benchmarks/draws.py CORPUS [--seeds 3] [--generations 66] [--out FOLDER]`. The descent of `auto` is
carried out here with draws of each kind, its constants being those of `nebula.tuning.gradient`; a study has seeds,
which are independent draws. What was finished is kept: the same command again goes on.
"""

import argparse
import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from scipy.stats import qmc

import nebula
from nebula import Corpus, Nebula, distances
from nebula.discrepancy import Reference, mean_interval, mmd_influence
from nebula.embedding import embed_corpus

DISTANCE = distances.get("log-mel")
START = Nebula.load("uniform")
RATE_HZ = 44_100
#: As two candidates of 64 sounds, what `auto` has in search.md.
SOUNDS = 128
BLOCK = 32
CURVES = (0.01, 100.0)
STEP, STEADY, MOMENTUM, SQUARES = 0.3, 30, 0.9, 0.99
SMALLEST_DRAW = 1e-7
#: Sets of fresh independent draws that a result is scored on.
SETS, SET_SOUNDS = 4, 512
#: Share of its sounds that an earlier generation has to be worth to be used again, and how far back one looks.
WORTH, BACK = 0.3, 5

Draws = Float64[np.ndarray, "sound parameter"]

KINDS = ("independent", "antithetic", "sobol", "independent, used again")


def main() -> None:
    """Runs what is missing and writes the page after each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--generations", type=int, default=66)
    parser.add_argument("--out", type=Path, default=Path("runs/draws"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    tuning, unseen = Corpus.open(arguments.corpus).split()
    target, held_out = (Reference(embed_corpus(half, DISTANCE)) for half in (tuning, unseen))
    for seed in range(arguments.seeds):
        for kind in KINDS:
            kept = arguments.out / f"{kind} {seed} {arguments.generations}.json"
            if not kept.exists():
                found, worth = descended(kind, seed, arguments.generations, target)
                scores = [
                    float(held_out.mmd(heard(np.random.default_rng([9, number]).random((SET_SOUNDS, 78)), found)))
                    for number in range(SETS)
                ]
                kept.write_text(json.dumps({"score": float(np.mean(scores)), "worth": worth}))
                print(kind, seed, np.mean(scores), worth, flush=True)
        write(arguments)


def descended(kind: str, seed: int, generations: int, target: Reference) -> tuple[Nebula, float]:
    """Returns the mean of the second half of a descent's path, and how many sounds a step learned from, on average."""
    symmetric = np.array(START.symmetric)
    path = [np.log(np.array(START.curves))]
    mean, square = np.zeros(78), np.zeros(78)
    earlier: list[tuple[np.ndarray, np.ndarray, torch.Tensor]] = []
    worth = []
    for told in range(generations):
        logs = path[-1]
        unit = drawn(kind, seed, told)
        share = np.clip(np.where(symmetric, np.abs(2 * unit - 1), unit), SMALLEST_DRAW, 1)
        vectors = heard(unit, bent(logs))
        credits_, shares, weights = [mmd_influence(vectors, target).numpy()], [share], [np.ones(len(share))]
        if kind.endswith("used again"):
            now = Reference(vectors)
            for old_logs, old_share, old_vectors in earlier[-BACK:]:
                ratio, new_share = moved(old_logs, logs, old_share)
                ratio /= ratio.mean()
                effective = ratio.sum() ** 2 / (ratio**2).sum() / len(ratio)
                if effective >= WORTH:
                    away = (
                        target.summed_distances(old_vectors) / target.sounds
                        - now.summed_distances(old_vectors) / SOUNDS
                    )
                    credits_.append(2 * away.numpy())
                    shares.append(new_share)
                    weights.append(ratio * effective)
            earlier.append((logs, share, vectors))
        credit, weight = np.concatenate(credits_), np.concatenate(weights)
        worth.append(weight.sum() ** 2 / (weight**2).sum())
        weight /= weight.sum()
        credit = credit - weight @ credit
        credit /= np.sqrt(weight @ credit**2)
        slope = (weight * credit) @ (1 + np.log(np.maximum(np.concatenate(shares), SMALLEST_DRAW)))
        mean = MOMENTUM * mean + (1 - MOMENTUM) * slope
        square = SQUARES * square + (1 - SQUARES) * slope**2
        size = np.sqrt(square / (1 - SQUARES ** (told + 1)))
        step = STEP / np.sqrt(1 + told / STEADY) * mean / (1 - MOMENTUM ** (told + 1)) / size
        path.append(np.clip(logs - step, *np.log(CURVES)))
    return bent(np.mean(path[len(path) // 2 :], axis=0)), float(np.mean(worth))


def drawn(kind: str, seed: int, generation: int) -> Draws:
    """Returns the draws of a generation, each uniform in the unit box by itself."""
    generator = np.random.default_rng([seed, generation])
    if kind == "sobol":
        return np.asarray(qmc.Sobol(78, scramble=True, rng=generator).random(SOUNDS))
    if kind == "antithetic":
        half = generator.random((SOUNDS // 2, 78))
        return np.concatenate([half, 1 - half])
    return generator.random((SOUNDS, 78))


def moved(
    old: Float64[np.ndarray, " parameter"], new: Float64[np.ndarray, " parameter"], share: Draws
) -> tuple[Float64[np.ndarray, " sound"], Draws]:
    """Returns by how much likelier sounds of old log-curves are under new ones, and the shares of draws that they are.

    The density of v is c v^(c - 1), and v = u^(1 / c).
    """
    ratio = np.exp(new - old)
    logs = np.log(share)
    return np.exp((new - old + (ratio - 1) * logs).sum(axis=1)), np.exp(ratio * logs)


def bent(logs: Float64[np.ndarray, " parameter"]) -> Nebula:
    """Returns the nebula of log-curves."""
    return Nebula(tuple(np.exp(logs).tolist()), START.symmetric, "descent")


def heard(unit: Draws, chosen: Nebula) -> torch.Tensor:
    """Returns the vectors of draws, (sound, dimension)."""
    voice = nebula.Voice()
    rows = torch.from_numpy(unit).float().clamp(0, 1)
    with torch.no_grad():
        return torch.cat([DISTANCE.embed(voice.render(part, chosen), RATE_HZ) for part in rows.split(BLOCK)])


def write(arguments: argparse.Namespace) -> None:
    """Writes the page of what there is."""
    known = {
        (kind, seed): json.loads(path.read_text())
        for kind in KINDS
        for seed in range(arguments.seeds)
        if (path := arguments.out / f"{kind} {seed} {arguments.generations}.json").exists()
    }
    lines = [
        "# Draws of a generation, and sounds used again",
        "",
        f"`python benchmarks/draws.py CORPUS --seeds {arguments.seeds} --generations {arguments.generations}` on "
        f"{platform.machine()}, torch {version('torch')}, scipy {version('scipy')}.",
        "",
        f"{arguments.generations} generations of {SOUNDS} sounds, {arguments.generations * SOUNDS:,} in all, of the "
        f"Voice from `uniform`, towards half of {Path(arguments.corpus).name}; log-mel MMD to the other half, on "
        f"{SETS} sets of {SET_SOUNDS} fresh independent draws, over seeds with a 95 % interval. Less independent: the "
        "difference at the same seed. Sounds a step learns from: effective ones, by their weights.",
        "",
        "| draws | score | less independent | sounds a step learns from | seeds |",
        "|---|---|---|---|---|",
    ]
    for kind in KINDS:
        seeds = [seed for seed in range(arguments.seeds) if (kind, seed) in known]
        both = [seed for seed in seeds if (KINDS[0], seed) in known]
        if len(both) < 2:
            continue
        score = mean_interval([known[kind, seed]["score"] for seed in seeds])
        gap = mean_interval([known[kind, seed]["score"] - known[KINDS[0], seed]["score"] for seed in both])
        less = "–" if kind == KINDS[0] else f"{gap.mean:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
        worth = np.mean([known[kind, seed]["worth"] for seed in seeds])
        lines.append(
            f"| {kind} | {score.mean:.4f} ({score.low:.4f} to {score.high:.4f}) | {less} | {worth:.0f} | {len(seeds)} |"
        )
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
