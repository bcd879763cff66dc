"""What is asked of the matches in the database."""

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from service.database import now
from service.database.pages import page
from service.errors import Conflict, NotFound
from service.matches.tables import MatchState, RecordingMatch

#: Most matches that wait or run. One takes up to a minute of a worker.
MOST_WAITING = 200

_OPEN = (MatchState.QUEUED, MatchState.RUNNING)


def add(session: Session, match: RecordingMatch) -> None:
    """Enters a match into the queue.

    Raises:
        Conflict: Too many wait already.
    """
    waiting = session.scalar(select(func.count()).where(RecordingMatch.state.in_(_OPEN))) or 0
    if waiting >= MOST_WAITING:
        raise Conflict(f"matches: {waiting} wait already, expected fewer than {MOST_WAITING}; ask again later")
    session.add(match)
    session.flush()


def find(session: Session, match_id: str) -> RecordingMatch:
    """Returns a match.

    Raises:
        NotFound: There is none of that id.
    """
    match = session.get(RecordingMatch, match_id)
    if match is None:
        raise NotFound(f"match {match_id!r}: there is none")
    return match


def listed(session: Session, after: str | None, limit: int) -> tuple[list[RecordingMatch], str | None]:
    """Returns a piece of the list of matches, the newest first, and where the next piece begins."""
    return page(session, select(RecordingMatch), (RecordingMatch.created_at, RecordingMatch.id), after, limit)


def count_of_corpus(session: Session, corpus_id: str) -> int:
    """Returns how many matches are of recordings of a corpus."""
    return session.scalar(select(func.count()).where(RecordingMatch.corpus == corpus_id)) or 0


def next_in_line(session: Session) -> RecordingMatch | None:
    """Returns what is to be worked on: one that ran already, then the oldest that waits; None if there is none."""
    query = (
        select(RecordingMatch)
        .where(RecordingMatch.state.in_(_OPEN))
        .order_by(RecordingMatch.state.desc(), RecordingMatch.created_at, RecordingMatch.id)
    )
    return session.scalars(query.limit(1)).first()


def is_wanted(session: Session, match_id: str) -> bool:
    """Returns whether a match is still there to be worked on; it may have been deleted."""
    found = session.get(RecordingMatch, match_id)
    return found is not None and found.state in _OPEN


def begin(session: Session, match_id: str) -> None:
    """Notes that a match is worked on."""
    session.execute(_open(match_id).values(state=MatchState.RUNNING, reason=""))


def wait(session: Session, match_id: str, reason: str) -> None:
    """Notes that a match is tried again later, and why."""
    session.execute(_open(match_id).values(state=MatchState.QUEUED, reason=reason))


def fail(session: Session, match_id: str, reason: str) -> None:
    """Notes that a match cannot be found, and why."""
    session.execute(_open(match_id).values(state=MatchState.FAILED, reason=reason, ended_at=now()))


def finish(session: Session, match_id: str, unit: list[float], distance: float, nearest_random_sound: float) -> None:
    """Notes what was found."""
    session.execute(
        _open(match_id).values(
            state=MatchState.DONE,
            unit=unit,
            distance=distance,
            nearest_random_sound=nearest_random_sound,
            ended_at=now(),
        )
    )


def _open(match_id: str) -> Update:
    # One that was deleted meanwhile is left alone.
    return update(RecordingMatch).where(RecordingMatch.id == match_id, RecordingMatch.state.in_(_OPEN))
