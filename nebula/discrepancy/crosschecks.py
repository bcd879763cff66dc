"""Discrepancies that see how dimensions vary together, which an l1 MMD does not: it knows only each one's marginal."""

from __future__ import annotations

import math

from nebula.discrepancy.pairs import ENTRIES, median_distance, squared_distances
from nebula.discrepancy.statistics import FrechetStatistics
from nebula.discrepancy.vectors import check_pair, checked
from nebula.errors import ArgumentError
from nebula.tensors import Float, Float64, Tensor, torch


def gaussian_mmd(
    x: Float[Tensor, "sounds_x dimension"],
    y: Float[Tensor, "sounds_y dimension"],
    bandwidth: float | None = None,
    unbiased: bool = False,
) -> Float[Tensor, ""]:
    """Squared maximum mean discrepancy with the kernel k(a, b) = exp(-|a - b|^2 / (2 bandwidth^2)).

    E k(x, x') + E k(y, y') - 2 E k(x, y), at a cost proportional to the number of pairs. Zero for equal distributions
    alone.

    Args:
        x: One row per sound, in the unit of the embedding. Not modified.
        y: The other set, of any size.
        bandwidth: Above 0, in the unit of the embedding. None: the median Euclidean distance of distinct pairs of `y`
            alone, so that scores of different `x` against one target share one kernel. Above 2,048 sounds the median is
            that of 2,048 spread evenly over the rows.
        unbiased: Leave out each sound's pair with itself (the U-statistic, which may be negative).

    Returns:
        float64, on the device of the arguments, without unit, at most 2.

    Raises:
        ArgumentError: Unless both have two axes, the same dimension, a sound (two if unbiased) and finite values; if
            the bandwidth is not above 0, or is None where the median is 0.

    Example:
        >>> x, y = torch.tensor([[0.0]]), torch.tensor([[2.0]])
        >>> round(gaussian_mmd(x, y, bandwidth=1.0).item(), 6)  # 2 - 2 exp(-2)
        1.729329

    Source:
        Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equations (3) and (5), section 8 for the median.
    """
    return GaussianReference(checked("y", y, 1 + unbiased), bandwidth).mmd(x, unbiased)


