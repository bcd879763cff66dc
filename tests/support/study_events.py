"""Events of studies whose evaluations took no time."""

from nebula.tuning import Entry, Evaluation, Finalist, Rescored, TrialFinished


def finished(entry: Entry) -> TrialFinished:
    """Returns that a trial has finished."""
    return TrialFinished(Evaluation(entry.score, 0.0, 0.0, 0.0, entry.influences), entry)


def rescored(finalist: Finalist) -> Rescored:
    """Returns that a finalist has its last score."""
    return Rescored(Evaluation(finalist.scores[-1], 0.0, 0.0, 0.0), finalist)
