"""Corpora as the API shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.corpora.tables import CorpusState
from service.studies.states import StudyState


class CorpusSummary(BaseModel):
    """An uploaded corpus, as lists show it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "5d41402abc4b2a76",
                    "name": "percussion",
                    "state": "ready",
                    "reason": "",
                    "size_bytes": 48120331,
                    "sounds_total": 926,
                    "sounds_read": 926,
                    "sounds_usable": 924,
                    "sounds_excluded": 0,
                    "seconds": 462.5,
                    "created_at": "2026-03-29T02:30:00Z",
                }
            ]
        },
    )

    id: Annotated[str, Field(description="What a study's `target` names.")]
    name: str
    state: Annotated[CorpusState, Field(description="reading until every sound was read once, then ready or failed.")]
    reason: Annotated[str, Field(description="Why it failed; empty otherwise.")]
    size_bytes: int
    sounds_total: Annotated[int, Field(description="Files that came, those that are no sounds included.")]
    sounds_read: Annotated[int, Field(description="How many have been read so far, the skipped ones included.")]
    sounds_usable: Annotated[int, Field(description="How many studies hear.")]
    sounds_excluded: Annotated[int, Field(description="How many more there are that somebody has excluded.")]
    seconds: Annotated[float, Field(description="Length of all usable sounds, of each at most its first 30 s.")]
    created_at: datetime


class CorpusUse(BaseModel):
    """A study that names a corpus."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    state: StudyState


class CorpusTest(BaseModel):
    """A listening test whose plan names a corpus."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    is_sealed: Annotated[bool, Field(description="Whether it has copies of the sounds, and needs the corpus no more.")]


class CorpusAnswer(CorpusSummary):
    """An uploaded corpus."""

    remarks: Annotated[
        list[str],
        Field(description="What one should know about its sounds, a sentence each: trimmed, broken off, labels."),
    ]
    studies: Annotated[list[str], Field(description="Ids of studies that need it; while there are any, it stays.")]
    used_by: Annotated[
        list[CorpusUse],
        Field(
            description="Studies of any state that name it, the newest first. While there are any, its sounds stay as "
            "they are, so that these can be understood and done again."
        ),
    ]
    listening_tests: Annotated[list[CorpusTest], Field(description="Those whose plan names it, the newest first.")]
    matches: Annotated[
        int, Field(description="How many there are of its recordings; what they have found does not need it.")
    ]
    base: Annotated[str | None, Field(description="Id of the corpus that it was made from, which may be gone.")]


class SoundAnswer(BaseModel):
    """One file of a corpus."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {"number": 0, "name": "kicks/808.wav", "seconds": 0.5, "reason": "", "remark": "", "excluded": False}
            ]
        },
    )

    number: int
    name: Annotated[str, Field(description="Path within the corpus.")]
    seconds: Annotated[float | None, Field(description="Length, at most 30; null if skipped or yet to be read.")]
    reason: Annotated[str, Field(description="Why it is skipped; empty otherwise.")]
    remark: Annotated[str, Field(description="What was done to it so that it can be used; empty if nothing.")]
    excluded: Annotated[bool, Field(description="Whether somebody has left it out, though it can be used.")]


_Numbers = Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(max_length=1000)]


class ExclusionPatch(BaseModel):
    """Which sounds are left out of a corpus from now on, and which are put back."""

    model_config = ConfigDict(extra="forbid")

    exclude: Annotated[_Numbers, Field(description="Numbers of sounds to leave out.")] = []
    include: Annotated[_Numbers, Field(description="Numbers of sounds to put back.")] = []


class VersionPost(ExclusionPatch):
    """A corpus to be made of another one."""

    name: Annotated[
        str | None,
        Field(min_length=1, max_length=64, description="What people call it; with a number behind if null."),
    ] = None
