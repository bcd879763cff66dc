"""Whether the place on the page decided, rather than the sound."""

from dataclasses import dataclass

import numpy as np
import scipy

from nebula.listening.answers import Answers, columns


@dataclass(frozen=True)
class PositionBias:
    """How answers depend on the slot.

    Attributes:
        means: for each slot, the share of choices (a tie is half a choice) or the mean rating.
        statistic: weighted squared differences between slots, chi-square if there are none.
        freedom: its degrees of freedom.
        p_value: of the hypothesis that slots do not matter.
    """

    means: tuple[float, ...]
    statistic: float
    freedom: int
    p_value: float


def position_bias(answers: Answers) -> PositionBias | None:
    """Returns a test for bias by position, or nothing where each trial has one slot or no trial sets slots apart.

    Which system stood in which slot was drawn at random, so that the answers of a trial could as well have fallen on
    its slots in any other order. What the systems were rated is first taken out. The p-value is exact for comparisons
    (a two-sided binomial test of those not tied) and by chi-square for ratings; tastes that differ between listeners
    or sounds do not disturb it, and a balanced allocation makes it a little cautious.

    Args:
        answers: choices or ratings.
    """
    table = columns(answers)
    values = table.value.copy()
    for number in range(len(table.systems)):
        values[table.system == number] -= table.value[table.system == number].mean()
    if answers.are_choices:
        values = table.value - 0.5
    statistic, freedom = 0.0, 0
    sizes = np.bincount(table.trial)
    for size in sorted(set(sizes[sizes > 1].tolist())):
        # Rows are sorted by trial and position, so that trials of one size are the rows of a matrix.
        trials = values[sizes[table.trial] == size].reshape(-1, size)
        trials = trials - trials.mean(axis=1, keepdims=True)
        squares = float((trials**2).sum())
        if squares > 0:
            # Permuting a trial's values gives slots this covariance; the quadratic form is Friedman's and Cochran's.
            statistic += (size - 1) * float((trials.sum(axis=0) ** 2).sum()) / squares
            freedom += size - 1
    if not freedom:
        return None
    if answers.are_choices:
        first = table.value[table.position == table.position.min()]
        chosen, passed = int((first == 1).sum()), int((first == 0).sum())
        p_value = float(scipy.stats.binomtest(chosen, chosen + passed).pvalue)
    else:
        p_value = float(scipy.stats.chi2.sf(statistic, freedom))
    means = tuple(float(table.value[table.position == slot].mean()) for slot in np.unique(table.position))
    return PositionBias(means, statistic, freedom, p_value)
