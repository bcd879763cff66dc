"""The search by gradient that credits every sound: `sampler = "auto"`.

A nebula with curves c is a distribution of sounds: v = u^(1/c) for uniform u has the density c v^(c-1). The change of a
discrepancy D with log c is therefore an expectation over sounds (Williams 1992),

    dD / d log c = E[w s],    s = d log p(v) / d log c = 1 + log u,

w being the influence of a sound on D (`nebula.discrepancy.influence`). Where the curve is symmetric, u gives way to
|2u - 1|, which is uniform too. With a fall, v has Kumaraswamy's distribution and each of its two exponents a score
(`nebula.draws.laws`). Three things follow, none of which hold for a search by scores:

- one batch gives the derivatives by all curves at once, where a score is one number;
- nothing is differentiated but the density: renderer and distance may be anything, with jumps in pitch;
- the scores s are independent between parameters, of mean 0 and variance 1 at every c, so a step of given length means
  the same change of the distribution for each parameter, wherever the search is (the Fisher information is the
  identity). The scores by curve and fall of one parameter are not independent; Cholesky's factor L of their Fisher
  information F = L L', which depends on the fall alone, makes them so. The first of the new directions moves the fall,
  and with it where values lie; the second moves both exponents so that values stay where they are and crowd more.

The influences of a generation are brought to mean 0 and variance 1. The first takes noise out of the mean of w s and
leaves its expectation, the second makes the step independent of the distance's unit. Adam (Kingma and Ba 2015) turns
the derivatives into steps whose length falls off as 1 / sqrt(1 + k / 30), and the mean of the second half of the path
is the answer (Polyak and Juditsky 1992): neither needs to know when the search will end.

Whatever is a mean over sounds can be credited so. Where a study asks for nearness, w holds each sound's distance to the
nearest one of the target too (`nebula.tuning.objective`).

A correlation R of the normal draws z follows the same credit, once the curves are near where they end: its natural
gradient is E[w (z z' - R)] (Akimoto et al. 2010), after which R is brought back among the correlations. The density of
v then has the factor of the copula, whose derivative joins s.
"""

from collections.abc import Sequence

import numpy as np
import scipy
import torch
from jaxtyping import Float64

from nebula.draws import Panel, chosen, laws, sample, sample_choices
from nebula.nebulae import Nebula
from nebula.tuning.generations import Generation, Points
from nebula.tuning.mixtures import mixture_scores
from nebula.tuning.objective import standardised
from nebula.tuning.space import LOG_WEIGHTS, Point, Space

# In log-curves a generation. A curve's range of [0.01, 100] is 9.2 of them wide.
_STEP = 0.3
_CORRELATION_STEP = 0.2
# In log-weights a generation. Longer ones would drop components by chance.
_WEIGHT_STEP = 0.1
# Standard deviation by which the components of a mixture differ at the start, in log-curves and log-falls.
_SPREAD = 0.5
_STEADY_GENERATIONS = 30
# Correlation waits for the curves: what goes together changes while they move far. So do weights, or the component
# that was nearest to begin with would have all of it before the others are anywhere.
_CURVES_ALONE = 40
# How much of the mean of the derivatives, and of their squares, each generation keeps of those before.
_MOMENTUM, _SQUARES = 0.9, 0.99
# A draw this near to 0 happens once in 10 million, and its logarithm should not decide a step.
_SMALLEST_DRAW = 1e-7
# Half a step of draws below 1, where a share of 1 has no finite score.
_LARGEST_SHARE = 1 - 2.0**-25
# Of a correlation; below it, some combination of parameters would hardly vary any more.
_SMALLEST_EIGENVALUE = 0.05
_DECIMALS = 5


