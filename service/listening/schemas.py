"""Listening tests as experimenters see them: blind until they are unblinded."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.listening.languages import Language
from service.listening.spec import ListeningSpec
from service.listening.states import ListeningState
from service.listening.texts import Texts
from service.listening.webmushra.notes import NoteKind


class CountsAnswer(BaseModel):
    """All that is known of the answers before the test is unblinded."""

    opened: Annotated[int, Field(description="Browsers in which the link was opened; withdrawn ones do not count.")]
    joined: Annotated[int, Field(description="Those of them in which somebody consented.")]
    completed: int
    answers: Annotated[int, Field(description="Finished trials, without practice.")]


class ListeningSummary(BaseModel):
    """A test, as lists show it."""

    id: str
    name: str
    method: str
    state: ListeningState
    reason: Annotated[str, Field(description="Why rendering failed, in a sentence.")]
    rendered: Annotated[int, Field(description="Sounds that are ready.")]
    sounds: Annotated[int, Field(description="Sounds that there will be.")]
    counts: CountsAnswer
    created_at: datetime
    sealed_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    unblinded_at: datetime | None


class ListeningAnswer(ListeningSummary):
    """A test."""

    spec: ListeningSpec
    texts: Annotated[
        Texts, Field(description="What participants read; of groups that hear other numbers of trials, the first.")
    ]
    languages: Annotated[
        tuple[Language, ...], Field(description="In which they can read it; the first is for who wants none of them.")
    ]
    plan: Annotated[dict[str, Any], Field(description="The analysis; frozen from `sealed` on.")]
    commitment: Annotated[str | None, Field(description="SHA-256 of key map and salt, published when sealed.")]
    loudness_lufs: Annotated[
        float | None, Field(description="Of every sound, once rendered; null where levels are left as they are.")
    ]
    remarks: Annotated[
        list[str],
        Field(description="What will be done to the sounds, or was done when they were sealed, in sentences."),
    ]
    invite: Annotated[str | None, Field(description="Path of the link for participants, from `open` on.")]


class KeyMapAnswer(BaseModel):
    """Which sound was which, and what proves that it was fixed beforehand."""

    commitment: str
    salt: str
    key_map: dict[str, Any]
    verified: Annotated[bool, Field(description="Whether key map and salt are those that were committed to.")]


class LeakAnswer(BaseModel):
    """Something that could tell participants, or experimenters, which sound is which."""

    check: str
    message: str


class AuditReport(BaseModel):
    """What the leak audit found."""

    passed: bool
    checks: Annotated[list[str], Field(description="What was looked at.")]
    findings: list[LeakAnswer]
    remarks: Annotated[list[str], Field(description="What is no leak and should be known.")]


class AnalysisAnswer(BaseModel):
    """What an unblinded test found."""

    analysis: Annotated[dict[str, Any], Field(description="Findings with screening and without, and whom it keeps.")]
    methods: Annotated[str, Field(description="A paragraph for a paper.")]


class ShippedSpec(BaseModel):
    """A spec that comes with the package."""

    name: str
    spec: ListeningSpec


class ShippedSpecs(BaseModel):
    """All shipped specs."""

    items: list[ShippedSpec]


class PreviewAnswer(BaseModel):
    """A preview of a plan."""

    path: Annotated[str, Field(description="Of its page; whoever has it may look.")]


class PlannedAnswer(BaseModel):
    """A size of test and what it would find."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    power: Annotated[float, Field(description="Chance of a significant result if things are as assumed.")]


class PreferencePowerAnswer(BaseModel):
    """What it takes to find a preference."""

    model_config = ConfigDict(from_attributes=True)

    listeners: Annotated[PlannedAnswer, Field(description="Each counted once, for the system chosen more often.")]
    answers: Annotated[PlannedAnswer, Field(description="Were each from another participant.")]


class RatingPowerAnswer(BaseModel):
    """What a test of ratings would find."""

    power: Annotated[float, Field(description="Chance that Wilcoxon's test over participants is significant.")]


class RankingPowerAnswer(BaseModel):
    """What a test of orders would find."""

    power: Annotated[float, Field(description="Chance that Friedman's test over participants is significant.")]


class ImportPost(BaseModel):
    """A configuration of webMUSHRA."""

    model_config = ConfigDict(extra="forbid")

    configuration: Annotated[str, Field(max_length=500_000, description="The YAML file.")]
    corpus: Annotated[str, Field(max_length=64, description="Id of the uploaded corpus that has its sounds.")]


class ImportNoteAnswer(BaseModel):
    """One thing that is not as a configuration says it."""

    model_config = ConfigDict(from_attributes=True)

    kind: Annotated[NoteKind, Field(description="`always` is what this server does to the sounds of every test.")]
    text: str
    pages: Annotated[list[str], Field(description="Ids of pages that it concerns; all if none is listed.")]


class ImportAnswer(BaseModel):
    """What a configuration becomes."""

    items: Annotated[list[ListeningSpec], Field(description="A test for each kind of question.")]
    notes: Annotated[list[ImportNoteAnswer], Field(description="What is changed or left out, line by line.")]
