"""Ordering over the presets of a corpus: whether a distance puts sounds in the order of their pitch or velocity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nebula import distances
from nebula.audio import Corpus, Skipped
from nebula.discrepancy import l1_distances
from nebula.errors import ArgumentError, CorpusError
from nebula.evaluation.bootstrap import bootstrap_interval
from nebula.evaluation.presets import Embedded, embed_presets, find_presets
from nebula.evaluation.ranking import PresetOrdering, order_preset
from nebula.watching import Watcher


@dataclass(frozen=True)
class Ordering:
    """Equation (1) over the presets of a corpus.

    Attributes:
        distance: Name of the distance.
        by: What was ranked, `pitch` or `velocity`.
        spearman: Mean over presets.
        low: Lower end of its 95 % interval by bootstrap over presets; -infinity for a single preset.
        high: Upper end.
        chance: What random distances would score on the same draws.
        ideal: What differences in rank, taken for distances, score on the same draws.
        sounds: In all presets together.
        presets: One entry each.
        skipped: Sounds that could not be used, and why.
    """

    distance: str
    by: str
    spearman: float
    low: float
    high: float
    chance: float
    ideal: float
    sounds: int
    presets: tuple[PresetOrdering, ...]
    skipped: tuple[Skipped, ...]


def evaluate_ordering(
    corpus: Corpus,
    distance: str = "log-mel",
    *,
    by: str = "pitch",
    minimum: int = 4,
    limit: int = 200,
    seed: int = 0,
    device: str = "cpu",
    watcher: Watcher | None = None,
) -> Ordering:
    """Returns how well a distance orders the sounds within each preset of a corpus.

    The choices of s, s_l and s_h depend on labels and seed alone, so that distances are judged on the same ones.

    Args:
        corpus: Labelled sounds; `find_presets` says by which labels. Those that cannot be used are left out, and so
            are repetitions of a sound within a preset.
        distance: Name of the distance.
        by: The property that is ranked, `pitch` or `velocity`.
        minimum: Fewest sounds of a preset, 3 or more; they need three different ranks. The paper takes 3, where every
            distance scores 1.
        limit: Most choices of s, s_l and s_h in a preset.
        seed: Everything random follows from it.
        device: Where sounds are embedded.
        watcher: Told the number of sounds done and in all.

    Raises:
        ArgumentError: An argument is outside what is allowed.
        CorpusError: The labels define no preset of the size wanted.
    """
    if minimum < 3:
        raise ArgumentError(f"minimum: got {minimum}, expected 3 or more")
    if seed < 0:
        raise ArgumentError(f"seed: got {seed}, expected 0 or more")
    chosen = distances.get(distance)
    wanted = [found for found in find_presets(corpus, by) if _fits(found.ranks, minimum)]
    embedded = embed_presets(corpus, wanted, chosen, device, watcher) if wanted else Embedded((), ())
    rows = tuple(
        order_preset(l1_distances(vectors).numpy(), preset.ranks, preset.name, limit, seed)
        for preset, vectors in embedded.presets
        if _fits(preset.ranks, minimum)
    )
    if not rows:
        raise CorpusError(
            f"corpus {corpus.name}: no preset has {minimum} different sounds and 3 different ranks by {by}"
        )
    interval = bootstrap_interval([row.spearman for row in rows], seed=seed)
    return Ordering(
        distance,
        by,
        interval.mean,
        interval.low,
        interval.high,
        chance=float(np.mean([row.chance for row in rows])),
        ideal=float(np.mean([row.ideal for row in rows])),
        sounds=sum(row.sounds for row in rows),
        presets=rows,
        skipped=embedded.skipped,
    )


def _fits(ranks: Sequence[float], minimum: int) -> bool:
    return len(ranks) >= minimum and len(set(ranks)) >= 3
