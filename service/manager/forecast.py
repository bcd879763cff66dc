"""When a study will be done, by how fast it has been until now."""

from datetime import datetime, timedelta

from nebula.tuning import StudyProgress, StudySpec


class Forecast:
    """Tells when a study will be done, all stages included.

    Args:
        spec: The study.
        judging_seconds: What asking classifiers takes.
    """

    def __init__(self, spec: StudySpec, judging_seconds: float) -> None:
        finalists = min(spec.finalists.count, spec.trials) + 2
        self._rescorings = finalists * spec.finalists.repeats
        self._judging_seconds = judging_seconds if spec.objective == "match" else 0.0
        self._stage, self._first, self._began = "", 0, datetime.min
        # What a trial or a re-scoring takes; both render as many sounds.
        self._each_seconds: float | None = None

    def due(self, progress: StudyProgress, moment: datetime) -> datetime | None:
        """Returns when the study will be done; None while nothing has told how fast it is.

        Args:
            progress: How far it is.
            moment: When it was that far.
        """
        if progress.stage != self._stage:
            self._stage, self._first, self._began = progress.stage, progress.done, moment
        left = self._left_seconds(progress, (moment - self._began).total_seconds())
        return None if left is None else moment + timedelta(seconds=left)

    def _left_seconds(self, progress: StudyProgress, seconds: float) -> float | None:
        since = progress.done - self._first
        each = seconds / since if since > 0 else None
        rest = progress.total - progress.done
        if progress.stage == "listener":
            return self._judging_seconds if each is None else rest * each
        if progress.stage == "target":
            return None
        self._each_seconds = self._each_seconds if each is None else each
        if self._each_seconds is None:
            return None
        later = self._rescorings if progress.stage == "search" else 0
        return (rest + later) * self._each_seconds + self._judging_seconds
