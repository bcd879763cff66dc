"""What the participant's page is told and says. No name of a nebula, seed, file or role has a place here."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nebula.listening import Method
from service.listening.languages import Language
from service.listening.scale import RatingScale
from service.listening.spec import SLOTS
from service.listening.stages import VisitStage
from service.listening.texts import Line, QuestionnaireField, Texts

Letter = Annotated[str, Field(pattern=r"^([A-X]|reference)$")]
Word = Annotated[str, Field(max_length=2000)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SessionPost(_Said):
    """Someone joins."""

    prolific: dict[Literal["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"], Annotated[str, Field(max_length=200)]] = {}


class Nothing(_Said):
    """A stage that asks nothing."""


class Agreement(_Said):
    """What someone agreed to."""

    language: Annotated[Language | None, Field(description="In which they read it.")] = None


class CheckRound(_Said):
    """Which noise had the tone, and which was chosen."""

    target: Annotated[int, Field(ge=1, le=12)]
    answer: Annotated[int, Field(ge=1, le=12)]


class HeadphoneCheck(_Said):
    """How the headphone check went; it may be left before its end."""

    kind: Literal["huggins"]
    rounds: Annotated[list[CheckRound], Field(max_length=100)]
    correct: Annotated[int, Field(ge=0, le=100)]
    total: Annotated[int, Field(ge=0, le=100)]


class Equipment(_Said):
    """What a participant listens with."""

    device: Literal["headphones", "monitors", "speakers", "other"] | None = None
    check: HeadphoneCheck | None = None


class Volume(_Said):
    """How the volume was set."""

    heard: Annotated[bool, Field(description="Whether the noise to set it by was played.")] | None = None
    outputs: (
        Annotated[
            int,
            Field(ge=0, le=64, description="Channels that the device plays; it mixes sounds that have more of them."),
        ]
        | None
    ) = None


class ConsentPut(_Said):
    """Someone agrees to take part."""

    stage: Literal[VisitStage.CONSENT]
    answer: Agreement = Agreement()


class DevicePut(_Said):
    """Someone says what they listen with."""

    stage: Literal[VisitStage.DEVICE]
    answer: Equipment = Equipment()


class VolumePut(_Said):
    """Someone has set the volume."""

    stage: Literal[VisitStage.VOLUME]
    answer: Volume = Volume()


class PracticePut(_Said):
    """Someone has tried what they will do."""

    stage: Literal[VisitStage.PRACTICE]
    answer: Nothing = Nothing()


class AnswerPut(_Said):
    """What is answered in a trial, all of it."""

    edit: Annotated[int, Field(ge=1, lt=2**31, description="Grows with every change of this trial.")]
    ratings: Annotated[dict[Letter, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=SLOTS)] = {}
    choice: Annotated[str, Field(pattern=r"^([A-L]|tie|same|different)$")] | None = None
    tags: Annotated[list[Line], Field(max_length=50)] = []
    plays: Annotated[dict[Letter, Annotated[int, Field(ge=0, le=10**6)]], Field(max_length=SLOTS + 1)] = {}
    seconds: Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)] = 0
    finished: bool = False


class QuestionnairePut(_Said):
    """What is answered in the questionnaire, all of it."""

    answers: Annotated[
        dict[Annotated[str, Field(max_length=64)], Word | Annotated[list[Word], Field(max_length=50)]],
        Field(max_length=50),
    ]
    finished: bool = False


class SessionToken(BaseModel):
    """Someone joined."""

    session: Annotated[str, Field(description="Whoever has it is this participant.")]


class Saved(BaseModel):
    """The answer to every answer, whatever it was."""

    saved: Literal[True] = True


class Withdrawn(BaseModel):
    """The participant's data are gone."""

    withdrawn: Literal[True] = True


class ProgressAnswer(BaseModel):
    """How many trials are done, of how many."""

    done: int
    total: int


class Slot(BaseModel):
    """One of what is compared."""

    slot: str
    audio: list[str]


class ShownQuestion(BaseModel):
    """What is asked now."""

    id: str
    practice: bool
    method: Method
    slots: list[Slot]
    reference: list[str] | None
    one_is_reference: Annotated[bool, Field(description="Whether one slot has to get the highest rating.")]
    scale: RatingScale | None
    choices: tuple[str, ...]
    tags: tuple[str, ...]
    tag_texts: Annotated[tuple[str, ...], Field(description="What participants read of each tag.")]
    text: Annotated[str, Field(description="What is to be read beside the question.")]
    saved: Annotated[AnswerPut | None, Field(description="What was said last.")]


class ShownField(QuestionnaireField):
    """A question that is asked after the trials, in the participant's language."""

    option_texts: Annotated[tuple[str, ...], Field(description="What participants read of each option.")]


class SessionAnswer(BaseModel):
    """Where a participant is."""

    stage: VisitStage
    language: Annotated[Language, Field(description="Of all that is read here.")]
    languages: Annotated[tuple[Language, ...], Field(description="In which it could be read.")]
    progress: ProgressAnswer
    texts: Texts
    trial: ShownQuestion | None
    questionnaire: tuple[ShownField, ...]
    questionnaire_saved: dict[str, Any] | None
    completion_url: str | None
