"""Studies as the API shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.studies.states import State, Verb


class StudySummary(BaseModel):
    """A study, as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    state: State
    wish: Annotated[Verb | None, Field(description="What has been asked of it and is yet to happen.")]
    reason: Annotated[str, Field(description="Why it failed, stopped or waits; empty if there is nothing to say.")]
    stage: Annotated[str, Field(description="What is being done while it runs: target, search or finalists.")]
    priority: int
    trials_total: int
    trials_done: int
    failures: int
    best: Annotated[float | None, Field(description="The best score so far.")]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class StudyAnswer(StudySummary):
    """A study with everything that was asked for."""

    concurrency: int
    failures_allowed: int
    spec: Annotated[dict[str, Any], Field(description="In the structure of the TOML form.")]
