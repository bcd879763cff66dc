"""Scoring a nebula, as a task of the worker pool."""

from dataclasses import dataclass

from nebula.distances import Distance
from nebula.nebulae import Nebula
from nebula.tuning.objective import Evaluation, Nearness, TargetReference, evaluate
from nebula.watching import Watcher


@dataclass(frozen=True, eq=False)
class ScoringBench:
    """What all scorings of a study share.

    Attributes:
        distance: The distance between sounds.
        target: The target's vectors, or None to score diversity.
        nearness: What sounds are credited for beside their influence on the score, if anything.
    """

    distance: Distance
    target: TargetReference | None
    nearness: Nearness | None = None


@dataclass(frozen=True)
class Scoring:
    """One nebula to score on one set of draws, and whether each sound's influence is wanted."""

    nebula: Nebula
    seeds: tuple[int, ...]
    credit_sounds: bool = False

    @property
    def name(self) -> str:
        """The nebula's."""
        return self.nebula.name

    def do(self, bench: ScoringBench, device: str, watcher: Watcher) -> Evaluation:
        """Returns the evaluation."""
        return evaluate(
            self.nebula,
            self.seeds,
            bench.target,
            bench.distance,
            device,
            credit_sounds=self.credit_sounds,
            nearness=bench.nearness,
            watcher=watcher,
        )
