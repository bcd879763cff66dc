"""Precision and recall of sounds: whether those of a nebula lie where the target's lie, and reach all of them.

| number | of | is the share of | or |
|---|---|---|---|
| precision | rendered sounds | those within the target | low where a nebula is too wide |
| density | rendered sounds | – | the same, but counts in how many neighbourhoods of the target; 1 is ideal |
| recall | target sounds | those within the nebula | low where a nebula is too narrow |
| coverage | target sounds | those with a rendered sound nearby | the same, and not fooled by far outliers |

"Within" a set means no farther from one of its sounds than that sound's k-th nearest neighbour in the set. Takes of the
same thing are one neighbour of others, and none of each other: they would make neighbourhoods as small as repetitions.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from nebula.discrepancy import Interval
from nebula.errors import ArgumentError
from nebula.evaluation.bootstrap import bootstrap_interval

#: Neighbours that make a neighbourhood, as the sources have them.
PRECISION_NEIGHBOURS = 3
DENSITY_NEIGHBOURS = 5


@dataclass(frozen=True)
class Fidelity:
    """The four numbers, each with a 95 % interval by bootstrap over sounds, neighbourhoods held fixed.

    Attributes:
        precision: In [0, 1].
        recall: In [0, 1].
        density: At least 0, expected 1 where both sets are alike.
        coverage: In [0, 1].
    """

    precision: Interval
    recall: Interval
    density: Interval
    coverage: Interval


def fidelity(
    target: Float[np.ndarray, "target_sound trait"],
    rendered: Float[np.ndarray, "rendered_sound trait"],
    groups: Int[np.ndarray, " target_sound"] | None = None,
    seed: int = 0,
) -> Fidelity:
    """Returns how well one set of sounds matches another, which is the measure of all lengths.

    Each trait is divided by its standard deviation over the target. Numbers compare at equal sizes of the sets only.

    Args:
        target: One row for each sound that is to be resembled.
        rendered: The other sounds; as many, by custom.
        groups: Target sounds with equal numbers are takes of the same thing; each its own if None.
        seed: Decides the resamples.

    Raises:
        ArgumentError: There are too few sounds, or groups of them, for five neighbours.

    Sources:
        Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", NeurIPS 2019,
        equations (1) and (2). Naeem et al., "Reliable fidelity and diversity metrics for generative models", ICML 2020,
        equations (3) and (4).
    """
    takes = np.arange(len(target)) if groups is None else groups
    _, members, sizes = np.unique(takes, return_inverse=True, return_counts=True)
    for name, found in (("target", len(sizes) - 1), ("rendered", len(rendered) - 1)):
        if found < DENSITY_NEIGHBOURS:
            raise ArgumentError(f"{name}: got {found} neighbours of a sound, expected {DENSITY_NEIGHBOURS} or more")
    # Imported here, as below, for the reason that scikit-learn is.
    from scipy.spatial.distance import cdist

    scale = target.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    real, fake = target / scale, rendered / scale
    between = cdist(fake, real)
    nearer, near = _radii(real, members, PRECISION_NEIGHBOURS), _radii(real, members, DENSITY_NEIGHBOURS)
    reach = _radii(fake, np.arange(len(fake)), PRECISION_NEIGHBOURS)
    density = (between <= near) @ (1 / sizes[members]) / DENSITY_NEIGHBOURS
    return Fidelity(
        precision=bootstrap_interval((between <= nearer).any(axis=1), seed=seed),
        recall=bootstrap_interval((between <= reach[:, None]).any(axis=0), seed=seed, groups=takes),
        density=bootstrap_interval(density, seed=seed),
        coverage=bootstrap_interval((between <= near).any(axis=0), seed=seed, groups=takes),
    )


def _radii(
    sounds: Float[np.ndarray, "sound trait"], members: Int[np.ndarray, " sound"], neighbours: int
) -> Float[np.ndarray, " sound"]:
    """How far each sound is from the nearest take of its n-th nearest other thing."""
    from scipy.spatial.distance import cdist

    order = np.argsort(members, kind="stable")
    starts = np.searchsorted(members[order], np.arange(members.max() + 1))
    nearest = np.minimum.reduceat(cdist(sounds, sounds)[:, order], starts, axis=1)
    nearest[np.arange(len(sounds)), members] = np.inf
    radii: Float[np.ndarray, " sound"] = np.partition(nearest, neighbours - 1, axis=1)[:, neighbours - 1]
    return radii
