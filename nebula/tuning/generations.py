"""What samplers learn from."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

Points = Float64[np.ndarray, "candidate dimension"]


@dataclass(frozen=True)
class Generation:
    """Candidates that were proposed together, and what they were worth.

    Attributes:
        points: In the unit box.
        losses: One for each point, smaller is better.
        seeds: Of each candidate's sounds.
        influences: Of each candidate's sounds on its loss. None where the sampler does not credit sounds.
    """

    points: Points
    losses: Float64[np.ndarray, " candidate"]
    seeds: tuple[tuple[int, ...], ...] = ()
    influences: Float64[np.ndarray, "candidate sound"] | None = None
