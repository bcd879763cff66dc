"""What is asked of the studies in the database."""

from statistics import median

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, defer

from service.accounts import audit
from service.accounts.caller import Caller
from service.database.pages import page
from service.errors import Conflict, NotFound
from service.studies.moves import move, overtaken, refused, tell
from service.studies.states import ACTIVE, MOVES, StudyState, StudyVerb
from service.studies.tables import Study, StudyEvent, Trial

# Any number that nothing else in the database locks.
_NAMING = 0x6E61_6D65

_LONGEST_NAME = 64

# Asking classifiers takes an ordinary processor about so long, whatever is tuned; and how many studies tell it better.
_JUDGING_SECONDS = 60.0
_JUDGED_STUDIES = 3


def find(session: Session, study_id: str) -> Study:
    """Returns a study.

    Raises:
        NotFound: There is none of that id.
    """
    study = session.get(Study, study_id)
    if study is None:
        raise NotFound(f"study {study_id!r}: there is none")
    return study


def listed(
    session: Session, state: StudyState | None, search: str, after: str | None, limit: int
) -> tuple[list[Study], str | None]:
    """Returns a piece of the list of studies, the newest first, and where the next piece begins.

    Args:
        session: To look them up in.
        state: Of those that are listed; None: of all.
        search: Part of their names, whatever the case; empty: any.
        after: Where the piece begins, as told with the one before.
        limit: Most in the piece.
    """
    query = select(Study).options(defer(Study.spec, raiseload=True))  # by far the most of a row, and no list shows it
    if state is not None:
        query = query.where(Study.state == state)
    if search:
        query = query.where(Study.name.icontains(search, autoescape=True))
    return page(session, query, (Study.created_at, Study.id), after, limit)


def rename(session: Session, caller: Caller, study_id: str, name: str) -> Study:
    """Returns a study after it was given another name.

    Raises:
        NotFound: There is none of that id.
        Conflict: Another study has that name.
    """
    study = find(session, study_id)
    if name != study.name:
        _hold_names(session)
        if _is_taken(session, name):
            raise Conflict(f"name: got {name!r}, which another study has; choose another")
        audit.record(session, caller, "study.rename", study.id, name=name, before=study.name)
        study.name = name
        session.flush()
    return study


def free_name(session: Session, name: str) -> str:
    """Returns a name that no study has: the one that is wanted, or with the first number behind it that is free.

    Nobody else takes it until the transaction ends.
    """
    _hold_names(session)
    number = 1
    free = name
    while _is_taken(session, free):
        number += 1
        behind = f" {number}"
        free = name[: _LONGEST_NAME - len(behind)].rstrip() + behind
    return free


def _hold_names(session: Session) -> None:
    """Has nobody else name a study until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        # SQLite lets one transaction write at a time.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _NAMING})


def _is_taken(session: Session, name: str) -> bool:
    return session.scalar(select(Study.id).where(Study.name == name).limit(1)) is not None


def ask(session: Session, caller: Caller, study_id: str, verb: StudyVerb) -> Study:
    """Returns a study after something was asked of it: done at once, or noted where the manager works on it.

    Raises:
        NotFound: There is none of that id.
        Conflict: It is in a state in which that cannot be done.
    """
    study = find(session, study_id)
    if study.state in ACTIVE:
        if (study.state, verb) not in MOVES:
            raise refused(study, verb)
        if verb is StudyVerb.SKIP and study.stage != "listener":
            raise Conflict(f"study {study.id!r}: is asking no classifiers now, expected it to, to skip them")
        as_read = (Study.id == study.id) & (Study.state == study.state)
        noted = update(Study).where(as_read).values(wish=verb).returning(Study.id)
        if session.scalar(noted) is None:
            raise overtaken(study)
        tell(session, study.id, "wish", {"wish": verb.value})
    else:
        move(session, study, verb)
    audit.record(session, caller, f"study.{verb}", study.id, name=study.name)
    session.flush()
    session.refresh(study)
    return study


def trials(session: Session, study_id: str, after: str | None, limit: int) -> tuple[list[Trial], str | None]:
    """Returns a piece of the list of a study's trials, as they finished, and where the next piece begins.

    Raises:
        NotFound: There is no such study.
    """
    find(session, study_id)
    query = select(Trial).where(Trial.study_id == study_id)
    return page(session, query, (Trial.number,), after, limit, descending=False)


def scores(session: Session, study_id: str) -> tuple[list[int], list[float]]:
    """Returns the numbers and scores of all trials of a study, as they finished."""
    query = select(Trial.number, Trial.score).where(Trial.study_id == study_id).order_by(Trial.number)
    numbers: list[int] = []
    found: list[float] = []
    for number, score in session.execute(query):
        numbers.append(number)
        found.append(float(f"{score:.6g}"))
    return numbers, found


def last_event(session: Session, study_id: str) -> int:
    """Returns the id of the last thing that happened to a study, 0 if there is none."""
    return session.scalar(select(func.max(StudyEvent.id)).where(StudyEvent.study_id == study_id)) or 0


def told(session: Session, study_id: str, kind: str) -> list[StudyEvent]:
    """Returns all events of one kind that happened to a study, in order."""
    query = select(StudyEvent).where(StudyEvent.study_id == study_id, StudyEvent.kind == kind)
    return list(session.scalars(query.order_by(StudyEvent.id)))


def last_told(session: Session, study_id: str, kind: str) -> StudyEvent | None:
    """Returns the last event of one kind that happened to a study, None if there is none."""
    query = select(StudyEvent).where(StudyEvent.study_id == study_id, StudyEvent.kind == kind)
    return session.scalar(query.order_by(StudyEvent.id.desc()).limit(1))


def judging_seconds(session: Session) -> float:
    """Returns what asking classifiers takes here, as the last studies that did had it."""
    done = (Study.state == StudyState.DONE) & (Study.stage == "listener")
    ended = session.execute(
        select(Study.id, Study.ended_at).where(done).order_by(Study.ended_at.desc()).limit(_JUDGED_STUDIES)
    )
    measured = []
    for study_id, ended_at in ended:
        began = [event.at for event in told(session, study_id, "stage") if event.data["stage"] == "listener"]
        if began and ended_at is not None:
            measured.append((ended_at - began[0]).total_seconds())
    return median(measured) if measured else _JUDGING_SECONDS


def events(session: Session, study_id: str, after: int, limit: int) -> list[StudyEvent]:
    """Returns what happened to a study after an event, in order."""
    query = select(StudyEvent).where(StudyEvent.study_id == study_id, StudyEvent.id > after)
    return list(session.scalars(query.order_by(StudyEvent.id).limit(limit)))
