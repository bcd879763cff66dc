"""Whether the start nebula was beaten, in words, and the finalists in numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nebula.discrepancy import Interval
from nebula.tuning.outcome import Outcome
from nebula.tuning.spec import FLATTENING


@dataclass(frozen=True)
class Digits:
    """Writes numbers that are compared with each other with the same decimals.

    Attributes:
        decimals: How many.
    """

    decimals: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Digits":
        """Returns what gives the largest magnitude four significant digits."""
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        return cls(max(0, 3 - math.floor(math.log10(largest))) if largest > 0 else 3)

    def text(self, value: float) -> str:
        """Returns a number as text."""
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        return f"{value:.{self.decimals}f}".replace("-", "−")

    def interval(self, interval: Interval) -> str:
        """Returns an interval's bounds as text."""
        return f"{self.text(interval.low)} to {self.text(interval.high)}"


@dataclass(frozen=True)
class Row:
    """A finalist as the table shows it.

    Attributes:
        origin: As in `Finalist`.
        is_winner: Whether it is the result of the study.
        mean: Mean score on fresh seeds.
        interval: 95 % interval of that mean.
        search: The score that it had in the search, empty for a nebula that was not a trial.
    """

    origin: str
    is_winner: bool
    mean: str
    interval: str
    search: str


def measure(outcome: Outcome) -> str:
    """Returns what scores are."""
    if outcome.target is None:
        return "diversity"
    return f"{'Gaussian ' if outcome.spec.measure == 'gaussian' else ''}MMD to {outcome.target.source.name}"


def direction(outcome: Outcome) -> str:
    """Returns which scores are better."""
    return "smaller is nearer" if outcome.spec.objective == "match" else "larger is more varied"


def is_unchanged(outcome: Outcome) -> bool:
    """Returns whether the study found nothing better than the nebula it started from."""
    return outcome.winner.nebula == outcome.start.nebula


def verdict(outcome: Outcome) -> str:
    """Returns in one sentence whether the start nebula was beaten on fresh seeds."""
    winner, start = outcome.winner.interval, outcome.start.interval
    digits = Digits.of([winner.mean, start.mean])
    name = outcome.space.start.name
    winners = f"{digits.text(winner.mean)} (95 % interval {digits.interval(winner)})"
    starts = f"{digits.text(start.mean)} (95 % interval {digits.interval(start)})"
    # Scores of either sign, as unbiased estimates have them, have no ratio.
    ratio = f", a ratio of {winner.mean / start.mean:.2f}" if winner.mean * start.mean > 0 else ""
    if is_unchanged(outcome):
        return (
            f"The start nebula, {name}, was not beaten: its mean score on fresh seeds, {starts}, is the best of all "
            f"finalists, so the tuned nebula is the start nebula{ratio}."
        )
    means = f"on fresh seeds the tuned nebula’s mean score is {winners} and the start’s {starts}{ratio}"
    match = outcome.spec.objective == "match"
    if winner.high < start.low if match else winner.low > start.high:
        return f"The start nebula, {name}, was beaten: {means}."
    return f"The start nebula, {name}, was not clearly beaten: {means}, and these intervals overlap."


def finalist_rows(outcome: Outcome) -> list[Row]:
    """Returns the finalists, best first."""
    found = _search_scores(outcome)
    digits = Digits.of([finalist.mean for finalist in outcome.finalists])
    return [
        Row(
            finalist.origin,
            finalist is outcome.winner,
            digits.text(finalist.mean),
            digits.interval(finalist.interval),
            digits.text(found[finalist.origin]) if finalist.origin in found else "",
        )
        for finalist in outcome.finalists
    ]


def flattery(outcome: Outcome) -> str:
    """Returns in one sentence how far the search scores of the finalists were from what fresh seeds gave.

    Empty where no finalist was a trial.
    """
    found = _search_scores(outcome)
    trials = [finalist for finalist in outcome.finalists if finalist.origin in found]
    fresh = sum(finalist.mean for finalist in trials)
    if fresh == 0:
        return ""
    excess = sum(found[finalist.origin] for finalist in trials) / fresh - 1
    word = "better" if (excess < 0) == (outcome.spec.objective == "match") else "worse"
    return f"In the search, finalists scored {100 * abs(excess):.1f} % {word} on average than on fresh seeds."


def flatness(outcome: Outcome) -> str:
    """Returns in one sentence whether more trials would have helped; empty where the last sampler cannot tell."""
    phase, trials, since = outcome.spec.search.phases[-1], len(outcome.entries), outcome.flat_trial
    if since is not None:
        ended = f"so the search ended after {trials:,} trials, of at most {outcome.spec.trials:,}"
        ended = ended if phase.until_flat else f"more than its {trials:,} trials would hardly help"
        return f"Scores were flat since trial {since:,}, as far as their noise lets one see: {ended}."
    if phase.sampler not in FLATTENING or trials < outcome.spec.trials:
        return ""
    return f"Scores were not seen to be flat after {trials:,} trials: more may help."


def _search_scores(outcome: Outcome) -> dict[str, float]:
    """Returns the scores of the finalists that were trials, by origin."""
    scores = {f"trial {entry.generation}.{entry.candidate}": entry.score for entry in outcome.entries}
    return {finalist.origin: scores[finalist.origin] for finalist in outcome.finalists if finalist.origin in scores}
