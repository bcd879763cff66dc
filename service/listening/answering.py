"""What a participant sees and says. Nothing that is returned here depends on which system is in which slot."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session, defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from nebula.audio import wav_bytes
from nebula.listening import Method
from service.accounts.queries import digest
from service.database import Moment, now
from service.errors import Conflict, Gone, NotFound, Unprocessable
from service.listening import queries
from service.listening.design import letters
from service.listening.joining import dither_seed
from service.listening.page_schemas import AnswerPut, QuestionnairePut
from service.listening.spec import REFERENCE, ListeningSpec
from service.listening.stages import VisitStage, following
from service.listening.states import OVER
from service.listening.store import StimulusStore
from service.listening.tables import ListeningParticipant, ListeningQuestion, ListeningSound, ListeningTest

#: Bytes of JSON that the answer of a questionnaire may have.
ANSWER_BYTES = 2**13

# The key map is the largest column of a test, and nothing that serves participants may read it: loading it raises.
_WITHOUT_KEY = defer(ListeningTest.key_map, raiseload=True)

# What every answer asks and changes. Statements are made once: making one takes longer than SQLite takes to answer it.
_BY_SESSION = select(ListeningParticipant).where(ListeningParticipant.session_digest == bindparam("digest"))
_LOOKED_AT = _BY_SESSION.options(joinedload(ListeningParticipant.test).options(_WITHOUT_KEY))
_HELD = _BY_SESSION.with_for_update()
# Shared: answers do not wait for each other, but closing waits for those that have begun.
_TEST_HELD = (
    select(ListeningTest)
    .where(ListeningTest.id == bindparam("test"))
    .options(_WITHOUT_KEY)
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)
_CURRENT = (
    select(ListeningQuestion)
    .where(
        ListeningQuestion.participant_id == bindparam("participant"),
        ~ListeningQuestion.finished,
        ListeningQuestion.practice == bindparam("practice"),
    )
    .order_by(ListeningQuestion.number)
    .limit(1)
)
_SAVE = (
    update(ListeningQuestion)
    .where(ListeningQuestion.id == bindparam("asked"))
    .values(
        edit=bindparam("new_edit"),
        answer=bindparam("new_answer"),
        finished=bindparam("new_finished"),
        changes=ListeningQuestion.changes + 1,
        began_at=func.coalesce(ListeningQuestion.began_at, bindparam("moment", type_=Moment)),
        saved_at=bindparam("moment", type_=Moment),
    )
    .execution_options(synchronize_session=False)
)
_SEEN = (
    update(ListeningParticipant)
    .where(ListeningParticipant.id == bindparam("who"))
    .values(seen_at=bindparam("moment", type_=Moment))
    .execution_options(synchronize_session=False)
)
_COUNTS = (
    select(ListeningQuestion.practice, ListeningQuestion.finished, func.count())
    .where(ListeningQuestion.participant_id == bindparam("participant"))
    .group_by(ListeningQuestion.practice, ListeningQuestion.finished)
)

# One message whether it does not exist, is another participant's, or comes later: nobody can tell which.
_NO_QUESTION, _NO_SOUND = "trial: there is none like this", "sound: there is none like this"


def find(session: Session, token: str, changing: bool = False) -> ListeningParticipant:
    """Returns whose session it is; with `changing`, held until the transaction ends.

    Raises:
        NotFound: Nobody's.
        Gone: The test is over.
    """
    participant = _known(session, token, changing)
    if participant.test.state in OVER:
        raise Gone("listening test: it is over, thank you")
    return participant


def current(session: Session, participant: ListeningParticipant) -> ListeningQuestion | None:
    """Returns the question that a participant is at, None outside of practice and test, and after the last one."""
    if participant.stage not in (VisitStage.PRACTICE, VisitStage.TEST):
        return None
    asked = {"participant": participant.id, "practice": participant.stage is VisitStage.PRACTICE}
    return session.scalars(_CURRENT, asked).one_or_none()


@dataclass(frozen=True)
class Progress:
    """How many questions are done, of how many."""

    done: int
    total: int


@dataclass(frozen=True)
class Progresses:
    """How far a participant is, in the practice and in the test."""

    practice: Progress
    trials: Progress


def counts(session: Session, participant: ListeningParticipant) -> Progresses:
    """Returns how many questions a participant is asked, and how many of them are done."""
    rows = session.execute(_COUNTS, {"participant": participant.id})
    found = {(practice, finished): count for practice, finished, count in rows}
    practice, trials = (
        Progress(found.get((kind, True), 0), found.get((kind, True), 0) + found.get((kind, False), 0))
        for kind in (True, False)
    )
    return Progresses(practice, trials)


def sound(session: Session, store: StimulusStore, session_token: str, token: str) -> bytes:
    """Returns the WAV file under an address of the current question.

    Raises:
        NotFound: There is no such address, or it is another's, or of another question.
        Gone: The test is over.
    """
    participant = find(session, session_token)
    question = current(session, participant)
    found = session.get(ListeningSound, token)
    if question is None or found is None or found.question_id != question.id:
        raise NotFound(_NO_SOUND)
    return played(store, participant.test, found)


def played(store: StimulusStore, test: ListeningTest, found: ListeningSound) -> bytes:
    """Returns a sound as it is played under its address."""
    rate_hz = queries.sealed_spec_of(test).sample_rate_hz
    return wav_bytes(store.read(str(test.folder), found.stimulus), rate_hz, dither_seed(test, found.token))


def finish_stage(session: Session, token: str, stage: VisitStage, said: dict[str, Any]) -> None:
    """Moves a participant on to the next stage; one that is finished already stays so.

    Raises:
        NotFound: There is no such session.
        Gone: The test is over.
        Conflict: The participant is not that far, or has not answered all practice.
    """
    participant = find(session, token, changing=True)
    order = list(VisitStage)
    if order.index(participant.stage) > order.index(stage):
        return
    if participant.stage is not stage:
        raise Conflict(f"stage: is {participant.stage.value}, expected {stage.value}")
    if stage is VisitStage.PRACTICE and current(session, participant) is not None:
        raise Conflict("practice: a trial of it is not answered, expected all to be")
    participant.stages = participant.stages | {stage.value: said}
    participant.stage = following(participant.stage, queries.sealed_spec_of(participant.test))
    participant.seen_at = now()


def answer(session: Session, token: str, question_id: str, body: AnswerPut) -> None:
    """Saves what a participant says to a question; the same again changes nothing.

    Raises:
        NotFound: There is no such session, or no such question that the participant is at or was at.
        Gone: The test is over.
        Conflict: Something newer is saved, or the question is finished.
        Unprocessable: The answer does not fit the question.
    """
    participant = find(session, token, changing=True)
    here = current(session, participant)
    question = here if here is not None and here.id == question_id else session.get(ListeningQuestion, question_id)
    if question is None or question.participant_id != participant.id:
        raise NotFound(_NO_QUESTION)
    given = body.model_dump(mode="json", exclude={"edit"})
    if question.answer is not None and (question.edit, question.answer) == (body.edit, given):
        return  # it arrived before, and only our answer to it was lost
    if question.finished or (question.edit >= body.edit and question.answer is not None):
        raise Conflict(f"edit: got {body.edit}, expected more than {question.edit}, which is saved")
    if here is None or here.id != question.id:
        raise NotFound(_NO_QUESTION)
    spec = queries.sealed_spec_of(participant.test)
    _check(body, spec, len(question.systems))
    moment = now()
    saved = {"asked": question.id, "new_edit": body.edit, "new_answer": given, "new_finished": body.finished}
    session.execute(_SAVE, saved | {"moment": moment})
    session.execute(_SEEN, {"who": participant.id, "moment": moment})
    if body.finished and participant.stage is VisitStage.TEST and current(session, participant) is None:
        _move_on(participant, following(VisitStage.TEST, spec))


def save_questionnaire(session: Session, token: str, body: QuestionnairePut) -> None:
    """Keeps what a participant says in the questionnaire; with `finished`, they are done.

    Raises:
        NotFound: There is no such session.
        Gone: The test is over.
        Conflict: The participant is not there, or is done and says something else.
        Unprocessable: An answer does not fit its question.
    """
    participant = find(session, token, changing=True)
    if participant.stage is VisitStage.THANKS and body.finished and participant.questionnaire == body.answers:
        return
    if participant.stage is not VisitStage.QUESTIONNAIRE:
        raise Conflict(f"stage: is {participant.stage.value}, expected questionnaire")
    spec = queries.sealed_spec_of(participant.test)
    _check_size(body.answers)
    known = {question.key: question for question in spec.questionnaire}
    for key, value in body.answers.items():
        if key not in known or not known[key].holds(value):
            raise Unprocessable(
                f"answers: got {str(value)[:60]!r} for {key[:64]!r}, expected an answer that the questionnaire has"
            )
    missing = [key for key, question in known.items() if question.required and not body.answers.get(key)]
    if body.finished and missing:
        raise Unprocessable(f"answers: got none for {missing[0]!r}, expected one")
    participant.questionnaire = body.answers
    participant.seen_at = now()
    if body.finished:
        _move_on(participant, VisitStage.THANKS)


def withdraw(session: Session, token: str) -> None:
    """Deletes a participant and everything they said.

    Raises:
        NotFound: There is no such session.
        Gone: The report is out, and their answers are in it.
    """
    participant = _known(session, token, changing=True)
    if participant.test.unblinded_at is not None:
        raise Gone("listening test: it is over, and its report is out")
    session.delete(participant)


def _known(session: Session, token: str, changing: bool) -> ListeningParticipant:
    participant = session.scalars(_HELD if changing else _LOOKED_AT, {"digest": digest(token)}).one_or_none()
    if participant is None:
        raise NotFound("session: there is none like this")
    if changing:
        test = session.scalars(_TEST_HELD, {"test": participant.test_id}).one()
        # Unless the participant refers to it, it is let go, and loaded again with its key map.
        set_committed_value(participant, "test", test)
    return participant


def _move_on(participant: ListeningParticipant, stage: VisitStage) -> None:
    participant.stage = stage
    if stage is VisitStage.THANKS:
        participant.completed_at = now()


def _check(body: AnswerPut, spec: ListeningSpec, slots: int) -> None:
    played = letters(spec.method, slots)
    if spec.method.is_chosen:
        if body.ratings or body.choice not in (None, *spec.choices):
            raise Unprocessable(f"choice: got {body.choice!r}, expected {', '.join(spec.choices)}, and no ratings")
        complete = body.choice is not None
    elif spec.method is Method.RANKING:
        places = range(1, slots + 1)
        fits = set(body.ratings) <= set(played) and all(place in places for place in body.ratings.values())
        # Two may have one place while somebody makes up their mind, and none may in the end.
        if body.choice is not None or not fits or (body.finished and len(set(body.ratings.values())) < slots):
            raise Unprocessable(
                f"ratings: expected places from 1 to {slots}, none twice in the end, for {', '.join(played)}, and no "
                "choice"
            )
        complete = set(body.ratings) == set(played)
    else:
        scale = spec.scale
        fits = all(map(scale.holds, body.ratings.values()))
        if body.choice is not None or not set(body.ratings) <= set(played) or not fits:
            step = "" if scale.step is None else f" in steps of {scale.step:g}"
            raise Unprocessable(
                f"ratings: expected {scale.minimum:g} to {scale.maximum:g}{step} for {', '.join(played)}, and no choice"
            )
        complete = set(body.ratings) == set(played)
        if body.finished and spec.method is Method.BS1116 and scale.maximum not in body.ratings.values():
            raise Unprocessable(f"ratings: got none of {scale.maximum:g}, expected one, for the reference")
    if not set(body.tags) <= set(spec.tags) or len(set(body.tags)) < len(body.tags):
        raise Unprocessable(f"tags: got {body.tags}, expected some of {list(spec.tags)}, none twice")
    if not set(body.plays) <= {*played, REFERENCE}:
        raise Unprocessable(f"plays: got {list(body.plays)}, expected some of {[*played, REFERENCE]}")
    if body.finished and not complete:
        raise Unprocessable("finished: got true, expected an answer for every slot first")


def _check_size(value: dict[str, Any]) -> None:
    size = len(json.dumps(value))
    if size > ANSWER_BYTES:
        raise Unprocessable(f"answer: got {size} bytes, expected at most {ANSWER_BYTES}")
