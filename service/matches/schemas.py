"""Matches as the API takes and shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nebula.matching import Effort
from service.matches.tables import MatchState

#: By which sounds are near.
DISTANCE = "log-mel"

#: Longest search: about a minute of a core for most synthesizers.
MOST_GENERATIONS = 1024

#: Most random sounds to begin with; their vectors take a quarter of a gigabyte.
MOST_RANDOM_SOUNDS = 10_000

_Sound = Annotated[int, Field(ge=0, lt=2**31, description="Number of the recording in its corpus, from 0.")]
_Bank = Annotated[int, Field(ge=32, le=MOST_RANDOM_SOUNDS, description="Random sounds that the search begins with.")]
_Generations = Annotated[
    int, Field(ge=0, le=MOST_GENERATIONS, description="How long the search is; the more, the nearer it may come.")
]
_Seed = Annotated[int, Field(ge=0, lt=2**31, description="Everything random follows from it.")]


class MatchPost(BaseModel):
    """A recording to be matched."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"corpus": "5d41402abc4b2a76", "sound": 0, "synth": "subtractive"}]},
    )

    corpus: Annotated[
        str,
        Field(pattern="^[0-9a-f]{16}$", description="Id of an uploaded corpus; a single file may be one."),
    ]
    sound: _Sound = 0
    synth: Annotated[str, Field(max_length=400, description="One of `/v1/synths`.")] = "voice"
    bank: _Bank = Effort.bank
    generations: _Generations = Effort.generations
    seed: _Seed = 0


class MatchAnswer(BaseModel):
    """A recording and the nearest sound of a synthesizer."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "9e107d9d372bb682",
                    "state": "done",
                    "reason": "",
                    "corpus": "5d41402abc4b2a76",
                    "corpus_name": "percussion",
                    "sound": 0,
                    "recording": "kicks/808.wav",
                    "synth": "subtractive",
                    "bank": 8192,
                    "generations": 128,
                    "seed": 0,
                    "distance": 0.122,
                    "nearest_random_sound": 0.48,
                    "created_at": "2026-03-29T02:30:00Z",
                    "ended_at": "2026-03-29T02:30:21Z",
                    "preset_formats": ["json", "csv"],
                }
            ]
        },
    )

    id: str
    state: Annotated[MatchState, Field(description="queued, running, then done or failed.")]
    reason: Annotated[str, Field(description="Why it failed or waits; empty otherwise.")]
    corpus: Annotated[str, Field(description="Id; it may have been deleted since.")]
    corpus_name: str
    sound: _Sound
    recording: Annotated[str, Field(description="Its name in the corpus.")]
    synth: str
    bank: _Bank
    generations: _Generations
    seed: _Seed
    distance: Annotated[float | None, Field(description="Between recording and sound, by log-mel; null until done.")]
    nearest_random_sound: Annotated[
        float | None, Field(description="That of the nearest of the random sounds that the search began with.")
    ]
    created_at: datetime
    ended_at: datetime | None
    preset_formats: Annotated[list[str], Field(description="What its preset can be had as; empty until done.")]
