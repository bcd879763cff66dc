"""What is asked of the studies in the database."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.api.pages import page
from service.errors import NotFound
from service.studies.states import State
from service.studies.tables import Study


def find(session: Session, study_id: str) -> Study:
    """Returns a study.

    Raises:
        NotFound: There is none of that id.
    """
    study = session.get(Study, study_id)
    if study is None:
        raise NotFound(f"study {study_id!r}: there is none")
    return study


def listed(session: Session, state: State | None, after: str | None, limit: int) -> tuple[list[Study], str | None]:
    """Returns a piece of the list of studies, the newest first, and where the next piece begins."""
    query = select(Study)
    if state is not None:
        query = query.where(Study.state == state)
    return page(session, query, (Study.created_at, Study.id), after, limit)
