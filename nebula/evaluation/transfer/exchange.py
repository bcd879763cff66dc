"""The exchange rate: how many recordings do as well as a loss says."""

import numpy as np
from jaxtyping import Float


def exchange_rates(
    levels: Float[np.ndarray, " curve"],
    sizes: Float[np.ndarray, " size"],
    losses: Float[np.ndarray, "curve size"],
) -> Float[np.ndarray, " curve"]:
    """Returns how many recordings a class reach a loss: where the curve of recordings first comes down to it.

    Between sizes the curve is a straight line over log n. More recordings that happen to do worse are taken to do as
    well as fewer did.

    Args:
        levels: The loss to be reached, one for each curve.
        sizes: Numbers of recordings a class, ascending.
        losses: Of classifiers that learned so many recordings, one row a curve.

    Returns:
        Numbers of recordings: the smallest size where already so few do as well, infinity where all of them do not.

    Example:
        >>> exchange_rates(np.array([0.3]), np.array([1.0, 4.0, 16.0]), np.array([[0.5, 0.4, 0.2]]))
        array([8.])
    """
    reached = np.minimum.accumulate(losses, axis=1)
    found = np.full(len(levels), np.inf)
    for row, (level, curve) in enumerate(zip(levels, reached, strict=True)):
        places = np.flatnonzero(curve <= level)
        if not len(places):
            continue
        place = places[0]
        if place == 0:
            found[row] = sizes[0]
            continue
        share = (curve[place - 1] - level) / (curve[place - 1] - curve[place])
        found[row] = np.exp2(np.log2(sizes[place - 1]) * (1 - share) + np.log2(sizes[place]) * share)
    return found
