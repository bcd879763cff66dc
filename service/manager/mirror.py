"""A study's progress as rows: trials and events, which the API reads.

A trial is entered in Optuna's ledger first, and in these rows afterwards. Rows that are missing after a crash, or that
are too many after a backup was restored, are corrected from the ledger when the study goes on.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from nebula.tuning import (
    Entry,
    Failure,
    Finalist,
    ImportanceFound,
    Rescored,
    StudyProgress,
    TrialFinished,
    TrialsKept,
)
from service.database import Database, now
from service.manager.forecast import Forecast
from service.studies.moves import tell
from service.studies.queries import last_told, told
from service.studies.results import best_path
from service.studies.tables import Study, Trial

# How often stages other than the search, each trial of which is told, say how far they are.
_STAGE_SECONDS = 1.0


class Mirror:
    """Writes one study's progress.

    Args:
        database: Where the rows are.
        study_id: Of the study.
        home: The home folder, in which the best nebula so far is kept.
        forecast: Tells when the study will be done; None where nobody asks.
    """

    def __init__(self, database: Database, study_id: str, home: Path, forecast: Forecast | None = None) -> None:
        self._forecast = forecast
        self._database, self._study_id, self._home = database, study_id, home
        self._stage = ""
        self._best: float | None = None
        self._told_at = 0.0
        self._number = 0
        self._how_far: dict[str, Any] = {}

    def follow(self, progress: StudyProgress) -> None:
        """Enters what a study tells."""
        is_new_stage = progress.stage != self._stage
        self._how_far = {"stage_done": progress.done, "stage_total": progress.total}
        if self._forecast is not None:
            self._how_far["due_at"] = self._forecast.due(progress, now())
        if isinstance(progress.event, TrialsKept):
            self._reconcile(progress.event.entries, progress)
        is_quiet = progress.stage != "search" and time.monotonic() - self._told_at > _STAGE_SECONDS
        if is_new_stage or is_quiet:
            self._stage, self._told_at = progress.stage, time.monotonic()
            self._enter("stage", {"done": progress.done, "total": progress.total}, stage=progress.stage)
        match progress.event:
            case TrialFinished(entry=entry):
                self._add(entry, progress)
            case Rescored(finalist=finalist) if finalist is not None:
                self._enter("finalist", _scores(finalist) | {"done": progress.done, "total": progress.total})
                if progress.done == progress.total:
                    self._keep_rescored()
            case ImportanceFound(shares=shares):
                self._enter("importance", {"shares": shares, "trials": progress.done})
            case Failure(task=task, worker=worker, reason=reason):
                words = {"trial": task, "worker": worker, "reason": reason}
                self._enter("failure", words, failures=Study.failures + 1)

    def conclude(self, finalists: Sequence[Finalist]) -> None:
        """Enters finalists that a crash has left out, and what the best of all scored."""
        with self._database.read() as session:
            entered = {event.data["origin"] for event in told(session, self._study_id, "finalist")}
        for finalist in finalists:
            if finalist.origin not in entered:
                self._enter("finalist", _scores(finalist) | {"done": 1, "total": 1})
        self._keep_rescored()

    def _add(self, entry: Entry, progress: StudyProgress) -> None:
        is_best = progress.best != self._best
        with self._database.begin() as session:
            self._change(session, trials_done=progress.done, best=progress.best, **self._how_far)
            session.add(self._trial(entry, self._number))
            tell(session, self._study_id, "trial", _trial_data(entry, self._number, progress))
            if is_best:
                self._keep(entry)
                tell(session, self._study_id, "best", {"score": entry.score, "number": self._number})
        self._best = progress.best
        self._number += 1

    def _reconcile(self, kept: tuple[Entry, ...], progress: StudyProgress) -> None:
        """Makes the rows those of the ledger; who follows the study is told of those that were missing."""
        wanted = {(entry.generation, entry.candidate): entry for entry in kept}
        with self._database.begin() as session:
            self._change(session)
            rows = session.execute(
                select(Trial.number, Trial.generation, Trial.candidate, Trial.score).where(
                    Trial.study_id == self._study_id
                )
            ).all()
            for number, generation, candidate, score in rows:
                entry = wanted.get((generation, candidate))
                if entry is None or entry.score != score:
                    session.execute(delete(Trial).where(Trial.study_id == self._study_id, Trial.number == number))
                else:
                    del wanted[generation, candidate]
            last = session.scalar(select(func.max(Trial.number)).where(Trial.study_id == self._study_id))
            self._number = 0 if last is None else last + 1
            for entry in wanted.values():
                session.add(self._trial(entry, self._number))
                tell(session, self._study_id, "trial", _trial_data(entry, self._number, progress))
                self._number += 1
            self._change(session, trials_done=len(kept), best=progress.best)
            best = next((entry for entry in kept if entry.score == progress.best), None)
            if best is not None:
                self._keep(best)
                place = (Trial.study_id == self._study_id, Trial.generation == best.generation)
                its_number = session.scalar(select(Trial.number).where(*place, Trial.candidate == best.candidate))
                data = {"score": best.score, "number": its_number}
                told = last_told(session, self._study_id, "best")
                if told is None or told.data != data:
                    tell(session, self._study_id, "best", data)
        self._best = progress.best

    def _keep(self, entry: Entry) -> None:
        """Writes the best nebula so far where those who look at the study find it."""
        path = best_path(self._home, self._study_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        entry.nebula.save(path)

    def _keep_rescored(self) -> None:
        """Enters what the best finalist scored, now that all of them are re-scored."""
        with self._database.begin() as session:
            self._change(session)
            study = session.get_one(Study, self._study_id)
            # A candidate is re-scored again after a crash; the last time counts.
            finalists = {event.data["origin"]: event.data for event in told(session, self._study_id, "finalist")}
            better = min if study.spec["objective"] == "match" else max
            best = better(finalists.values(), key=lambda data: data["mean"])
            values = {f"rescored_{bound}": best[bound] for bound in ("mean", "low", "high")}
            self._change(session, **values)

    def _trial(self, entry: Entry, number: int) -> Trial:
        return Trial(
            study_id=self._study_id,
            number=number,
            generation=entry.generation,
            candidate=entry.candidate,
            score=entry.score,
            seconds=entry.seconds,
        )

    def _enter(self, kind: str, data: dict[str, Any], **changes: Any) -> None:
        with self._database.begin() as session:
            self._change(session, **self._how_far, **changes)
            tell(session, self._study_id, kind, {"stage": self._stage, **data})

    def _change(self, session: Session, **values: Any) -> None:
        # First in its transaction, even without a value to change: it locks the study's row, so that events of one
        # study get their numbers in the order in which they can be read.
        values = values or {"trials_done": Study.trials_done}
        session.execute(update(Study).where(Study.id == self._study_id).values(**values))


def _scores(finalist: Finalist) -> dict[str, Any]:
    interval = finalist.interval
    return {"origin": finalist.origin, "mean": interval.mean, "low": interval.low, "high": interval.high}


def _trial_data(entry: Entry, number: int, progress: StudyProgress) -> dict[str, Any]:
    return {
        "number": number,
        "generation": entry.generation,
        "candidate": entry.candidate,
        "score": entry.score,
        "seconds": entry.seconds,
        "done": progress.done,
        "total": progress.total,
        "best": progress.best,
    }
