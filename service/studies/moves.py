"""Moving a study from state to state."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from service.database import now
from service.errors import Conflict
from service.studies.states import ENDED, MOVES, ManagerVerb, StudyState, StudyVerb
from service.studies.tables import Study, StudyEvent


def move(session: Session, study: Study, action: StudyVerb | ManagerVerb, reason: str = "") -> StudyState:
    """Returns the state that a study is in after an action, which is done; what is left to do of a wish is forgotten.

    Args:
        session: In which the study was read.
        study: As it was read.
        action: What is done to it.
        reason: Why, for the people who look at it.

    Raises:
        Conflict: The action is not allowed in its state, or the study has been moved by somebody else meanwhile.
    """
    after = MOVES.get((study.state, action))
    if after is None:
        raise refused(study, action)
    values: dict[str, Any] = {"state": after, "wish": None, "reason": reason}
    if action is ManagerVerb.CLAIM:
        values |= {"started_at": study.started_at or now(), "failures": 0}
    values["ended_at"] = now() if after in ENDED else None
    unmoved = (Study.id == study.id) & (Study.state == study.state)
    if session.scalar(update(Study).where(unmoved).values(**values).returning(Study.id)) is None:
        raise overtaken(study)
    tell(session, study.id, "state", {"state": after.value, "reason": reason})
    return after


def refused(study: Study, action: StudyVerb | ManagerVerb) -> Conflict:
    """Returns the error of an action that is not allowed in the state of a study."""
    allowed = " or ".join(state for state, verb in MOVES if verb is action)
    return Conflict(f"study {study.id!r}: is {study.state}, expected {allowed} to {action}")


def overtaken(study: Study) -> Conflict:
    """Returns the error of an action before which somebody else has moved a study."""
    return Conflict(f"study {study.id!r}: is not {study.state} any more; look at it again")


def tell(session: Session, study_id: str, kind: str, data: dict[str, Any]) -> None:
    """Enters something that happened to a study, for those who follow it."""
    session.add(StudyEvent(study_id=study_id, kind=kind, data=data))
