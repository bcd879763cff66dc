"""How far apart two sets of vectors are, by repeated draws: equation (2), or a cross-check that sees more than it.

| name | of two sets of vectors | unit |
|---|---|---|
| `l1` | MMD under the l1 distance, equation (2) of Turian et al. 2021 | of the embedding |
| `gaussian` | squared MMD with a Gaussian kernel | none, at most 2 |
| `frechet` | squared Fréchet distance between fitted normal distributions | of the embedding, squared |
| `kad` | kernel audio distance: 100 times the unbiased Gaussian one, with the bandwidth of a reference | none |
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nebula.discrepancy import (
    KAD_SCALE,
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
        bandwidth: Of a Gaussian kernel, in the unit of the embedding; 0 for other measures.
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
        if self.name == "kad":
            return Trials(tuple(KAD_SCALE * float(gaussian_mmd(x, y, self.bandwidth, unbiased=True)) for x, y in pairs))
        return Trials(tuple(float(gaussian_mmd(x, y, self.bandwidth)) for x, y in pairs))


def check_measure(name: str, has_reference: bool) -> None:
    """Says so when there is no such measure, or it lacks a reference.

    Raises:
        ArgumentError: `name` is not one of `MEASURES`, or is `kad` and there is none.
    """
    if name not in MEASURES:
        raise ArgumentError(f"measure: got {name!r}, expected one of {', '.join(MEASURES)}")
    if name == "kad" and not has_reference:
        raise ArgumentError("reference: missing; kad takes the bandwidth of its kernel from one set")


def measure_for(
    name: str,
    sets: Iterable[Float[Tensor, "_ dimension"]],
    reference: Float[Tensor, "sound_of_reference dimension"] | None = None,
) -> Measure:
    """Returns the measure of that name for comparing these sets with each other.

    A Gaussian kernel has one bandwidth for all comparisons, or their numbers could not be ordered: the median Euclidean
    distance between sounds of the reference, so that no other set changes a number, or where there is none between
    sounds of all sets together, equally many of each.

    Args:
        name: One of `MEASURES`.
        sets: At least one set of vectors, of one dimension.
        reference: The set that all others are compared with; KAD needs one.

    Raises:
        ArgumentError: There is no such measure, KAD has no reference, or the median distance is 0.
    """
    check_measure(name, reference is not None)
    if name not in ("gaussian", "kad"):
        return Measure(name)
    vectors = list(sets) if reference is None else [reference]
    share = min(MEDIAN_SOUNDS // len(vectors), *(len(x) for x in vectors))
    bandwidth = median_distance(torch.cat([spread_rows(x, share).double() for x in vectors]))
    if bandwidth == 0:
        raise ArgumentError(f"measure: got {name!r}, but half of the sounds are alike and give its kernel no width")
    return Measure(name, bandwidth)
