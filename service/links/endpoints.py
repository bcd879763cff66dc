"""`/v1/links`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from service.accounts.access import Experimenter, GuardedRoute
from service.api.idempotency import Idempotent
from service.api.pages import After, Limit, Page
from service.api.parts import Given, Parts
from service.api.problems import COMMON
from service.api.transactions import Transaction
from service.errors import RequestError
from service.links import queries
from service.links.queries import LinkSubject
from service.links.schemas import LinkAnswer, LinkPost
from service.links.tables import SharedLink
from service.nebulae.shelf import Shelf

router = APIRouter(route_class=GuardedRoute, prefix="/v1/links", tags=["links"], responses=COMMON)

LinkId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its POST told.")]


@router.post("", status_code=201)
def create_link(
    session: Transaction, parts: Given, once: Idempotent, caller: Experimenter, body: LinkPost
) -> LinkAnswer:
    """Makes a link that shows one study or one nebula to whoever has it, without a key, until it is withdrawn.

    The page has a name, a few sounds and, of a study, its answer with the target's name: no recordings, no parameters,
    no spec.
    """

    def do() -> LinkAnswer:
        return _answer(session, queries.add(session, caller, _subject(session, parts, body.study, body.nebula)))

    return once(session, caller.key_id, body, do, LinkAnswer)


@router.get("")
def list_links(
    session: Transaction,
    parts: Given,
    caller: Experimenter,
    study: Annotated[str | None, Query(pattern="^[0-9a-f]{16}$", description="Id of the study that they show.")] = None,
    nebula: Annotated[str | None, Query(max_length=64, description="Name of the nebula that they show.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[LinkAnswer]:
    """Lists links, the newest first: all, or those to one study or one nebula."""
    if study is not None and nebula is not None:
        raise RequestError("study, nebula: got both, expected at most one of them")
    subject = None if study is None and nebula is None else _subject(session, parts, study, nebula)
    links, following = queries.listed(session, subject, after, limit)
    return Page[LinkAnswer](items=[_answer(session, link) for link in links], next=following)


@router.delete("/{link_id}", status_code=204)
def withdraw_link(session: Transaction, caller: Experimenter, link_id: LinkId) -> None:
    """Withdraws a link: its page and its sounds are gone at once."""
    queries.withdraw(session, caller, link_id)


def _subject(session: Session, parts: Parts, study: str | None, nebula: str | None) -> LinkSubject:
    if study is not None:
        return queries.study_subject(session, study)
    return queries.nebula_subject(session, parts[Shelf], str(nebula))


def _answer(session: Session, link: SharedLink) -> LinkAnswer:
    return LinkAnswer(
        id=link.id,
        kind=link.kind,
        title=queries.title(session, link),
        path=f"/shared/{link.token}",
        created_at=link.created_at,
    )
