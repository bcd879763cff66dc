"""Studies as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from nebula.tuning import StudySpec
from service.studies.states import StudyState, StudyVerb

#: A study, as examples in the API show it.
STUDY_EXAMPLE: dict[str, Any] = {
    "version": 1,
    "name": "drums from nothing",
    "objective": "match",
    "target": "drum",
    "distance": "log-mel",
    "sounds_per_trial": 128,
    "seed": 0,
    "search": {"start": "default", "tune": "curves", "phases": [{"sampler": "cma-es", "trials": 200}]},
    "finalists": {"count": 4, "repeats": 8},
    "priority": 0,
}


StudyName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$",
        description="Up to 64 letters, digits, spaces, dots, - or _.",
        examples=["kicks"],
    ),
]


StudyTagName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,23}$",
        description="A word of up to 24 small letters, digits, dots, - or _.",
        examples=["drums"],
    ),
]

#: Most tags of one study.
MOST_TAGS = 10

#: Longest note on a study, in characters.
LONGEST_NOTE = 2000


class StudyRequest(StudySpec):
    """A study to be run: the spec in the TOML's own structure, and how the service treats it.

    The target is the id of a corpus or the name of a nebula, the start the name of a nebula.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [STUDY_EXAMPLE]})

    priority: Annotated[int, Field(ge=-1000, le=1000, description="Higher goes first.")] = 0
    concurrency: Annotated[
        int, Field(ge=0, le=10_000, description="Most trials at once; 0: a fair share of the pool.")
    ] = 0
    failures_allowed: Annotated[
        int, Field(ge=0, le=10_000, description="Failed trials after which it is given up.")
    ] = 3

    @property
    def spec(self) -> StudySpec:
        """The spec alone."""
        return StudySpec.parse(self.model_dump(include=set(StudySpec.model_fields)), self.name)


class RescoredAnswer(BaseModel):
    """What the best finalist scored on fresh seeds."""

    mean: float
    low: Annotated[float, Field(description="Where the 95 % interval of the mean begins.")]
    high: Annotated[float, Field(description="Where it ends.")]


class StudySummary(BaseModel):
    """A study, as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    tags: Annotated[list[str], Field(description="What people sort it by, in alphabetical order.")]
    note: Annotated[str, Field(description="What people say of it, as plain text; empty if nothing.")]
    synth: Annotated[str, Field(description="Name of the synthesizer whose nebulae it searches.")]
    distance: str | None
    target: Annotated[str | None, Field(description="Id of a corpus or name of a nebula; null where it has none.")]
    state: StudyState
    wish: Annotated[StudyVerb | None, Field(description="What has been asked of it and is yet to happen.")]
    reason: Annotated[str, Field(description="Why it failed, stopped or waits; empty if there is nothing to say.")]
    stage: Annotated[str, Field(description="What is being done while it runs: target, search, finalists or listener.")]
    stage_done: Annotated[
        int | None, Field(description="Of the stage: sounds, trials, re-scorings, or hundredths of sets of sounds.")
    ]
    stage_total: int | None
    due_at: Annotated[
        datetime | None, Field(description="When a study that runs will be done, classifiers included; null: unknown.")
    ]
    priority: int
    trials_total: int
    trials_done: int
    failures: int
    best: Annotated[float | None, Field(description="The best score in the search so far, which flatters itself.")]
    rescored: Annotated[
        RescoredAnswer | None, Field(description="What that came to on fresh seeds; null before all were re-scored.")
    ]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class StudyAnswer(StudySummary):
    """A study with everything that was asked for."""

    concurrency: int
    failures_allowed: int
    spec: Annotated[dict[str, Any], Field(description="In the structure of the TOML form.", examples=[STUDY_EXAMPLE])]


class StudyPatch(BaseModel):
    """What can be changed of a study; what is left out or null stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: StudyName | None = None
    tags: Annotated[
        list[StudyTagName] | None, Field(max_length=MOST_TAGS, description="All that it is to have then.")
    ] = None
    note: Annotated[str | None, Field(max_length=LONGEST_NOTE, description="Plain text; empty takes it away.")] = None


class StudyTagAnswer(BaseModel):
    """A tag, and how many studies have it."""

    tag: str
    studies: int


class StudyTagsAnswer(BaseModel):
    """Every tag that a study has, in alphabetical order."""

    items: list[StudyTagAnswer]


class TrialAnswer(BaseModel):
    """A finished trial."""

    model_config = ConfigDict(from_attributes=True)

    number: Annotated[int, Field(description="In the order in which trials finished, from 0.")]
    generation: Annotated[int, Field(description="Which set of draws it was scored on.")]
    candidate: Annotated[int, Field(description="Its place among the proposals of its generation.")]
    score: float
    seconds: Annotated[float, Field(description="What rendering, embedding and scoring took.")]
    finished_at: datetime


class ScoresAnswer(BaseModel):
    """All trials of a study for a plot: one list a column, in the order in which trials finished."""

    numbers: Annotated[list[int], Field(description="Of the trials.")]
    scores: Annotated[list[float], Field(description="To six significant digits.")]
    last_event: Annotated[
        int, Field(description="The last event that this includes: follow `events?after=` it to miss none.")
    ]
