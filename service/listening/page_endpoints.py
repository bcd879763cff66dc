"""`/v1/listen`: what the participant's page asks for.

There is no key: an invite, and then a session, is 128 random bits. Every answer is the same whoever made the sounds.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from sqlalchemy.orm import Session

from nebula.listening import Method
from service.accounts.throttle import Throttle
from service.api.bodies import BodyRoute
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.listening import answering, joining, queries
from service.listening.page_schemas import (
    AnswerPut,
    ConsentPut,
    DevicePut,
    PracticePut,
    Progress,
    QuestionnairePut,
    Saved,
    SessionAnswer,
    SessionPost,
    SessionToken,
    Slot,
    Trial,
    VolumePut,
    Withdrawn,
)
from service.listening.spec import REFERENCE, ListeningSpec
from service.listening.stages import Stage
from service.listening.tables import Listener, ListeningTrial

router = APIRouter(route_class=BodyRoute, prefix="/v1/listen", tags=["listen"], responses=COMMON | problems(409, 410))

Token = Annotated[str, Path(max_length=64)]

_WAV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound.", "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
}


# A class behind one address gets in; whoever would fill the database with participants does not.
_JOINS, _JOINS_SECONDS = 500, 3600.0


def new_admission() -> Throttle:
    """Returns what slows down those who join again and again."""
    reason = "listening test: {count} people joined from this address"
    return Throttle(allowed=_JOINS, window_seconds=_JOINS_SECONDS, reason=reason)


@router.post("/{invite}/sessions", status_code=201)
def join(session: Transaction, request: Request, invite: Token, body: SessionPost) -> SessionToken:
    """Lets someone take part."""
    address, admission = request.client.host if request.client else "", request.app.state.admission
    admission.check(address)
    admission.count(address)
    return SessionToken(
        session=joining.join(session, invite, {str(key): value for key, value in body.prolific.items()})
    )


@router.get("/sessions/{token}")
def show(session: Transaction, token: Token) -> SessionAnswer:
    """Tells where a participant is: the page needs nothing else after a reload."""
    return shown(session, answering.find(session, token), token)


@router.put("/sessions/{token}/stage")
def finish_stage(
    session: Transaction,
    token: Token,
    body: Annotated[ConsentPut | DevicePut | VolumePut | PracticePut, Body(discriminator="stage")],
) -> Saved:
    """Ends a stage before the test."""
    answering.finish_stage(session, token, body.stage, body.answer.model_dump(mode="json", exclude_none=True))
    return Saved()


@router.put("/sessions/{token}/trials/{trial}")
def answer(session: Transaction, token: Token, trial: Token, body: AnswerPut) -> Saved:
    """Saves what is answered in a trial."""
    answering.answer(session, token, trial, body)
    return Saved()


@router.put("/sessions/{token}/questionnaire")
def save_questionnaire(session: Transaction, token: Token, body: QuestionnairePut) -> Saved:
    """Saves what is answered in the questionnaire."""
    answering.save_questionnaire(session, token, body)
    return Saved()


@router.post("/sessions/{token}/withdrawal")
def withdraw(session: Transaction, token: Token) -> Withdrawn:
    """Deletes all that a participant has said."""
    answering.withdraw(session, token)
    return Withdrawn()


@router.get("/sessions/{token}/audio/{sound}", response_class=Response, responses=_WAV)
def play(session: Transaction, request: Request, token: Token, sound: Token) -> Response:
    """Plays a sound of the current trial."""
    return sound_response(answering.sound(session, request.app.state.stimuli, token, sound))


def sound_response(content: bytes) -> Response:
    """Returns a sound with the same head as every other; browsers are to keep none."""
    return Response(content, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def shown(session: Session, listener: Listener, token: str) -> SessionAnswer:
    """Returns what the page is told."""
    spec = queries.spec_of(listener.test)
    trial = answering.current(session, listener)
    done, total = answering.progress(session, listener)
    return SessionAnswer(
        stage=listener.stage,
        progress=Progress(done=done, total=total),
        texts=spec.texts,
        trial=None if trial is None else trial_shown(spec, trial, token),
        questionnaire=spec.questionnaire if listener.stage is Stage.QUESTIONNAIRE else (),
        questionnaire_saved=listener.questionnaire,
        completion_url=spec.completion_url if listener.stage is Stage.THANKS else None,
    )


def trial_shown(spec: ListeningSpec, trial: ListeningTrial, token: str) -> Trial:
    """Returns what the page is told of a trial."""
    audio: dict[str, list[str]] = {}
    for sound in trial.sounds:
        audio.setdefault(sound.slot, []).append(f"{router.prefix}/sessions/{token}/audio/{sound.token}")
    return Trial(
        id=trial.id,
        practice=trial.practice,
        method=spec.method,
        slots=[Slot(slot=slot, audio=addresses) for slot, addresses in audio.items() if slot != REFERENCE],
        reference=audio.get(REFERENCE),
        scale=None if spec.method is Method.PREFERENCE else spec.scale,
        tie=spec.tie,
        tags=spec.tags,
        saved=None if trial.answer is None else AnswerPut(edit=trial.edit, **trial.answer),
    )
