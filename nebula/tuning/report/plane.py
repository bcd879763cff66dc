"""Sounds in the plane that shows most of their differences."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from nebula import distances
from nebula.discrepancy import spread_rows
from nebula.embedding import draw
from nebula.tuning.outcome import Outcome
from nebula.tuning.report.verdict import is_unchanged
from nebula.tuning.seeds import Purpose, draw_seeds

#: At most this many sounds of each source are shown.
SOUNDS = 256


@dataclass(frozen=True)
class Plane:
    """Sounds on the first two principal components of all of them together.

    Attributes:
        places: One row for each sound, by role: `target`, `start`, `tuned`.
        shares: How much of the variance lies along each of the two axes, from 0 to 1.
        seeds: Of the sounds of the start and the tuned nebula.
    """

    places: dict[str, Float64[np.ndarray, "sound 2"]]
    shares: tuple[float, float]
    seeds: list[int]


def sound_plane(outcome: Outcome, device: str = "cpu") -> Plane:
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
    return Plane(dict(zip(vectors, np.split(places, ends[:-1]), strict=True)), shares, seeds)


def principal_places(
    vectors: Float[np.ndarray, "sound dimension"],
) -> tuple[Float64[np.ndarray, "sound 2"], tuple[float, float]]:
    """Returns coordinates on the first two principal components, and each one's share of the variance.

    Args:
        vectors: At least one row; a single one lies where both axes are 0.
    """
    if len(vectors) == 1:
        return np.zeros((1, 2)), (0.0, 0.0)
    centred = vectors - vectors.mean(axis=0)
    # The eigenvectors of the products of rows are the left singular vectors of the rows, at a twentieth of the cost
    # where there are many more dimensions than sounds. What the squaring loses is far below the first two components.
    products = centred @ centred.T
    squares, directions = np.linalg.eigh(products)
    first = np.maximum(squares[[-1, -2]], 0.0)
    places = directions[:, [-1, -2]] * np.sqrt(first)
    # A component's sign is arbitrary: the sound that lies furthest out lies on the positive side.
    places *= np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    total = float(np.trace(products)) or 1.0
    return places, (float(first[0]) / total, float(first[1]) / total)
