"""What is asked of the nebulae in the database."""

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nebula import Nebula
from service.errors import Conflict, NotFound
from service.nebulae.tables import KeptNebula
from service.studies.states import NEEDING, StudyState
from service.studies.tables import Study

#: States in which a study may have left a nebula.
_ENDED = (StudyState.DONE, StudyState.STOPPED)


def kept(session: Session) -> list[KeptNebula]:
    """Returns the nebulae that were imported or saved, by name."""
    return list(session.scalars(select(KeptNebula).order_by(KeptNebula.name)))


def ended_studies(session: Session) -> list[Study]:
    """Returns the studies that may have left a nebula, the newest first."""
    return list(session.scalars(select(Study).where(Study.state.in_(_ENDED)).order_by(Study.created_at.desc())))


def add(session: Session, name: str, nebula: Nebula, owner: str) -> KeptNebula:
    """Enters a nebula.

    Raises:
        Conflict: There is one of that name.
    """
    kept = KeptNebula(name=name, content=nebula.to_json(), owner=owner)
    session.add(kept)
    _flush(session, name)
    return kept


def rename(session: Session, kept: KeptNebula, name: str) -> None:
    """Gives a nebula another name.

    Raises:
        Conflict: There is one of that name.
    """
    kept.name = name
    _flush(session, name)


def _flush(session: Session, name: str) -> None:
    # Asking first whether the name is free would leave a moment in which somebody else takes it.
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"nebula {name!r}: there is one of that name; choose another or delete it first") from error


def find(session: Session, name: str) -> KeptNebula:
    """Returns a nebula that was imported or saved, to be changed.

    Raises:
        NotFound: There is none of that name.
    """
    nebula = session.get(KeptNebula, name, with_for_update=True) if name.isprintable() else None
    if nebula is None:
        raise NotFound(f"nebula {name!r}: there is none that was imported or saved")
    return nebula


def refuse_if_needed(session: Session, name: str) -> None:
    """Passes unless a study needs a nebula under its name.

    Raises:
        Conflict: One does.
    """
    uses = or_(Study.spec["target"].as_string() == name, Study.spec["search"]["start"].as_string() == name)
    needed_by = session.scalars(select(Study.id).where(Study.state.in_(NEEDING), uses).limit(3)).all()
    if needed_by:
        raise Conflict(f"nebula {name!r}: is needed by study {', '.join(needed_by)}; stop or cancel it first")
