"""One scale for more than two systems: strengths whose differences say how often one is preferred to another."""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from nebula.listening.answers import Answers
from nebula.listening.preference import PairAnswers, pairs
from nebula.listening.resampling import Estimate, Resampling, Statistic, two_way_intervals

#: Answers added to each side of each pair of systems: without them a system that never lost would be infinitely strong.
PRIOR_ANSWERS = 0.5

# Newton's method doubles the digits with each step once it is near; from zero it needs about six.
_STEPS = 25
_LARGEST_STEP = 2.0
_PRECISION = 1e-10


@dataclass(frozen=True)
class Strength:
    """How strong one system is among those compared.

    Attributes:
        system: its name.
        log_odds: natural logarithm of its odds against an average system; over all systems the mean is 0. One that is
            0.405 stronger than another is preferred to it 60 times in 100. The interval holds for other listeners and
            sounds.
    """

    system: str
    log_odds: Estimate


def strengths(answers: Answers, resampling: Resampling) -> tuple[Strength, ...]:
    """Returns the strength of each system by the model of Bradley and Terry, strongest first.

    A tie is half an answer for each side. Half an answer for each side of each pair keeps strengths finite, even of
    systems that were never compared; against hundreds of answers it moves nothing.

    Where some systems never lost against the others, the likeliest strengths are infinite, and how large they come out
    is the doing of those halves: intervals are withheld. They are, too, where every answer is a tie.

    Args:
        answers: choices.
        resampling: how intervals are made.

    Sources: Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39, 1952; Ford, "Solution of a
        ranking problem from binary comparisons", American Mathematical Monthly 64, 1957, for when strengths are finite.
    """
    table = pairs(answers)
    estimates = two_way_intervals(_log_odds(table), table.listener, table.item, resampling)
    if not _finite(table):
        reason = "some systems never lost to the others"
        estimates = [replace(each, low=None, high=None, withheld=each.withheld or reason) for each in estimates]
    found = [Strength(name, estimate) for name, estimate in zip(table.systems, estimates, strict=True)]
    return tuple(sorted(found, key=lambda strength: -strength.log_odds.value))


def _finite(table: PairAnswers) -> bool:
    """Returns whether from each system a chain of wins, or ties, leads to each other one (Ford's condition)."""
    count = len(table.systems)
    beaten = np.eye(count, dtype=bool)
    beaten[table.first[table.score > 0], table.second[table.score > 0]] = True
    beaten[table.second[table.score < 1], table.first[table.score < 1]] = True
    # Squared so often, chains of any length are followed.
    for _ in range(count.bit_length()):
        beaten = beaten @ beaten
    return bool(beaten.all())


def _log_odds(table: PairAnswers) -> Statistic:
    count = len(table.systems)
    first, second = np.triu_indices(count, k=1)
    member = ((table.first[:, None] == first) & (table.second[:, None] == second)).astype(np.float64)
    # What a pair's odds are made of: the strength of its first system less that of its second.
    contrast = np.eye(count)[first] - np.eye(count)[second]

    def log_odds(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        total = weights @ member + 2 * PRIOR_ANSWERS
        wins = weights @ (member * table.score[:, None]) + PRIOR_ANSWERS
        found = np.zeros((len(weights), count))
        for _ in range(_STEPS):
            expected = scipy.special.expit(found @ contrast.T)
            gradient = (wins - total * expected) @ contrast
            curvature = np.einsum("dp,pi,pj->dij", total * expected * (1 - expected), contrast, contrast)
            # The model knows differences only; adding a constant to the curvature fixes the sum at zero.
            step = np.linalg.solve(curvature + 1.0, gradient[..., None])[..., 0]
            found += np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
            if np.abs(step).max() < _PRECISION:
                break
        found -= found.mean(axis=1, keepdims=True)
        return found

    return log_odds
