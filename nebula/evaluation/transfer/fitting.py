"""Learning curves as power laws: L(n) = a n^-b + c, and when one had better not say so."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nebula.errors import ArgumentError

#: Fewer sizes leave nothing to see a misfit of three numbers by.
FEWEST_SIZES = 5

#: A floor is believed only where no more than this share of the whole fall lies beyond the largest size.
LARGEST_SHARE_AHEAD = 0.25

#: Relative to the curve, root mean square; beyond it the curve is of another form.
LARGEST_STRAY = 0.15

#: Exponents that are looked through.
EXPONENTS = (0.01, 4.0)

# Errors below it count alike: that an error of 0.001 is half of 0.002 says nothing where a few hundred were tested.
_SMALLEST_LOSS = 0.01

# Each pass looks through so many exponents, then between the neighbours of the best.
_GRID, _PASSES = 33, 6


@dataclass(frozen=True)
class PowerLaw:
    """A loss that falls with the number of training sounds: a n^-b + c.

    Attributes:
        a: What falls, in the unit of the loss, at n = 1; 0 or more.
        b: How fast, in `EXPONENTS`.
        c: The floor, which no number of sounds goes below; 0 or more.
    """

    a: float
    b: float
    c: float

    def at(self, sizes: Float[np.ndarray, " size"]) -> Float[np.ndarray, " size"]:
        """Returns the loss at numbers of training sounds."""
        loss: Float[np.ndarray, " size"] = self.a * np.asarray(sizes, float) ** -self.b + self.c
        return loss


def fit_power_laws(
    sizes: Float[np.ndarray, " size"], losses: Float[np.ndarray, "curve size"]
) -> Float[np.ndarray, "curve 3"]:
    """Returns a, b and c of the power law nearest to each curve, by least squares of relative residuals.

    For a given b the best a and c, neither negative, have a closed form; b alone is searched for, over ever finer
    grids, so that no start has to be guessed.

    Args:
        sizes: Numbers of training sounds, at least `FEWEST_SIZES` different ones, 1 or more.
        losses: One row a curve, 0 or more. Residuals are relative to the loss, which counts as 0.01 more.

    Raises:
        ArgumentError: There are fewer sizes.

    Source:
        Zehren, Alunno and Bientinesi, "Analyzing and reducing the synthetic-to-real transfer gap in music information
        retrieval", equation (1), for the form.
    """
    if len(set(sizes.tolist())) < FEWEST_SIZES:
        raise ArgumentError(f"sizes: got {len(set(sizes.tolist()))}, expected {FEWEST_SIZES} or more different ones")
    weights = 1 / (losses + _SMALLEST_LOSS) ** 2
    smallest, largest = np.log(EXPONENTS)
    grid = np.tile(np.linspace(smallest, largest, _GRID), (len(losses), 1))
    rows = np.arange(len(losses))
    for _ in range(_PASSES):
        a, c, misfit = _linear_parts(np.exp(grid), sizes, losses, weights)
        best = misfit.argmin(axis=1)
        found = np.stack([a[rows, best], np.exp(grid[rows, best]), c[rows, best]], axis=1)
        low, high = (grid[rows, np.clip(best + step, 0, _GRID - 1)] for step in (-1, 1))
        grid = np.linspace(low, high, _GRID, axis=1)
    return found


def why_no_floor(law: PowerLaw, sizes: Float[np.ndarray, " size"], losses: Float[np.ndarray, " size"]) -> str:
    """Returns in words why a curve says nothing of unlimited sounds; empty where its law's floor may be believed."""
    largest = int(sizes.max())
    if law.a == 0 or losses[-1] >= losses[0]:
        return f"does not fall from {sizes.min():,.0f} to {largest:,} sounds a class"
    ahead = largest**-law.b
    if ahead > LARGEST_SHARE_AHEAD:
        return f"has not flattened at {largest:,} sounds a class: {ahead:.0%} of its fall would lie beyond"
    stray = float(np.sqrt(np.mean(((law.at(sizes) - losses) / (losses + _SMALLEST_LOSS)) ** 2)))
    if stray > LARGEST_STRAY:
        return f"strays by {stray:.0%} from a power law, more than {LARGEST_STRAY:.0%}"
    return ""


def _linear_parts(
    exponents: Float[np.ndarray, "curve grid"],
    sizes: Float[np.ndarray, " size"],
    losses: Float[np.ndarray, "curve size"],
    weights: Float[np.ndarray, "curve size"],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best a and c for each exponent, and the sum of squares that is left."""
    x = sizes ** -exponents[..., None]
    w, y = weights[:, None, :], losses[:, None, :]
    total, first, second = w.sum(-1), (w * x).sum(-1), (w * x * x).sum(-1)
    level, product = (w * y).sum(-1), (w * x * y).sum(-1)
    # Near b = 0 the two columns are alike, and the determinant is nothing but rounding.
    determinant = np.maximum(total * second - first**2, 1e-12 * total * second)
    a = (total * product - first * level) / determinant
    c = (second * level - first * product) / determinant
    # Of two numbers that may not be negative one at most is at 0, since losses are not negative.
    a = np.where(c < 0, product / second, np.maximum(a, 0))
    c = np.where(c < 0, 0.0, c)
    c = np.where(a == 0, level / total, c)
    return a, c, (w * (a[..., None] * x + c[..., None] - y) ** 2).sum(-1)
