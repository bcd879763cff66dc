"""What is asked of the links in the database."""

import re
import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import audit
from service.accounts.caller import Caller
from service.database.pages import page
from service.errors import NotFound
from service.links.tables import LinkKind, SharedLink
from service.nebulae.shelf import Origin, Shelf
from service.studies import queries as studies
from service.studies.tables import Study

_TOKEN_BYTES = 16  # 128 bits, 22 characters
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class LinkSubject:
    """What a link shows, as its columns keep it.

    Attributes:
        kind: A study or a nebula.
        study_id: The study, or the one that found the nebula.
        kept: Name of a nebula that was imported or saved.
        shipped: Name of a nebula that never changes.
    """

    kind: LinkKind
    study_id: str | None = None
    kept: str | None = None
    shipped: str | None = None


def study_subject(session: Session, study_id: str) -> LinkSubject:
    """Returns what a link to a study shows.

    Raises:
        NotFound: There is no such study.
    """
    return LinkSubject(LinkKind.STUDY, study_id=studies.find(session, study_id).id)


def nebula_subject(session: Session, shelf: Shelf, name: str) -> LinkSubject:
    """Returns what a link to a nebula shows.

    Raises:
        NotFound: There is none of that name.
    """
    entry, _ = shelf.find(session, name)
    if entry.origin is Origin.FOUND:
        return LinkSubject(LinkKind.NEBULA, study_id=entry.study_id)
    if entry.origin is Origin.KEPT:
        return LinkSubject(LinkKind.NEBULA, kept=entry.name)
    return LinkSubject(LinkKind.NEBULA, shipped=entry.name)


def add(session: Session, caller: Caller, subject: LinkSubject) -> SharedLink:
    """Returns a new link."""
    link = SharedLink(**asdict(subject), token=secrets.token_urlsafe(_TOKEN_BYTES), owner=caller.key_id)
    session.add(link)
    session.flush()
    audit.record(session, caller, "link.create", link.id, kind=link.kind, name=title(session, link))
    return link


def listed(
    session: Session, subject: LinkSubject | None, after: str | None, limit: int
) -> tuple[list[SharedLink], str | None]:
    """Returns a piece of the list of links, the newest first, and where the next piece begins.

    Args:
        session: To look them up in.
        subject: What they show; None: whatever it is.
        after: Where the piece begins, as told with the one before.
        limit: Most in the piece.
    """
    query = select(SharedLink)
    if subject is not None:
        query = query.filter_by(**asdict(subject))
    return page(session, query, (SharedLink.created_at, SharedLink.id), after, limit)


def withdraw(session: Session, caller: Caller, link_id: str) -> None:
    """Deletes a link.

    Raises:
        NotFound: There is none of that id.
    """
    link = session.get(SharedLink, link_id)
    if link is None:
        raise NotFound(f"link {link_id!r}: there is none")
    audit.record(session, caller, "link.withdraw", link.id, kind=link.kind, name=title(session, link))
    session.delete(link)


def opened(session: Session, token: str) -> SharedLink:
    """Returns the link of a token.

    Raises:
        NotFound: There is none, or not any more.
    """
    query = select(SharedLink).where(SharedLink.token == token)
    link = session.scalars(query).one_or_none() if _TOKEN.fullmatch(token) else None
    if link is None:
        raise NotFound("link: there is none like this")
    return link


def title(session: Session, link: SharedLink) -> str:
    """Returns what people call what a link shows."""
    if link.study_id is None:
        return str(link.kept or link.shipped)
    return session.scalars(select(Study.name).where(Study.id == link.study_id)).one()
