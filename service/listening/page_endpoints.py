"""`/v1/listen`: what the participant's page asks for.

There is no key: an invite, and then a session, is 128 random bits. Every answer is the same whoever made the sounds.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from sqlalchemy.orm import Session

from service.accounts.throttle import Throttle
from service.api.bodies import BodyRoute
from service.api.parts import Given, parts_of
from service.api.problems import COMMON, problems
from service.api.transactions import Turn, transaction
from service.database import Database
from service.listening import answering, joining
from service.listening.languages import chosen
from service.listening.page_schemas import (
    AnswerPut,
    ConsentPut,
    DevicePut,
    PracticePut,
    QuestionnairePut,
    Saved,
    SessionAnswer,
    SessionPost,
    SessionToken,
    VolumePut,
    Withdrawn,
)
from service.listening.previews import PREFIX, Previews
from service.listening.showing import ADDRESS, shown, sound_head
from service.listening.store import StimulusStore

router = APIRouter(route_class=BodyRoute, prefix=ADDRESS, tags=["listen"], responses=COMMON | problems(409, 410))

Token = Annotated[str, Path(max_length=64)]

Asked = Annotated[
    str | None, Query(max_length=64, description="A language to read, before those that the browser asks for.")
]

_WAV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound.", "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
}


def _visited(request: Request, turn: Turn) -> Iterator[Session]:
    parts = parts_of(request)
    token = request.path_params.get("token") or request.path_params["invite"]
    database = parts[Previews].database if Previews.has(token) else parts[Database]
    yield from transaction(request, database)


#: The transaction of a participant's route, or that of somebody who looks at a preview.
Visited = Annotated[Session, Depends(_visited, scope="function")]

# Enough for a class that shares one address, and too few to fill the database with participants.
_JOINS, _JOINS_SECONDS = 500, 3600.0


class Admission(Throttle):
    """Slows down those who join again and again."""

    def __init__(self) -> None:
        reason = "listening test: {count} people joined from this address"
        super().__init__(allowed=_JOINS, window_seconds=_JOINS_SECONDS, reason=reason)


@router.post("/{invite}/sessions", status_code=201)
def join(session: Visited, request: Request, parts: Given, invite: Token, body: SessionPost) -> SessionToken:
    """Lets someone take part."""
    if Previews.has(invite):
        return SessionToken(session=joining.join(session, invite, {}, PREFIX))
    address, admission = request.client.host if request.client else "", parts[Admission]
    admission.check(address)
    token = joining.join(session, invite, {str(key): value for key, value in body.prolific.items()})
    # Who has no invite fills nothing, and keeps nobody out who shares the address.
    admission.count(address)
    return SessionToken(session=token)


@router.get("/sessions/{token}")
def show(session: Visited, request: Request, token: Token, lang: Asked = None) -> SessionAnswer:
    """Tells where a participant is: the page needs nothing else after a reload."""
    header = request.headers.get("accept-language", "")
    return shown(session, answering.find(session, token), token, lambda offered: chosen(offered, lang, header))


@router.put("/sessions/{token}/stage")
def finish_stage(
    session: Visited,
    token: Token,
    body: Annotated[ConsentPut | DevicePut | VolumePut | PracticePut, Body(discriminator="stage")],
) -> Saved:
    """Ends a stage before the test."""
    answering.finish_stage(session, token, body.stage, body.answer.model_dump(mode="json", exclude_none=True))
    return Saved()


@router.put("/sessions/{token}/trials/{trial}")
def answer(session: Visited, token: Token, trial: Token, body: AnswerPut) -> Saved:
    """Saves what is answered in a trial."""
    answering.answer(session, token, trial, body)
    return Saved()


@router.put("/sessions/{token}/questionnaire")
def save_questionnaire(session: Visited, token: Token, body: QuestionnairePut) -> Saved:
    """Saves what is answered in the questionnaire."""
    answering.save_questionnaire(session, token, body)
    return Saved()


@router.post("/sessions/{token}/withdrawal")
def withdraw(session: Visited, token: Token) -> Withdrawn:
    """Deletes all that a participant has said."""
    answering.withdraw(session, token)
    return Withdrawn()


@router.get("/sessions/{token}/audio/{sound}", response_class=Response, responses=_WAV)
def play(session: Visited, parts: Given, token: Token, sound: Token) -> Response:
    """Plays a sound of the current trial."""
    store = parts[Previews].store if Previews.has(token) else parts[StimulusStore]
    content = answering.sound(session, store, token, sound)
    return Response(content, headers=sound_head(content))
