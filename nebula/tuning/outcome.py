"""What a finished study leaves."""

from dataclasses import dataclass

from nebula.evaluation.judges import Judging
from nebula.tuning.flatness import Stretch, flat_trial, stretches
from nebula.tuning.ledger import Entry, Finalist
from nebula.tuning.space import Space
from nebula.tuning.spec import StudySpec
from nebula.tuning.target import Target


@dataclass(frozen=True)
class Outcome:
    """A finished study, as its results are written from it.

    Attributes:
        spec: The study.
        space: What it varied.
        target: What it tuned towards, None for a study that diversifies.
        entries: All trials by generation and candidate.
        finalists: The re-scored candidates, best first.
        importance: Share of each hyperparameter in telling good trials from others, largest first.
        judging: What judges make of the winner; in words why there is none; None without a target.
    """

    spec: StudySpec
    space: Space
    target: Target | None
    entries: list[Entry]
    finalists: list[Finalist]
    importance: dict[str, float]
    judging: Judging | str | None = None

    @property
    def stretches(self) -> list[Stretch]:
        """Which trials belong to which phase, and since when each was flat."""
        return stretches(self.spec, self.entries)

    @property
    def flat_trial(self) -> int | None:
        """The number, from 1, of the trial since which the last phase was flat; None where it was not."""
        return flat_trial(self.spec, self.entries)

    @property
    def winner(self) -> Finalist:
        """The finalist with the best mean score on fresh seeds."""
        return self.finalists[0]

    @property
    def start(self) -> Finalist:
        """The start nebula, scored on the same sounds as the finalists."""
        return next(finalist for finalist in self.finalists if finalist.origin == "start")
