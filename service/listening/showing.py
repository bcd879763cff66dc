"""What the participant's page is told. The audit looks at the same, made here, before a test opens."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from nebula.listening import Method
from service.listening import answering, queries
from service.listening.languages import Language
from service.listening.page_schemas import (
    AnswerPut,
    ProgressAnswer,
    SessionAnswer,
    ShownField,
    ShownQuestion,
    Slot,
)
from service.listening.spec import REFERENCE, ListeningSpec
from service.listening.stages import VisitStage
from service.listening.tables import ListeningParticipant, ListeningQuestion
from service.listening.wording import fields, labels, tags, text_of, written

#: Where the page asks.
ADDRESS = "/v1/listen"


def shown(
    session: Session, participant: ListeningParticipant, token: str, choose: Callable[[Sequence[Language]], Language]
) -> SessionAnswer:
    """Returns what the page is told of where a participant is.

    Args:
        session: The transaction.
        participant: Who is there.
        token: Of their session.
        choose: Returns the one of the test's languages that they read.
    """
    spec = queries.sealed_spec_of(participant.test)
    language = choose(spec.languages)
    question = answering.current(session, participant)
    counts = answering.counts(session, participant)
    stage = counts.practice if participant.stage is VisitStage.PRACTICE else counts.trials
    return SessionAnswer(
        stage=participant.stage,
        language=language,
        languages=spec.languages,
        progress=ProgressAnswer(done=stage.done, total=stage.total),
        texts=written(spec, counts.trials.total, counts.practice.total, language),
        trial=None if question is None else question_shown(spec, question, token, language),
        questionnaire=_asked(spec, language) if participant.stage is VisitStage.QUESTIONNAIRE else (),
        questionnaire_saved=participant.questionnaire,
        completion_url=spec.completion_url if participant.stage is VisitStage.THANKS else None,
    )


def _asked(spec: ListeningSpec, language: Language) -> tuple[ShownField, ...]:
    said = fields(spec, language)
    return tuple(
        ShownField(**field.model_dump(exclude={"text"}), text=said[field.key][0], option_texts=said[field.key][1])
        for field in spec.questionnaire
    )


def question_shown(spec: ListeningSpec, question: ListeningQuestion, token: str, language: Language) -> ShownQuestion:
    """Returns what the page is told of a question."""
    audio: dict[str, list[str]] = {}
    scale = None
    if spec.has_scale:
        scale = spec.scale.model_copy(update={"labels": labels(spec, language)})
    for sound in question.sounds:
        audio.setdefault(sound.slot, []).append(f"{ADDRESS}/sessions/{token}/audio/{sound.token}")
    return ShownQuestion(
        id=question.id,
        practice=question.practice,
        method=spec.method,
        slots=[Slot(slot=slot, audio=addresses) for slot, addresses in audio.items() if slot != REFERENCE],
        reference=audio.get(REFERENCE),
        one_is_reference=spec.method is Method.BS1116,
        scale=scale,
        choices=spec.choices,
        tags=spec.tags,
        tag_texts=tags(spec, language),
        text=text_of(spec, question.key, language),
        saved=None if question.answer is None else AnswerPut(edit=question.edit, **question.answer),
    )


def sound_head(content: bytes) -> dict[str, str]:
    """Returns the head of the answer with a sound, the same as every other's; browsers are to keep none."""
    return {"content-type": "audio/wav", "content-length": str(len(content)), "cache-control": "no-store"}
