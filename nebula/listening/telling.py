"""Which systems listeners tell apart, in ABX or as same or different.

What is played as X, and whether a pair is of one sound or of two, is drawn for each trial by itself, so that whoever
hears no difference is right by chance alone, whatever their habits. Answers of all listeners can therefore be counted
together: the test that nobody tells the sounds apart is exact. How well they are told apart differs between listeners
and sounds, and the interval of the share of right answers holds for others of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from nebula.listening.answers import Answer, Answers, Choice
from nebula.listening.discrimination import abx, abx_d_prime, same_different
from nebula.listening.multiplicity import holm
from nebula.listening.resampling import Estimate, Resampling, two_way_intervals, weighted_means


@dataclass(frozen=True)
class ListenerScore:
    """How one listener tells two systems apart.

    Attributes:
        listener: key of the participant.
        right: right answers.
        trials: answers, undecided ones not counted.
        p_value: chance of so many right ones if none can be told; 1 where it cannot be computed.
        p_holm: the same, corrected by Holm for the number of listeners.
        d_prime: distance of the sounds for this listener, in standard deviations; 0 where it cannot be computed.
    """

    listener: str
    right: int
    trials: int
    p_value: float
    p_holm: float
    d_prime: float


@dataclass(frozen=True)
class Discrimination:
    """How two systems are told apart.

    Attributes:
        first: name.
        second: name.
        trials: answers of all listeners, undecided ones not counted.
        tied: undecided answers.
        right: share of right answers; the interval holds for other listeners and sounds.
        hits: in same or different, share of pairs of two sounds that were called different; none in ABX, or where there
            was no such pair.
        false_alarms: likewise of pairs of one sound.
        p_value: chance of so many right answers if nobody can tell: exact, one-sided; 1 where there is nothing to test.
        p_holm: the same, corrected by Holm for the number of pairs of systems.
        d_prime: distance of the sounds in standard deviations, of all answers together; bounds in ABX only, by those of
            the share of right answers.
        listeners: each listener alone.
    """

    first: str
    second: str
    trials: int
    tied: int
    right: Estimate
    hits: Estimate | None
    false_alarms: Estimate | None
    p_value: float
    p_holm: float
    d_prime: Estimate
    listeners: tuple[ListenerScore, ...]


@dataclass(frozen=True)
class _Trial:
    listener: str
    item: str
    systems: tuple[str, str]
    right: bool
    choice: Choice

    @property
    def was_different(self) -> bool:
        return (self.choice is Choice.DIFFERENT) == self.right


def discriminations(answers: Answers, resampling: Resampling) -> tuple[Discrimination, ...]:
    """Returns how each pair of systems is told apart, by name; pairs that nobody decided on are left out.

    Args:
        answers: of ABX, or of same or different.
        resampling: how intervals are made.
    """
    decided, tied = _trials(answers.rows)
    names = sorted({name for trial in decided for name in trial.systems})
    found = []
    for pair in combinations(names, 2):
        trials = [trial for trial in decided if trial.systems == pair]
        if trials:
            found.append((pair, trials, _chance(trials)))
    corrected = holm([p_value for _, _, p_value in found])
    return tuple(
        _discrimination(pair, trials, tied.count(pair), p_value, p_holm, resampling)
        for (pair, trials, p_value), p_holm in zip(found, corrected, strict=True)
    )


def _trials(rows: Sequence[Answer]) -> tuple[list[_Trial], list[tuple[str, str]]]:
    """Returns the trials that were decided, and the systems of those that were not."""
    together: dict[tuple[str, str], list[Answer]] = {}
    for row in rows:
        together.setdefault((row.participant, row.trial), []).append(row)
    decided, tied = [], []
    for _, (one, other) in sorted(together.items()):
        pair = (min(one.system, other.system), max(one.system, other.system))
        if one.right is None or one.choice is None:
            tied.append(pair)
        else:
            decided.append(_Trial(one.participant, one.item, pair, one.right, one.choice))
    return decided, tied


def _discrimination(
    pair: tuple[str, str],
    trials: list[_Trial],
    tied: int,
    p_value: float,
    p_holm: float,
    resampling: Resampling,
) -> Discrimination:
    called = [trial for trial in trials if trial.choice in (Choice.SAME, Choice.DIFFERENT)]
    hits = _share([trial for trial in called if trial.was_different], resampling, of_called=True)
    false_alarms = _share([trial for trial in called if not trial.was_different], resampling, of_called=True)
    right = _share(trials, resampling)
    assert right is not None
    if called:
        reason = "same or different gives d' no interval"
        d_prime = Estimate(_d_prime(trials), None, None, resampling.level, reason)
    else:
        low, high = (None if end is None else abx_d_prime(end, len(trials)) for end in (right.low, right.high))
        d_prime = Estimate(_d_prime(trials), low, high, resampling.level, right.withheld)
    return Discrimination(
        *pair, len(trials), tied, right, hits, false_alarms, p_value, p_holm, d_prime, _listeners(trials)
    )


def _listeners(trials: list[_Trial]) -> tuple[ListenerScore, ...]:
    each: dict[str, list[_Trial]] = {}
    for trial in trials:
        each.setdefault(trial.listener, []).append(trial)
    chances = [_chance(own) for own in each.values()]
    return tuple(
        ListenerScore(name, sum(trial.right for trial in own), len(own), chance, corrected, _d_prime(own))
        for (name, own), chance, corrected in zip(each.items(), chances, holm(chances), strict=True)
    )


def _chance(trials: list[_Trial]) -> float:
    counts = _counts(trials)
    if counts is None:
        return abx(sum(trial.right for trial in trials), len(trials)).p_value
    return same_different(*counts).p_value if counts[1] and counts[3] else 1.0


def _d_prime(trials: list[_Trial]) -> float:
    counts = _counts(trials)
    if counts is None:
        return abx(sum(trial.right for trial in trials), len(trials)).d_prime
    return same_different(*counts).d_prime if counts[1] and counts[3] else 0.0


def _counts(trials: list[_Trial]) -> tuple[int, int, int, int] | None:
    """Returns hits, pairs of two sounds, false alarms and pairs of one; nothing in ABX."""
    if trials[0].choice not in (Choice.SAME, Choice.DIFFERENT):
        return None
    different = [trial.right for trial in trials if trial.was_different]
    same = [trial.right for trial in trials if not trial.was_different]
    return sum(different), len(different), len(same) - sum(same), len(same)


def _share(trials: list[_Trial], resampling: Resampling, of_called: bool = False) -> Estimate | None:
    """Returns the share of right answers, or of those that were called different; nothing where there are none."""
    if not trials:
        return None
    said = [trial.choice is Choice.DIFFERENT if of_called else trial.right for trial in trials]
    values = np.array(said, dtype=np.float64)
    crossed = (_coded([trial.listener for trial in trials]), _coded([trial.item for trial in trials]))
    means = weighted_means(values, np.zeros(len(values), dtype=np.int64), 1)
    (share,) = two_way_intervals(means, *crossed, resampling, (0.0, 1.0))
    return share


def _coded(names: list[str]) -> NDArray[np.int64]:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