class Gradient:
    """Descent along the gradient of the loss by log-curves, all candidates of a generation being the same nebula.

    They differ in their draws, so that workers share a generation and the gradient sees the sounds of all.

    Args:
        space: What varies; no symmetry.
        start: Where the search starts.
    """

    generation_size = 2
    credits_sounds = True

    def __init__(self, space: Space, start: Point) -> None:
        self._space = space
        columns = len(space.columns)
        self._length = space.dimension - columns * space.rank
        self._path = [start[: self._length] if space.components == 1 else _spread(space, start)]
        self._mean = np.zeros(self._length)
        self._square = np.zeros(self._length)
        self._correlations = [_matrix(2 * start[self._length :].reshape(columns, space.rank) - 1)]
        self._correlation_mean = np.zeros((columns, columns))

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns the nebula reached after `history`, once for each candidate."""
        self._learn(history)
        return np.tile(self._point(self._path[-1], self._correlations[-1]), (self.generation_size, 1))

    def centre(self, history: Sequence[Generation]) -> Point:
        """Returns the mean of the second half of the path after `history`."""
        self._learn(history)
        half = len(self._path) // 2
        return self._point(np.mean(self._path[half:], axis=0), np.mean(self._correlations[half:], axis=0))

    def _point(
        self, bends: Float64[np.ndarray, " bend"], correlation: Float64[np.ndarray, "parameter parameter"]
    ) -> Point:
        if not self._space.rank:
            return np.asarray(bends, dtype=np.float64)
        loadings = loadings_of(correlation)
        return np.concatenate([bends, (loadings.ravel() + 1) / 2])

    def _learn(self, history: Sequence[Generation]) -> None:
        for told in range(len(self._path) - 1, len(history)):
            space, point = self._space, history[told].points[0]
            slope = bend_slope(space, history[told]) if space.components == 1 else mixture_slope(space, history[told])
            self._mean = _MOMENTUM * self._mean + (1 - _MOMENTUM) * slope
            self._square = _SQUARES * self._square + (1 - _SQUARES) * slope**2
            # Both begin at 0; without the divisors the first steps would be too short, and too long.
            mean = self._mean / (1 - _MOMENTUM ** (told + 1))
            size = np.sqrt(self._square / (1 - _SQUARES ** (told + 1)))
            direction = np.divide(mean, size, out=np.zeros_like(mean), where=size > 0)
            length = np.full(self._length, _STEP / np.sqrt(1 + told / _STEADY_GENERATIONS))
            length[space.components * space.bends :] = self._weight_step(told - _CURVES_ALONE)
            self._path.append(np.clip(self._path[-1] - length * _moved(space, point, direction), 0.0, 1.0))
            self._correlations.append(self._next_correlation(history[told], told - _CURVES_ALONE))

    def _weight_step(self, number: int) -> float:
        return 0.0 if number < 0 else float(_WEIGHT_STEP / np.sqrt(1 + number / _STEADY_GENERATIONS))

    def _next_correlation(self, generation: Generation, number: int) -> Float64[np.ndarray, "parameter parameter"]:
        now = self._correlations[-1]
        if not self._space.rank or number < 0:
            return now
        slope = correlation_slope(self._space, generation)
        self._correlation_mean = _MOMENTUM * self._correlation_mean + (1 - _MOMENTUM) * slope
        mean = self._correlation_mean / (1 - _MOMENTUM ** (number + 1))
        moved = now - _CORRELATION_STEP / np.sqrt(1 + number / _STEADY_GENERATIONS) * mean
        return _matrix(loadings_of(moved))


def bend_slope(space: Space, generation: Generation) -> Float64[np.ndarray, " bend"]:
    """Returns the derivative of the loss in each direction of the tuned curves, and then falls.

    In standard deviations of the sounds' influence. Its expectation is E[w s] over the standard deviation of w, up to a
    factor 1 - 1/n for n sounds, whose own mean was taken off w. Where falls vary the scores s are made independent; see
    above.

    Args:
        space: What varies.
        generation: Candidates that are all the same nebula, with the seeds and influences of their sounds.
    """
    nebula, draws, columns = space.nebula(generation.points[0]), _draws(generation, space.panel), list(space.columns)
    credit = _credit(generation)
    curve, fall = (credit @ found[:, columns] / len(draws) for found in bend_scores(nebula, draws))
    return _directions(space, nebula, curve, fall)


def mixture_slope(space: Space, generation: Generation) -> Float64[np.ndarray, " coordinate"]:
    """Returns the derivative of the loss in each direction of each component, as `bend_slope`, then by log-weights.

    Of each component it is the mean over the sounds that it is responsible for, whose own mean credit is taken off:
    what they have in common says how much the component should weigh. One that is dropped has no slope.

    Args:
        space: What varies.
        generation: As for `bend_slope`.
    """
    point = generation.points[0]
    components, kept = space.nebula(point).components, np.flatnonzero(space.weights(point))
    seeds = [seed for each in generation.seeds for seed in each]
    which = chosen([weight for weight, _ in components], sample_choices(space.panel, seeds)).numpy()
    found = mixture_scores(components, _draws(generation, space.panel), which, space.columns)
    credit = _credit(generation)
    slopes, weights = np.zeros((space.components, space.bends)), np.zeros(space.components)
    for place, (number, (weight, part)) in enumerate(zip(kept, components, strict=True)):
        mine = found.responsibilities[:, place]
        # A component that made none of the sounds learns nothing from them.
        total = max(float(mine.sum()), 1.0)
        common = float(credit @ mine) / total
        own = (credit - common) * mine
        curve, fall = (own @ scores[place] / total for scores in (found.curve, found.fall))
        slopes[number] = _directions(space, part, curve, fall)
        weights[number] = float(credit @ (mine - weight)) / len(credit) / np.sqrt(weight)
    return np.concatenate([slopes.ravel(), weights])


def _spread(space: Space, start: Point) -> Point:
    """A start whose components differ: where all are alike, nothing tells their sounds apart."""
    bends = space.components * space.bends
    apart = np.random.default_rng(space.components).normal(0.0, _SPREAD, (space.components, space.bends)) / space.widths
    return np.concatenate([np.clip(start[:bends] + apart.ravel(), 0.0, 1.0), start[bends:]])


def _directions(
    space: Space, nebula: Nebula, curve: Float64[np.ndarray, " parameter"], fall: Float64[np.ndarray, " parameter"]
) -> Float64[np.ndarray, " bend"]:
    """Slopes by log-curves and log-falls in independent directions: L^-1 times them."""
    own, shared, left = _information(space, nebula)
    if not space.tunes_falls:
        return np.asarray(curve / own, dtype=np.float64)
    return np.concatenate([(curve - shared * fall) / left, fall])


def _moved(
    space: Space, point: Point, direction: Float64[np.ndarray, " coordinate"]
) -> Float64[np.ndarray, " coordinate"]:
    """What a step in directions is in coordinates of the unit box: L'^-1 times it in log-curves and log-falls."""
    parts = iter(space.nebula(point).components)
    moved = []
    for number, weight in enumerate(space.weights(point)):
        mine = direction[number * space.bends :][: space.bends]
        if weight:
            own, shared, left = _information(space, next(parts)[1])
            if space.tunes_falls:
                curve, fall = np.split(mine, 2)
                mine = np.concatenate([curve / left, fall - shared * curve / left])
            else:
                mine = mine / own
        moved.append(mine / space.widths)
    weights = direction[space.components * space.bends :]
    return np.concatenate([*moved, weights / LOG_WEIGHTS])