class GaussianReference:
    """A target prepared once, against which many sets of sounds are compared.

    `GaussianReference(y, bandwidth).mmd(x)` is `gaussian_mmd(x, y, bandwidth)`: the bandwidth and the kernels within
    `y` are computed once. Pickles, so that it can be sent to worker processes.

    Args:
        y: One row per sound, in the unit of the embedding. Kept, not modified.
        bandwidth: As in `gaussian_mmd`.

    Raises:
        ArgumentError: Unless `y` has two axes, a sound and finite values; if the bandwidth is not above 0, or is None
            where the median is 0.
    """

    def __init__(self, y: Float[Tensor, "sounds dimension"], bandwidth: float | None = None) -> None:
        self._y = checked("y", y)
        self.sounds = len(y)
        self._centre = self._y.mean(dim=0, dtype=torch.float64)
        if bandwidth is None:
            bandwidth = median_distance(self._y)
            if bandwidth == 0:
                raise ArgumentError(
                    "bandwidth: got None where the median distance within y is 0, expected a number above 0"
                )
        elif not (math.isfinite(bandwidth) and bandwidth > 0):
            raise ArgumentError(f"bandwidth: got {bandwidth}, expected a finite number above 0")
        #: Of the kernel, in the unit of the embedding.
        self.bandwidth = bandwidth
        self._within = self.kernel_sums(self._y, self._y).sum()

    def mmd(self, x: Float[Tensor, "sounds_x dimension"], unbiased: bool = False) -> Float[Tensor, ""]:
        """`gaussian_mmd(x, y)` for the prepared `y`.

        Args:
            x: One row per sound, of the reference's dimension and device.
            unbiased: As in `gaussian_mmd`.

        Raises:
            ArgumentError: Unless `x` has two axes, the reference's dimension, a sound (two if unbiased, of the
                reference too) and finite values.
        """
        x = checked("x", x, 1 + unbiased)
        check_pair(x, self._y)
        n, m = len(x), len(checked("y", self._y, 1 + unbiased))
        within_x = (self.kernel_sums(x, x).sum() - n * unbiased) / (n * (n - unbiased))
        within_y = (self._within - m * unbiased) / (m * (m - unbiased))
        return within_x + within_y - 2 * self.kernel_sums(x).sum() / (n * m)

    def kernel_sums(
        self, x: Float[Tensor, "sounds_x dimension"], other: Float[Tensor, "sounds_y dimension"] | None = None
    ) -> Float64[Tensor, " sounds_x"]:
        """Sum of the kernel between each row of `x` and all rows of `other`, of the prepared `y` if None.

        Args:
            x: One row per sound, as `checked` returns it.
            other: Likewise.
        """
        y = self._y if other is None else other
        check_pair(x, y)
        parts = torch.split(x, max(1, ENTRIES // len(y)))
        exponents = (squared_distances(rows, y, self._centre) / (-2 * self.bandwidth**2) for rows in parts)
        return torch.cat([exponent.exp_().sum(dim=1) for exponent in exponents])


def frechet(x: Float[Tensor, "sounds_x dimension"], y: Float[Tensor, "sounds_y dimension"]) -> Float[Tensor, ""]:
    """Squared Fréchet (2-Wasserstein) distance between the normal distributions fitted to `x` and to `y`.

    |mean_x - mean_y|^2 + tr S_x + tr S_y - 2 tr (S_x S_y)^(1/2), with covariances over n - 1.

    Fewer sounds than dimensions leave a covariance without full rank; nothing is added to it. With S_x = A'A and
    S_y = B'B the last trace is the sum of the singular values of A B', which is real and finite whatever the rank. A is
    the centred data, or its triangular factor where that is smaller, so neither a covariance nor its root is formed and
    6,464 dimensions of 256 sounds cost a 256-row factorisation. Values of few sounds are biased upwards; compare sets
    of equal sizes.

    Args:
        x: One row per sound, in the unit of the embedding, at least two. Not modified.
        y: The other set, of any size from two.

    Returns:
        float64, at least 0, on the device of the arguments, in the squared unit of the embedding.

    Raises:
        ArgumentError: Unless both have two axes, the same dimension, two sounds and finite values.

    Example:
        >>> x = torch.tensor([[-1.0], [1.0]])
        >>> frechet(x, x + 3).item()
        9.0

    Source:
        Dowson and Landau, "The Fréchet distance between multivariate normal distributions", J. Multivariate Anal. 12,
        1982, equation (4).
    """
    return FrechetReference(y).distance(checked("x", x, 2))


class FrechetReference:
    """A target prepared once, against which many sets of sounds are compared.

    `FrechetReference(y).distance(x)` is `frechet(x, y)`: mean and covariance of `y` are computed once.

    Args:
        y: One row per sound, in the unit of the embedding, at least two. Not modified.

    Raises:
        ArgumentError: Unless `y` has two axes, two sounds and finite values.
    """

    def __init__(self, y: Float[Tensor, "sounds dimension"]) -> None:
        self._y = checked("y", y, 2)
        self._mean = self._y.mean(dim=0, dtype=torch.float64)
        self._factor = _covariance_factor(self._y, self._mean)

    @classmethod
    def of_statistics(cls, statistics: FrechetStatistics) -> FrechetReference:
        """Returns the reference of a target of which no more than mean and covariance are known.

        Args:
            statistics: Such as those that fadtk ships; eigenvalues of the covariance below 0 count as 0.
        """
        found = cls.__new__(cls)
        found._y, found._mean, found._factor = statistics.mean[None], statistics.mean, _root_factor(statistics)
        return found

    def distance(self, x: Float[Tensor, "sounds_x dimension"]) -> Float[Tensor, ""]:
        """`frechet(x, y)` for the prepared `y`, where `x` may be a single sound, which has no spread.

        Args:
            x: One row per sound, of the reference's dimension and device.

        Raises:
            ArgumentError: Unless `x` has two axes, the reference's dimension, a sound and finite values.
        """
        x = checked("x", x)
        check_pair(x, self._y)
        mean = x.mean(dim=0, dtype=torch.float64)
        distance: Tensor = (mean - self._mean).square().sum()
        if len(x) == 1:
            return distance + self._factor.square().sum()
        return distance + _spread_apart(_covariance_factor(x, mean), self._factor)


def frechet_of_statistics(x: FrechetStatistics, y: FrechetStatistics) -> Float[Tensor, ""]:
    """`frechet` of two sets of which no more than mean and covariance are known.

    Args:
        x: Of the one.
        y: Of the other.

    Raises:
        ArgumentError: They are of different dimensions.
    """
    check_pair(x.mean[None], y.mean[None])
    distance: Tensor = (x.mean - y.mean).square().sum()
    return distance + _spread_apart(_root_factor(x), _root_factor(y))


def _spread_apart(x: Tensor, y: Tensor) -> Tensor:
    """How far spreads differ, tr S_x + tr S_y - 2 tr (S_x S_y)^(1/2), by factors of the covariances."""
    shared = torch.linalg.svdvals(x @ y.T).sum()
    spread: Tensor = x.square().sum() + y.square().sum() - 2 * shared
    # Below 0 by rounding alone.
    return spread.clamp(min=0)


def _root_factor(statistics: FrechetStatistics) -> Tensor:
    """A factor A of the covariance A'A, by its eigenvalues; such below 0 are rounding."""
    values, directions = torch.linalg.eigh((statistics.covariance + statistics.covariance.T) / 2)
    factor: Tensor = values.clamp(min=0).sqrt()[:, None] * directions.T
    return factor


def _covariance_factor(vectors: Tensor, mean: Tensor) -> Tensor:
    """A factor A of the covariance A'A with as few rows as it needs."""
    sounds, dimension = vectors.shape
    if sounds <= dimension:
        return (vectors.double() - mean) / math.sqrt(sounds - 1)
    factor = mean.new_zeros(0, dimension)
    for rows in torch.split(vectors, max(dimension, ENTRIES // dimension)):
        factor = torch.linalg.qr(torch.cat([factor, rows.double() - mean]), mode="r").R
    return factor / math.sqrt(sounds - 1)
