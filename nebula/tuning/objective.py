"""What a candidate is worth: a pure function, so that any worker may compute it at any time, and twice if need be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from nebula.discrepancy import (
    GaussianReference,
    Reference,
    diversity,
    diversity_influence,
    mmd_influence,
    nearest_distances,
)
from nebula.distances import Distance
from nebula.embedding import draw
from nebula.errors import StudyError
from nebula.nebulae import Nebula
from nebula.tensors import Float, Float64, Tensor, torch
from nebula.watching import Watcher

#: A target's vectors, prepared for the measure that a study minimises.
TargetReference = Reference | GaussianReference


@dataclass(frozen=True, eq=False)
class Nearness:
    """What a sound is credited for beside its influence on the score: lying near one of the target's.

    Attributes:
        sounds: Vectors of the target's sounds.
        weight: Above 0; at 1 both count alike.
    """

    sounds: Float[Tensor, "sound dimension"]
    weight: float


@dataclass(frozen=True)
class Evaluation:
    """The score of one nebula on one set of draws.

    Attributes:
        score: MMD to the target (smaller is nearer), or diversity (larger is more varied) without one.
        render_seconds: Time spent rendering.
        embed_seconds: Time spent embedding.
        score_seconds: Time spent on the score itself, influences included.
        influences: Of each sound on the score, in the order of the seeds; None unless asked for. With nearness, the
            weighted sum of that and of the distance to the nearest sound of the target, each of mean 0 and variance 1.
    """

    score: float
    render_seconds: float
    embed_seconds: float
    score_seconds: float
    influences: tuple[float, ...] | None = None

    @property
    def seconds(self) -> float:
        """Time spent in all."""
        return self.render_seconds + self.embed_seconds + self.score_seconds


def evaluate(
    nebula: Nebula,
    seeds: Sequence[int],
    target: TargetReference | None,
    distance: Distance,
    device: str | torch.device = "cpu",
    *,
    credit_sounds: bool = False,
    nearness: Nearness | None = None,
    watcher: Watcher | None = None,
) -> Evaluation:
    """Returns the score of a nebula on the sounds of these seeds. Same arguments, same score.

    Args:
        nebula: The candidate.
        seeds: One integer in [0, 2**32) for each sound, at least two.
        target: The target's vectors in the distance's space, prepared for a measure; None to score diversity.
        distance: The distance between sounds.
        device: Where the work is done.
        credit_sounds: Whether each sound's influence on the score is wanted too.
        nearness: What sounds are credited for besides; no part of the score.
        watcher: Called now and then with the number of sounds done and in all; what it raises ends the work.

    Raises:
        StudyError: The score is not a finite number.
    """
    drawn = draw(nebula, seeds, distance, device, watcher)
    started = time.perf_counter()
    with torch.no_grad():
        score = float(diversity(drawn.vectors) if target is None else target.mmd(drawn.vectors))
    if not abs(score) < float("inf"):
        raise StudyError(
            f"nebula {nebula.name!r} scored {score}: the distance {distance.name!r} gave numbers that are not finite"
        )
    influences = None
    if credit_sounds:
        vectors = drawn.vectors
        credit = diversity_influence(vectors) if target is None else mmd_influence(vectors, target)
        if nearness is not None:
            away = nearest_distances(vectors, nearness.sounds.to(vectors.device))
            credit = standardised(credit) + nearness.weight * standardised(away)
        influences = tuple(credit.tolist())
    return Evaluation(score, drawn.render_seconds, drawn.embed_seconds, time.perf_counter() - started, influences)


def standardised(values: Float64[Tensor, " sound"]) -> Float64[Tensor, " sound"]:
    """Returns what sounds are credited with, of mean 0 and variance 1; all 0 where all are alike, such as silence."""
    centred = values - values.mean()
    deviation = centred.std(correction=0)
    return centred / deviation if deviation > 0 else centred
