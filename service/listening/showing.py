"""What the participant's page is told. The audit looks at the same, made here, before a test opens."""

from sqlalchemy.orm import Session

from nebula.listening import Method
from service.listening import answering, queries
from service.listening.page_schemas import AnswerPut, ProgressAnswer, SessionAnswer, ShownQuestion, Slot
from service.listening.spec import REFERENCE, ListeningSpec
from service.listening.stages import VisitStage
from service.listening.tables import ListeningParticipant, ListeningQuestion
from service.listening.wording import written

#: Where the page asks.
ADDRESS = "/v1/listen"


def shown(session: Session, participant: ListeningParticipant, token: str) -> SessionAnswer:
    """Returns what the page is told of where a participant is."""
    spec = queries.sealed_spec_of(participant.test)
    question = answering.current(session, participant)
    counts = answering.counts(session, participant)
    stage = counts.practice if participant.stage is VisitStage.PRACTICE else counts.trials
    return SessionAnswer(
        stage=participant.stage,
        progress=ProgressAnswer(done=stage.done, total=stage.total),
        texts=written(spec, counts.trials.total, counts.practice.total),
        trial=None if question is None else question_shown(spec, question, token),
        questionnaire=spec.questionnaire if participant.stage is VisitStage.QUESTIONNAIRE else (),
        questionnaire_saved=participant.questionnaire,
        completion_url=spec.completion_url if participant.stage is VisitStage.THANKS else None,
    )


def question_shown(spec: ListeningSpec, question: ListeningQuestion, token: str) -> ShownQuestion:
    """Returns what the page is told of a question."""
    audio: dict[str, list[str]] = {}
    for sound in question.sounds:
        audio.setdefault(sound.slot, []).append(f"{ADDRESS}/sessions/{token}/audio/{sound.token}")
    return ShownQuestion(
        id=question.id,
        practice=question.practice,
        method=spec.method,
        slots=[Slot(slot=slot, audio=addresses) for slot, addresses in audio.items() if slot != REFERENCE],
        reference=audio.get(REFERENCE),
        scale=None if spec.method is Method.PREFERENCE else spec.scale,
        tie=spec.tie,
        tags=spec.tags,
        saved=None if question.answer is None else AnswerPut(edit=question.edit, **question.answer),
    )


def sound_head(content: bytes) -> dict[str, str]:
    """Returns the head of the answer with a sound, the same as every other's; browsers are to keep none."""
    return {"content-type": "audio/wav", "content-length": str(len(content)), "cache-control": "no-store"}
