"""What is asked of the nebulae in the database."""

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nebula import Nebula
from service.accounts.tables import Key
from service.errors import Conflict, NotFound
from service.nebulae.tables import KeptNebula, NebulaStar
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


def add(
    session: Session, name: str, nebula: Nebula, owner: str, parent: str | None = None, parent_title: str = ""
) -> KeptNebula:
    """Enters a nebula.

    Args:
        session: Of the transaction.
        name: What it is asked for by.
        nebula: What it is.
        owner: Id of the key that brought it.
        parent: Name of the nebula that it was saved from, if any.
        parent_title: What people call that one.

    Raises:
        Conflict: There is one of that name.
    """
    kept = KeptNebula(name=name, content=nebula.to_json(), owner=owner, parent=parent, parent_title=parent_title)
    session.add(kept)
    _flush(session, name)
    return kept


def rename(session: Session, kept: KeptNebula, name: str) -> None:
    """Gives a nebula another name, which those that were saved from it then say.

    Raises:
        Conflict: There is one of that name.
    """
    before = kept.name
    kept.name = name
    _flush(session, name)
    _reparent(session, before, parent=name, parent_title=name)
    session.execute(update(NebulaStar).where(NebulaStar.nebula == before).values(nebula=name))


def remove(session: Session, kept: KeptNebula) -> None:
    """Deletes a nebula; those that were saved from it keep its name as a word, whoever has that name next."""
    session.delete(kept)
    _reparent(session, kept.name, parent=None)
    unstar_for_all(session, kept.name)


def starred(session: Session, key_id: str) -> set[str]:
    """Returns names of the nebulae that somebody has starred."""
    return set(session.scalars(select(NebulaStar.nebula).where(NebulaStar.key_id == key_id)))


def hold(session: Session, name: str) -> None:
    """Has nobody delete or rename a nebula until the transaction ends; who does so already is waited for."""
    held = select(KeptNebula.name).where(KeptNebula.name == name)
    session.execute(held.with_for_update(read=True, key_share=True)).all()


def star(session: Session, key_id: str, name: str) -> None:
    """Stars a nebula for somebody, who may have done so before."""
    # Two requests of one key at once would both find no star, and both enter one.
    session.execute(select(Key.id).where(Key.id == key_id).with_for_update(key_share=True)).all()
    if session.get(NebulaStar, (key_id, name)) is None:
        session.add(NebulaStar(key_id=key_id, nebula=name))


def unstar_for_all(session: Session, name: str) -> None:
    """Takes away everybody's stars of a nebula that is no more, which another one of its name is not to find."""
    session.execute(delete(NebulaStar).where(NebulaStar.nebula == name))


def unstar(session: Session, key_id: str, name: str) -> None:
    """Takes a star away, if there is one."""
    session.execute(delete(NebulaStar).where(NebulaStar.key_id == key_id, NebulaStar.nebula == name))


def _reparent(session: Session, name: str, **changes: str | None) -> None:
    session.execute(update(KeptNebula).where(KeptNebula.parent == name).values(**changes))


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


def needing(session: Session, name: str) -> list[str]:
    """Returns ids of studies that need a nebula under its name, three at most."""
    uses = or_(Study.spec["target"].as_string() == name, Study.spec["search"]["start"].as_string() == name)
    return list(session.scalars(select(Study.id).where(Study.state.in_(NEEDING), uses).limit(3)))


def refuse_if_needed(session: Session, name: str) -> None:
    """Passes unless a study needs a nebula under its name.

    Raises:
        Conflict: One does.
    """
    if needed_by := needing(session, name):
        raise Conflict(f"nebula {name!r}: is needed by study {', '.join(needed_by)}; stop or cancel it first")
