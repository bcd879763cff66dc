"""Retrieval of the same preset: whether a sound's nearest neighbour, by a distance, is another sound of its preset.

From each of many presets two sounds are taken. For each sound all others are sorted by distance; the other sound of its
preset, the only relevant one, counts 1 / log2(1 + place): the discounted cumulative gain with binary relevance.

The gain depends on how many sounds there are to choose from, so numbers compare at equal `sounds` only, and chance, the
gain at a random place, stands beside it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nebula import distances
from nebula.audio import Corpus, Skipped
from nebula.discrepancy import l1_distances
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation.bootstrap import bootstrap_interval
from nebula.evaluation.presets import Embedded, Preset, embed_presets, find_presets
from nebula.watching import Watcher

#: Between the two sounds of a preset where pitch varies: no interval shares fewer partials.
TRITONE_SEMITONES = 6

# All distances between this many sounds take 128 MB; with more, each trial computes its own.
_MATRIX_SOUNDS = 4096


@dataclass(frozen=True)
class PresetRetrieval:
    """How well the sounds of one preset find each other.

    Attributes:
        name: Of the preset.
        gain: Mean discounted cumulative gain over its two sounds and the trials it took part in, in (0, 1].
        trials: How many those were.
    """

    name: str
    gain: float
    trials: int


@dataclass(frozen=True)
class Retrieval:
    """Discounted cumulative gain over the presets of a corpus.

    Attributes:
        distance: Name of the distance.
        by: The property that varies within a preset, `pitch` or `velocity`.
        gain: Mean over presets; 1 where the nearest sound is always of the same preset.
        low: Lower end of its 95 % interval by bootstrap over presets; -infinity for a single preset.
        high: Upper end.
        chance: The gain at a random place.
        sounds: Among which each trial searched.
        trials: How many.
        presets: One entry each.
        skipped: Sounds that could not be used, and why.
    """

    distance: str
    by: str
    gain: float
    low: float
    high: float
    chance: float
    sounds: int
    trials: int
    presets: tuple[PresetRetrieval, ...]
    skipped: tuple[Skipped, ...]


def evaluate_retrieval(
    corpus: Corpus,
    distance: str = "log-mel",
    *,
    by: str = "pitch",
    sounds: int = 400,
    trials: int = 100,
    seed: int = 0,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> Retrieval:
    """Returns how well a distance finds the other sound of the same preset.

    A trial draws `sounds` / 2 presets, or takes all where there are fewer, and two sounds of each: by pitch a tritone
    apart, by velocity any two. Draws depend on labels and seed alone, so that distances are judged on the same ones.

    Args:
        corpus: Labelled sounds; `find_presets` says by which labels. Sounds that cannot be used are left out, and so
            are repetitions of a sound within a preset.
        distance: Name of the distance.
        by: The property that varies within a preset, `pitch` or `velocity`.
        sounds: In a trial, an even number, 4 or more.
        trials: 1 or more; the paper takes 600.
        seed: Everything random follows from it.
        device: Where sounds are embedded.
        watcher: Told the number of sounds done and in all.

    Raises:
        ArgumentError: An argument is outside what is allowed.
        CorpusError: Fewer than two presets have two such sounds.

    Source:
        Turian et al., "One Billion Audio Sounds from GPU-enabled Modular Synthesis", DAFx 2021, section 4.2.2.
    """
    if sounds < 4 or sounds % 2:
        raise ArgumentError(f"sounds: got {sounds}, expected an even number, 4 or more")
    if trials < 1:
        raise ArgumentError(f"trials: got {trials}, expected 1 or more")
    if seed < 0:
        raise ArgumentError(f"seed: got {seed}, expected 0 or more")
    chosen = distances.get(distance)
    wanted = [preset for preset in find_presets(corpus, by) if _drawable(preset, by)]
    embedded = embed_presets(corpus, wanted, chosen, device, watcher) if len(wanted) > 1 else Embedded((), ())
    used = [(preset, vectors) for preset, vectors in embedded.presets if _drawable(preset, by)]
    if len(used) < 2:
        apart = f"two sounds {TRITONE_SEMITONES} semitones apart" if by == "pitch" else "two different sounds"
        raise CorpusError(f"corpus {corpus.name}: fewer than 2 presets by {by} have {apart}")
    pool = torch.cat([vectors for _, vectors in used])
    choices, start = [], 0
    for preset, _ in used:
        choices.append(_Choice(start, len(preset.ranks), _tritones(preset) if by == "pitch" else None))
        start += len(preset.ranks)
    searched = 2 * min(sounds // 2, len(used))
    # Distances of all sounds serve every trial, unless the trials together need fewer.
    at_once = len(pool) <= _MATRIX_SOUNDS and len(pool) ** 2 <= trials * searched**2
    whole = l1_distances(pool).numpy() if at_once else None

    def between(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return l1_distances(pool[rows]).numpy() if whole is None else whole[np.ix_(rows, rows)]

    gains = _trial_gains(choices, between, searched // 2, trials, seed)
    rows = tuple(
        PresetRetrieval(preset.name, float(np.mean(found)), len(found))
        for (preset, _), found in zip(used, gains, strict=True)
        if found
    )
    interval = bootstrap_interval([row.gain for row in rows], seed=seed)
    return Retrieval(
        distance,
        by,
        interval.mean,
        interval.low,
        interval.high,
        chance=chance_gain(searched),
        sounds=searched,
        trials=trials,
        presets=rows,
        skipped=embedded.skipped,
    )


def gains_of_pairs(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the gain of each sound where sounds 2i and 2i + 1 are of one preset.

    Sounds as near as the relevant one share their places: the gain is the mean over those, so that a distance gains
    nothing from calling all sounds alike.

    Args:
        distances: Between all sounds, symmetric; an even number of them.

    Raises:
        ArgumentError: The matrix is not square or has an odd number of rows.

    Example:
        >>> gains_of_pairs(np.array([[0.0, 2, 1, 3], [2, 0, 3, 3], [1, 3, 0, 1], [3, 3, 1, 0]])).round(3)
        array([0.631, 1.   , 0.815, 1.   ])
    """
    count = len(distances)
    if distances.shape != (count, count) or count % 2 or not count:
        raise ArgumentError(f"distances: got shape {distances.shape}, expected a square of an even number of rows")
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    relevant = others[np.arange(count), np.arange(count) ^ 1][:, None]
    nearer = (others < relevant).sum(axis=1)
    tied = (others == relevant).sum(axis=1)
    upto = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, count + 1)))])
    gains: NDArray[np.float64] = (upto[nearer + tied] - upto[nearer]) / tied
    return gains