def _information(space: Space, nebula: Nebula) -> tuple[Float64[np.ndarray, " parameter"], ...]:
    """The root of the information on each tuned log-curve, that shared with its log-fall, and the root of what is left.

    In the order of fall and curve, L has the rows (1, 0) and (shared, left).
    """
    own, shared = laws.information(np.array(nebula.falls)[list(space.columns)])
    return np.sqrt(own), shared, np.sqrt(own - shared**2)


def correlation_slope(space: Space, generation: Generation) -> Float64[np.ndarray, "parameter parameter"]:
    """Returns the natural gradient of the loss by the tuned parameters' correlation, in the unit of `bend_slope`.

    The mean of w (z z' - R); the mean of w being 0, R drops out.

    Args:
        space: What varies.
        generation: As for `bend_slope`.
    """
    normal = _normal(space.nebula(generation.points[0]), _draws(generation, space.panel))[:, space.columns]
    return np.asarray((normal.T * _credit(generation)) @ normal / len(normal), dtype=np.float64)


def bend_scores(
    nebula: Nebula, draws: Float64[np.ndarray, "sound parameter"]
) -> tuple[Float64[np.ndarray, "sound parameter"], Float64[np.ndarray, "sound parameter"]]:
    """Returns the derivatives of each sound's log density by each log-curve and by each log-fall.

    Without falls, by curve, 1 + log u, or 1 + log |2u - 1| where symmetric. Where draws are correlated, the share u of
    draws below the sound's own value moves in the copula, which adds -((R^-1 - I) z) / phi(z) du/dlog c.

    Args:
        nebula: Which the sounds are drawn from.
        draws: The unit draws that `sample` gives, before any correlation.
    """
    normal = _normal(nebula, draws) if nebula.correlation is not None else None
    unit = draws if normal is None else scipy.special.ndtr(normal)
    symmetric, falls = np.array(nebula.symmetric), np.array(nebula.falls)
    share = np.clip(np.where(symmetric, np.abs(2 * unit - 1), unit), _SMALLEST_DRAW, _LARGEST_SHARE)
    curve, fall = laws.scores(share, falls)
    if nebula.correlation is not None and normal is not None:
        pull = normal @ (np.linalg.inv(nebula.correlation.matrix) - np.eye(unit.shape[1]))
        density = np.exp(-(normal**2) / 2) / np.sqrt(2 * np.pi)
        # Where symmetric, u = (1 + side t) / 2.
        weight = pull / density * np.where(symmetric, np.sign(unit - 0.5) / 2, 1.0)
        by_curve, by_fall = laws.shifts(share, falls)
        curve, fall = curve - weight * by_curve, fall - weight * by_fall
    return curve, fall


