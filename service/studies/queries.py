"""What is asked of the studies in the database."""

from collections.abc import Sequence
from itertools import chain
from statistics import median

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, defer, selectinload

from service.accounts import audit
from service.accounts.caller import Caller
from service.database.names import numbered
from service.database.pages import page
from service.errors import Conflict, NotFound
from service.studies.moves import move, overtaken, refused, tell
from service.studies.states import ACTIVE, MOVES, StudyOrder, StudyState, StudyVerb
from service.studies.tables import Study, StudyEvent, StudyTag, Trial

# Any number that nothing else in the database locks.
_NAMING = 0x6E61_6D65

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
    session: Session,
    state: StudyState | None,
    tag: str | None,
    search: str,
    order: StudyOrder,
    after: str | None,
    limit: int,
) -> tuple[list[Study], str | None]:
    """Returns a piece of the list of studies, and where the next piece begins.

    Args:
        session: To look them up in.
        state: Of those that are listed; None: of all.
        tag: Which they have; None: any or none.
        search: Part of their names, tags or notes, whatever the case; empty: any.
        order: Which come first.
        after: Where the piece begins, as told with the one before.
        limit: Most in the piece.
    """
    # The spec is by far the most of a row, and no list shows it.
    query = select(Study).options(defer(Study.spec, raiseload=True), selectinload(Study.tagged))
    if state is not None:
        query = query.where(Study.state == state)
    if tag is not None:
        query = query.where(Study.id.in_(select(StudyTag.study_id).where(StudyTag.tag == tag)))
    if search:
        tagged = select(StudyTag.study_id).where(StudyTag.tag.icontains(search, autoescape=True))
        texts = (column.icontains(search, autoescape=True) for column in (Study.name, Study.note))
        query = query.where(or_(*texts, Study.id.in_(tagged)))
    if order is StudyOrder.NAME:
        return page(session, query, (Study.name, Study.id), after, limit, descending=False)
    if order is StudyOrder.SCORE:
        query = query.where(Study.rescored_mean.is_not(None))
        return page(session, query, (Study.rescored_mean, Study.id), after, limit, descending=False)
    return page(session, query, (Study.created_at, Study.id), after, limit)


def tags(session: Session) -> list[tuple[str, int]]:
    """Returns every tag that a study has, in alphabetical order, and how many have it."""
    query = select(StudyTag.tag, func.count()).group_by(StudyTag.tag).order_by(StudyTag.tag)
    return [(tag, number) for tag, number in session.execute(query)]


def amend(
    session: Session, caller: Caller, study_id: str, name: str | None, tags: Sequence[str] | None, note: str | None
) -> Study:
    """Returns a study after its name, tags or note were changed; None leaves them as they are.

    Raises:
        NotFound: There is none of that id.
        Conflict: Another study has that name.
    """
    study = find(session, study_id)
    if name is not None and name != study.name:
        _rename(session, caller, study, name)
    if tags is not None:
        _tag(session, caller, study, tags)
    if note is not None and note != study.note:
        audit.record(session, caller, "study.note", study.id, name=study.name)
        study.note = note
    session.flush()
    return study


def _rename(session: Session, caller: Caller, study: Study, name: str) -> None:
    _hold_names(session)
    if _is_taken(session, name):
        raise Conflict(f"name: got {name!r}, which another study has; choose another")
    audit.record(session, caller, "study.rename", study.id, name=name, before=study.name)
    study.name = name


def _tag(session: Session, caller: Caller, study: Study, tags: Sequence[str]) -> None:
    # Two requests at once would both find a tag missing, and both enter it.
    session.execute(select(Study.id).where(Study.id == study.id).with_for_update(key_share=True)).all()
    session.refresh(study, ["tagged"])
    before = study.tags
    if set(tags) == set(before):
        return
    study.tagged = [each for each in study.tagged if each.tag in tags]
    study.tagged += [StudyTag(tag=tag) for tag in sorted(set(tags) - set(before))]
    audit.record(session, caller, "study.tag", study.id, name=study.name, tags=sorted(set(tags)), before=before)


def free_name(session: Session, name: str) -> str:
    """Returns a name that no study has: the one that is wanted, or with the first number behind it that is free.

    Nobody else takes it until the transaction ends.
    """
    _hold_names(session)
    return next(free for free in chain((name,), numbered(name)) if not _is_taken(session, free))


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


def find_trial(session: Session, study_id: str, number: int) -> Trial:
    """Returns a trial of a study by its number.

    Raises:
        NotFound: There is none of that number.
    """
    trial = session.get(Trial, (study_id, number))
    if trial is None:
        raise NotFound(f"study {study_id!r}: has no trial {number}")
    return trial


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