def chance_gain(sounds: int) -> float:
    """Returns the expected gain where the relevant one of `sounds` - 1 others is at a random place."""
    return math.fsum(1 / math.log2(1 + place) for place in range(1, sounds)) / (sounds - 1)


@dataclass(frozen=True)
class _Choice:
    """What a trial may take from one preset: one of `pairs`, or any two of `count` sounds, counted from `start` on."""

    start: int
    count: int
    pairs: NDArray[np.int64] | None

    def draw(self, generator: np.random.Generator) -> NDArray[np.int64]:
        # Pairs of any two are not listed: 127 velocities have 8,001, and there are presets by the thousand.
        listed = self.pairs
        pair: NDArray[np.int64] = (
            generator.permutation(self.count)[:2] if listed is None else listed[generator.integers(len(listed))]
        )
        return pair + self.start


def _tritones(preset: Preset) -> NDArray[np.int64]:
    ranks = np.asarray(preset.ranks)
    pairs: NDArray[np.int64] = np.argwhere(ranks - ranks[:, None] == TRITONE_SEMITONES)
    return pairs


def _drawable(preset: Preset, by: str) -> bool:
    return len(_tritones(preset)) > 0 if by == "pitch" else len(preset.ranks) > 1


def _trial_gains(
    choices: Sequence[_Choice],
    between: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    presets: int,
    trials: int,
    seed: int,
) -> list[list[float]]:
    """The mean gain of each preset's two sounds in each trial that it took part in."""
    generator = np.random.default_rng(seed)
    found: list[list[float]] = [[] for _ in choices]
    for _ in range(trials):
        taken = generator.permutation(len(choices))[:presets]
        rows = np.concatenate([choices[place].draw(generator) for place in taken])
        gains = gains_of_pairs(between(rows)).reshape(-1, 2).mean(axis=1)
        for place, gain in zip(taken, gains, strict=True):
            found[place].append(float(gain))
    return found
