"""The search by gradient that credits every sound: `sampler = "auto"`.

A nebula with curves c is a distribution of sounds: v = u^(1/c) for uniform u has the density c v^(c-1). The change of a
discrepancy D with log c is therefore an expectation over sounds (Williams 1992),

    dD / d log c = E[w s],    s = d log p(v) / d log c = 1 + log u,

w being the influence of a sound on D (`nebula.discrepancy.influence`). Where the curve is symmetric, u gives way to
|2u - 1|, which is uniform too. Three things follow, none of which hold for a search by scores:

- one batch gives the derivatives by all curves at once, where a score is one number;
- nothing is differentiated but the density: renderer and distance may be anything, with jumps in pitch;
- the scores s are independent between parameters, of mean 0 and variance 1 at every c, so a step of given length means
  the same change of the distribution for each parameter, wherever the search is (the Fisher information is the
  identity).

The influences of a generation are brought to mean 0 and variance 1. The first takes noise out of the mean of w s and
leaves its expectation, the second makes the step independent of the distance's unit. Adam (Kingma and Ba 2015) turns
the derivatives into steps whose length falls off as 1 / sqrt(1 + k / 30), and the mean of the second half of the path
is the answer (Polyak and Juditsky 1992): neither needs to know when the search will end.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from nebula.synth import sample
from nebula.tuning.generations import Generation, Points
from nebula.tuning.space import Point, Space

# In log-curves a generation. A curve's range of [0.01, 100] is 9.2 of them wide.
_STEP = 0.3
_STEADY_GENERATIONS = 30
# How much of the mean of the derivatives, and of their squares, each generation keeps of those before.
_MOMENTUM, _SQUARES = 0.9, 0.99
# A draw this near to 0 happens once in 10 million, and its logarithm should not decide a step.
_SMALLEST_DRAW = 1e-7


class Gradient:
    """Descent along the gradient of the loss by log-curves, all candidates of a generation being the same nebula.

    They differ in their draws, so that workers share a generation and the gradient sees the sounds of all.

    Args:
        space: What varies; curves only.
        start: Where the search starts.
    """

    generation_size = 2
    credits_sounds = True

    def __init__(self, space: Space, start: Point) -> None:
        low, high = space.curve_range
        self._space = space
        self._width = float(np.log(high) - np.log(low))
        self._path = [start]
        self._mean = np.zeros(space.dimension)
        self._square = np.zeros(space.dimension)

    def propose(self, history: Sequence[Generation]) -> Points:
        """Returns the nebula reached after `history`, once for each candidate."""
        self._learn(history)
        return np.tile(self._path[-1], (self.generation_size, 1))

    def centre(self, history: Sequence[Generation]) -> Point:
        """Returns the mean of the second half of the path after `history`."""
        self._learn(history)
        return np.asarray(np.mean(self._path[len(self._path) // 2 :], axis=0), dtype=np.float64)

    def _learn(self, history: Sequence[Generation]) -> None:
        for told in range(len(self._path) - 1, len(history)):
            slope = curve_slope(self._space, history[told])
            self._mean = _MOMENTUM * self._mean + (1 - _MOMENTUM) * slope
            self._square = _SQUARES * self._square + (1 - _SQUARES) * slope**2
            # Both begin at 0; without the divisors the first steps would be too short, and too long.
            mean = self._mean / (1 - _MOMENTUM ** (told + 1))
            size = np.sqrt(self._square / (1 - _SQUARES ** (told + 1)))
            length = _STEP / self._width / np.sqrt(1 + told / _STEADY_GENERATIONS)
            direction = np.divide(mean, size, out=np.zeros_like(mean), where=size > 0)
            self._path.append(np.clip(self._path[-1] - length * direction, 0.0, 1.0))


def curve_slope(space: Space, generation: Generation) -> Float64[np.ndarray, " dimension"]:
    """Returns the derivative of the loss by each tuned log-curve, in standard deviations of the sounds' influence.

    Its expectation is E[w s] over the standard deviation of w, up to a factor 1 - 1/n for n sounds, whose own mean was
    taken off w.

    Args:
        space: What varies.
        generation: Candidates that are all the same nebula, with the seeds and influences of their sounds.
    """
    assert generation.influences is not None
    unit = np.concatenate([sample(seeds).double().numpy() for seeds in generation.seeds])[:, space.columns]
    slope = _standardised(generation.influences.ravel()) @ curve_scores(space, unit) / len(unit)
    return np.asarray(slope, dtype=np.float64)


def curve_scores(space: Space, unit: Float64[np.ndarray, "sound dimension"]) -> Float64[np.ndarray, "sound dimension"]:
    """Returns d log p / d log c of each sound by each tuned curve: 1 + log u, or 1 + log |2u - 1| where symmetric.

    Args:
        space: What varies.
        unit: The draws of the tuned parameters, in [0, 1].
    """
    symmetric = np.array([space.start.symmetric[column] for column in space.columns])
    distance = np.where(symmetric, np.abs(2 * unit - 1), unit)
    return np.asarray(1 + np.log(np.maximum(distance, _SMALLEST_DRAW)), dtype=np.float64)


def _standardised(influences: Float64[np.ndarray, " sound"]) -> Float64[np.ndarray, " sound"]:
    centred = influences - influences.mean()
    deviation = centred.std()
    # All sounds alike, silence for one: nothing says where to go.
    return np.asarray(centred / deviation if deviation > 0 else centred, dtype=np.float64)