def loadings_of(
    correlation: Float64[np.ndarray, "parameter parameter"],
) -> Float64[np.ndarray, "parameter parameter"]:
    """Returns loadings A of the correlation nearest to a symmetric matrix, for which A A' is that off its diagonal.

    Eigenvalues are raised to a floor and the diagonal is brought to 1. What the smallest eigenvalue then leaves of each
    is shared, so the rows of A have one length, below 1, and the identity has loadings of 0.

    Args:
        correlation: Symmetric, near a correlation matrix.
    """
    values, vectors = np.linalg.eigh(correlation)
    raised = (vectors * np.maximum(values, _SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    values, vectors = np.linalg.eigh(raised / np.outer(scale, scale))
    loadings = (vectors * np.sqrt(values - values[0]))[:, ::-1]
    # Few digits, so that a file stays small and gives the same numbers back.
    return np.asarray(np.round(loadings, _DECIMALS), dtype=np.float64)


def _matrix(loadings: Float64[np.ndarray, "parameter loading"]) -> Float64[np.ndarray, "parameter parameter"]:
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix, dtype=np.float64)


def _draws(generation: Generation, panel: Panel) -> Float64[np.ndarray, "sound parameter"]:
    return np.concatenate([sample(panel, seeds).double().numpy() for seeds in generation.seeds])


def _normal(nebula: Nebula, draws: Float64[np.ndarray, "sound parameter"]) -> Float64[np.ndarray, "sound parameter"]:
    """The normal draws behind the correlated unit draws."""
    unit = draws if nebula.correlation is None else nebula.correlation.apply(torch.from_numpy(draws)).numpy()
    return np.asarray(scipy.special.ndtri(np.clip(unit, _SMALLEST_DRAW, 1 - _SMALLEST_DRAW)), dtype=np.float64)


def _credit(generation: Generation) -> Float64[np.ndarray, " sound"]:
    assert generation.influences is not None
    return np.asarray(standardised(torch.from_numpy(generation.influences.ravel())), dtype=np.float64)
