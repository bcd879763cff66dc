"""Correlated draws: parameters that go together, as short envelopes go with low keys in a bass drum.

A Gaussian copula leaves every parameter's own distribution as it is and only decides which values meet. With unit draws
u, normal draws z = Phi^-1(u) and a correlation matrix R, the correlated draws are Phi(R^(1/2) z): uniform again, each a
function of the same numbers, and u itself where R is the identity. R = A A' + diag(1 - |a_i|^2) is given by its
loadings A, a row of few numbers for each parameter, which makes every A with rows inside the unit ball a correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from nebula.errors import ArgumentError
from nebula.tensors import Float, Float64, Tensor, np, torch

#: Largest sum of squares of a parameter's loadings; nearer to 1 the root of R is ill-conditioned.
LARGEST_COMMUNALITY = 0.99

# Draws come in steps of 2^-24. Half a step keeps the normal draw of 0 finite.
_HALF_STEP = 2.0**-25
# Products of a few rows with the root of R take at most this many numbers, 3 MB in float64, and one row's at least.
_PRODUCTS = 400_000


@dataclass(frozen=True)
class Correlation:
    """Which unit draws go together.

    Attributes:
        loadings: A row for each parameter, in the order of the panel, all of the same length of 1 or more. Two
            parameters are correlated by the inner product of their rows.

    Raises:
        ArgumentError: There is no row, rows differ in length, a number is not finite, or the squares of a row add up to
            more than 0.99.

    Example:
        >>> rows = [(0.0,)] * 78
        >>> rows[0], rows[1] = (0.9,), (-0.5,)
        >>> round(float(Correlation(tuple(rows)).matrix[0, 1]), 6)
        -0.45
    """

    loadings: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if not self.loadings:
            raise ArgumentError("loadings: got no rows, expected one for each parameter")
        for number, row in enumerate(self.loadings):
            if not row or len(row) != len(self.loadings[0]):
                raise ArgumentError(f"loadings: row {number} has {len(row)}, expected as many as row 0, at least 1")
            size = sum(value * value for value in row)
            if not (math.isfinite(size) and size <= LARGEST_COMMUNALITY):
                raise ArgumentError(
                    f"loadings: squares of row {number} add up to {size:g}, expected at most {LARGEST_COMMUNALITY}"
                )

    @property
    def rank(self) -> int:
        """How many loadings each parameter has."""
        return len(self.loadings[0])

    @cached_property
    def matrix(self) -> Float64[np.ndarray, "parameter parameter"]:
        """R, with ones on its diagonal."""
        rows = np.array(self.loadings, dtype=np.float64)
        matrix = rows @ rows.T
        np.fill_diagonal(matrix, 1.0)
        return matrix

    def apply(self, unit: Float[Tensor, "batch parameter"]) -> Float[Tensor, "batch parameter"]:
        """Returns the correlated draws, in [0, 1]; a row depends on the same row alone. Differentiable.

        Args:
            unit: Independent uniform draws in [0, 1], columns in the order of the panel.
        """
        root = torch.from_numpy(self._root).to(unit.device)
        normal = torch.special.ndtri(unit.double().clamp(_HALF_STEP, 1 - _HALF_STEP))
        rows = max(1, min(64, _PRODUCTS // root.numel()))
        # Sums of products row by row: a matrix product rounds differently in batches of different sizes.
        mixed = [(part.unsqueeze(1) * root).sum(dim=2) for part in normal.split(rows)]
        return torch.special.ndtr(torch.cat(mixed)).to(unit.dtype) if mixed else unit

    @cached_property
    def _root(self) -> Float64[np.ndarray, "parameter parameter"]:
        values, vectors = np.linalg.eigh(self.matrix)
        return np.ascontiguousarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
