"""What a running study tells those who watch it: how far it is, and what has just happened to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nebula.tuning.ledger import Entry, Finalist
from nebula.tuning.objective import Evaluation
from nebula.tuning.pool import Failure

StudyStage = Literal["target", "search", "finalists", "listener"]


@dataclass(frozen=True)
class TrialsKept:
    """The search begins, with the trials of earlier runs."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class TrialFinished:
    """A worker has scored a candidate, and the ledger has the trial."""

    evaluation: Evaluation
    entry: Entry


@dataclass(frozen=True)
class Rescored:
    """A worker has scored a finalist on fresh seeds.

    Attributes:
        evaluation: What it computed.
        finalist: The candidate with all its scores, where this one was the last of them.
    """

    evaluation: Evaluation
    finalist: Finalist | None


@dataclass(frozen=True)
class ImportanceFound:
    """What matters among the hyperparameters is known anew: whenever there are twice as many trials, and at the end.

    Attributes:
        shares: Of each hyperparameter in telling good trials from others, largest first.
    """

    shares: dict[str, float]


#: What can happen to a study; a failed task is tried again.
StudyNews = TrialsKept | TrialFinished | Rescored | ImportanceFound | Failure


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is, and what has just happened to it.

    Attributes:
        stage: What is being done. Each stage is told once when it begins, with what earlier runs have done of it.
        done: Target sounds, trials or re-scorings finished, those of earlier runs included; of judging, hundredths of
            a source of sounds.
        total: How many there are.
        best: The best score so far, None before the first.
        event: What has happened; None where a stage begins or a sound is done.
    """

    stage: StudyStage
    done: int
    total: int
    best: float | None = None
    event: StudyNews | None = None


StudyWatcher = Callable[[StudyProgress], None]
