"""How far apart two sets of vectors are, by repeated draws: equation (2), or a cross-check that sees more than it.

| name | of two sets of vectors | unit |
|---|---|---|
| `l1` | MMD under the l1 distance, equation (2) of Turian et al. 2021 | of the embedding |
| `gaussian` | squared MMD with a Gaussian kernel | none, at most 2 |
| `frechet` | squared Fréchet distance between fitted normal distributions | of the embedding, squared |

KAD, which is the unbiased Gaussian one times 100 with the bandwidth of a reference, and other uses of the Fréchet
distance that papers print are in `nebula.discrepancy`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.discrepancy import (
    MEDIAN_SOUNDS,
    Trials,
    diversity_by_partitions,
    frechet,
    gaussian_mmd,
    median_distance,
    mmd_trials,
    spread_rows,
)
from nebula.errors import ArgumentError
from nebula.evaluation import MEASURES


@dataclass(frozen=True)
class Measure:
    """A measure with what it needs to know beforehand.

    Attributes:
        name: One of `MEASURES`.
        bandwidth: Of the Gaussian kernel, in the unit of the embedding; 0 for other measures.
    """

    name: str
    bandwidth: float = 0.0

    def between(self, x: Tensor, y: Tensor, size: int, trials: int, seed: int) -> Trials:
        """Returns the measure between random subsets of `size` of either set; the same subsets for each measure."""
        if self.name == "l1":
            return mmd_trials(x, y, size, trials, seed)
        generator = np.random.default_rng(seed)
        return self._trials(
            (x[generator.permutation(len(x))[:size]], y[generator.permutation(len(y))[:size]]) for _ in range(trials)
        )

    def within(self, x: Tensor, trials: int, seed: int) -> Trials:
        """Returns the measure between random halves of one set; the same halves for each measure."""
        if self.name == "l1":
            return diversity_by_partitions(x, trials, seed)
        generator = np.random.default_rng(seed)
        orders = (generator.permutation(len(x)) for _ in range(trials))
        return self._trials((x[order[: len(x) // 2]], x[order[len(x) // 2 :]]) for order in orders)

    def _trials(self, pairs: Iterable[tuple[Tensor, Tensor]]) -> Trials:
        if self.name == "frechet":
            return Trials(tuple(float(frechet(x, y)) for x, y in pairs))
        return Trials(tuple(float(gaussian_mmd(x, y, self.bandwidth)) for x, y in pairs))


def check_measure(name: str) -> None:
    """Says so when there is no such measure.

    Raises:
        ArgumentError: `name` is not one of `MEASURES`.
    """
    if name not in MEASURES:
        raise ArgumentError(f"measure: got {name!r}, expected one of {', '.join(MEASURES)}")


def measure_for(name: str, sets: Iterable[Float[Tensor, "sound dimension"]]) -> Measure:
    """Returns the measure of that name for comparing these sets with each other.

    The Gaussian kernel has one bandwidth for all comparisons, or their numbers could not be ordered: the median
    Euclidean distance between sounds of all sets together, equally many of each.

    Args:
        name: One of `MEASURES`.
        sets: At least one set of vectors, of one dimension.

    Raises:
        ArgumentError: There is no such measure, or the median distance is 0.
    """
    check_measure(name)
    if name != "gaussian":
        return Measure(name)
    vectors = list(sets)
    share = min(MEDIAN_SOUNDS // len(vectors), *(len(x) for x in vectors))
    bandwidth = median_distance(torch.cat([spread_rows(x, share).double() for x in vectors]))
    if bandwidth == 0:
        raise ArgumentError("measure: got 'gaussian', but half of the sounds are alike and give its kernel no width")
    return Measure(name, bandwidth)
