"""What a running study tells whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nebula.tuning.ledger import Entry, Finalist
from nebula.tuning.objective import Evaluation
from nebula.tuning.pool import Failure

Stage = Literal["target", "search", "finalists", "listener"]


@dataclass(frozen=True)
class Progress:
    """How far a study is, and what has just happened to it.

    Attributes:
        stage: What is being done. Each stage is told once when it begins, with what earlier runs have done of it.
        done: Target sounds, trials, re-scorings or judged sounds finished, those of earlier runs included.
        total: How many there are.
        best: The best score so far, None before the first.
        kept: The trials of earlier runs, when the search begins.
        evaluation: What a worker has just computed.
        entry: The trial that it finished.
        finalist: The candidate whose re-scoring it finished.
        failure: What a worker could not do; it is tried again.
        importance: Share of each hyperparameter in telling good trials from others, largest first; told whenever there
            are twice as many trials, and when the search ends.
    """

    stage: Stage
    done: int
    total: int
    best: float | None = None
    kept: tuple[Entry, ...] | None = None
    evaluation: Evaluation | None = None
    entry: Entry | None = None
    finalist: Finalist | None = None
    failure: Failure | None = None
    importance: dict[str, float] | None = None


Listener = Callable[[Progress], None]
