"""Links as the API takes and shows them, and what they show."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.findings.schemas import FinalistAnswer, VerdictAnswer
from service.links.tables import LinkKind
from service.studies.states import StudyState

#: Sounds of each side that a link shows: the seeds from 0.
SOUNDS = 6


class LinkPost(BaseModel):
    """What a link is to show: a study or a nebula."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"nebula": "drum"}]})

    study: Annotated[str | None, Field(pattern="^[0-9a-f]{16}$", description="Id of a study.")] = None
    nebula: Annotated[str | None, Field(max_length=64, description="Name of a nebula instead.")] = None

    @model_validator(mode="after")
    def _one(self) -> "LinkPost":
        if (self.study is None) == (self.nebula is None):
            raise ValueError(f"study, nebula: got {'neither' if self.study is None else 'both'}, expected one of them")
        return self


class LinkAnswer(BaseModel):
    """A link that others can open."""

    id: str
    kind: Annotated[LinkKind, Field(description="What it shows.")]
    title: Annotated[str, Field(description="What people call that.")]
    path: Annotated[str, Field(description="Of the page; whoever knows it needs no key.", examples=["/shared/TOKEN"])]
    created_at: datetime


class SideRole(StrEnum):
    """Whose sounds a link plays."""

    TARGET = "target"  #: of the nebula that the study was tuned towards
    FOUND = "found"  #: what the study found, or its best so far
    START = "start"  #: where its search began
    NEBULA = "nebula"  #: the nebula itself


class SharedSide(BaseModel):
    """Sounds of one kind that a link plays."""

    role: Annotated[SideRole, Field(description="Whose sounds these are.")]
    title: Annotated[str, Field(description="What people call them.")]
    sounds: Annotated[list[str], Field(description="Paths of the sounds, by seed from 0.")]


class SharedAnswer(BaseModel):
    """What somebody with a link sees."""

    kind: Annotated[LinkKind, Field(description="A study or a nebula.")]
    title: str
    synth: Annotated[str, Field(description="Name of the synthesizer whose sounds these are.")]
    created_at: Annotated[datetime | None, Field(description="When it was done or saved; null if that is not known.")]
    sides: list[SharedSide]
    state: Annotated[StudyState | None, Field(description="Of a study; null of a nebula, as what follows.")] = None
    trials_done: int | None = None
    trials_total: int | None = None
    objective: Literal["match", "diversify"] | None = None
    start: Annotated[str | None, Field(description="Name of the nebula where the search began.")] = None
    target: Annotated[str | None, Field(description="What people call the target; null where there is none.")] = None
    finalists: Annotated[list[FinalistAnswer], Field(description="The best first; empty before they are known.")] = []
    verdict: Annotated[VerdictAnswer | None, Field(description="Null before the study's results are written.")] = None
