"""Sounds in the plane that shows most of their differences."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from nebula import distances
from nebula.discrepancy import principal_places, spread_rows
from nebula.embedding import draw
from nebula.tuning.outcome import Outcome
from nebula.tuning.report.verdict import is_unchanged
from nebula.tuning.seeds import Purpose, draw_seeds

#: At most this many sounds of each source are shown.
SOUNDS = 256


@dataclass(frozen=True)
class SoundPlane:
    """Sounds on the first two principal components of all of them together.

    Attributes:
        places: One row for each sound, by role: `target`, `start`, `tuned`.
        shares: How much of the variance lies along each of the two axes, from 0 to 1.
        seeds: Of the sounds of the start and the tuned nebula.
    """

    places: dict[str, Float64[np.ndarray, "sound 2"]]
    shares: tuple[float, float]
    seeds: list[int]


def sound_plane(outcome: Outcome, device: str = "cpu") -> SoundPlane:
    """Returns where sounds of target, start and tuned nebula lie in the distance's space, seen in two dimensions.

    A nebula gives as many sounds as a trial has, at most 256; those that can be played are the first of them.

    Args:
        outcome: The finished study.
        device: Where sounds are rendered and embedded.
    """
    spec = outcome.spec
    distance = distances.get(spec.distance)
    seeds = draw_seeds(spec.seed, Purpose.LISTENING, 0, min(SOUNDS, spec.sounds_per_trial))
    vectors = {}
    if outcome.target is not None:
        vectors["target"] = spread_rows(outcome.target.vectors, SOUNDS)
    vectors["start"] = draw(outcome.start.nebula, seeds, distance, device).vectors
    if not is_unchanged(outcome):
        vectors["tuned"] = draw(outcome.winner.nebula, seeds, distance, device).vectors
    places, shares = principal_places(np.concatenate([v.double().cpu().numpy() for v in vectors.values()]))
    ends = np.cumsum([len(v) for v in vectors.values()])
    return SoundPlane(dict(zip(vectors, np.split(places, ends[:-1]), strict=True)), shares, seeds)
