"""What a sound says about each component of a mixture: how much it is its own, and which way its exponents should go.

A mixture with weights p_k and densities f_k has the density sum p_k f_k, and of a sound x the score by what moves
component k is r_k s_k, where s_k is the component's own score at x and

    r_k = p_k f_k(x) / sum_j p_j f_j(x)

its responsibility; the score by the logarithm of the weight, before weights are brought to a sum of 1, is r_k - p_k.
Which component a sound was drawn from has no part in it: a sound that several could have made is credited to them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from nebula.draws import laws
from nebula.nebulae import Nebula

# As of `nebula.tuning.gradient`: no single sound should decide a step.
_SHARES = (1e-7, 1 - 2.0**-25)


@dataclass(frozen=True)
class MixtureScores:
    """Scores of sounds.

    Attributes:
        responsibilities: Of each component for each sound; those of a sound add up to 1.
        curve: By each log-curve of each component, were all sounds its own.
        fall: By each log-fall likewise.
    """

    responsibilities: Float64[np.ndarray, "sound component"]
    curve: Float64[np.ndarray, "component sound column"]
    fall: Float64[np.ndarray, "component sound column"]


def mixture_scores(
    components: tuple[tuple[float, Nebula], ...],
    draws: Float64[np.ndarray, "sound parameter"],
    which: Int[np.ndarray, " sound"],
    columns: Sequence[int],
) -> MixtureScores:
    """Returns what sounds say about each component.

    Args:
        components: Weights that add up to 1, and nebulae of the same symmetry whose draws are independent.
        draws: The unit draws of each sound.
        which: The component that each sound was drawn from.
        columns: Whose scores are returned, in their order.
    """
    weights = np.array([weight for weight, _ in components])
    curves, falls = (
        np.array(rows) for rows in zip(*((part.curves, part.falls) for _, part in components), strict=True)
    )
    # Where all components are alike, a sound says nothing of whose it is.
    differs = (curves != curves[0]).any(axis=0) | (falls != falls[0]).any(axis=0)
    differs[list(columns)] = True
    used = np.flatnonzero(differs)
    curves, falls, unit = curves[:, used], falls[:, used], draws[:, used]
    asked = np.searchsorted(used, columns)
    symmetric = np.array(components[0][1].symmetric)[used]
    share = np.clip(np.where(symmetric, np.abs(2 * unit - 1), unit), *_SHARES)
    places = np.empty_like(share)
    for number in range(len(components)):
        mine = which == number
        places[mine] = laws.log_place_of(share[mine], curves[number], falls[number])
    logarithms = [laws.log_density(places, *both).sum(axis=1) for both in zip(curves, falls, strict=True)]
    grown = np.stack(logarithms, axis=1) + np.log(weights)
    relative = np.exp(grown - grown.max(axis=1, keepdims=True))
    scores = []
    for curve, fall in zip(curves[:, asked], falls[:, asked], strict=True):
        below = np.clip(laws.share_of(places[:, asked], curve, fall), *_SHARES)
        scores.append(laws.scores(below, fall))
    return MixtureScores(
        relative / relative.sum(axis=1, keepdims=True),
        np.stack([curve for curve, _ in scores]),
        np.stack([fall for _, fall in scores]),
    )
