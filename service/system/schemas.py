"""The service's own state as the API shows it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class HealthAnswer(BaseModel):
    """The process answers."""

    status: Annotated[str, Field(examples=["ok"])]


class WorkerAnswer(BaseModel):
    """A worker of the pool."""

    model_config = ConfigDict(from_attributes=True)

    address: str
    name: str
    host: str
    device: str
    tasks: Annotated[int, Field(description="That it has been given.")]
    memory_bytes: int
    seen_at: datetime


class ManagerAnswer(BaseModel):
    """The process that works on studies."""

    alive: Annotated[bool, Field(description="Whether it said so lately.")]
    beat_at: Annotated[datetime | None, Field(description="When it last said so; null: there never was one.")]
    pool_reached: Annotated[bool, Field(description="Whether the pool's scheduler answered it then.")]
    tasks: Annotated[int, Field(description="Given to the pool and not yet back.")]
    evaluations: Annotated[int, Field(description="Trials and re-scorings computed, ever.")]
    evaluations_per_minute: Annotated[int, Field(description="In the last minute.")]


class SystemAnswer(BaseModel):
    """Who works on what, and how fast."""

    version: str
    database: Annotated[str, Field(description="sqlite or postgresql.")]
    studies: Annotated[dict[str, int], Field(description="How many there are in each state.")]
    trial_failures: Annotated[int, Field(description="In the studies that are kept, since each began or went on.")]
    manager: ManagerAnswer
    workers: list[WorkerAnswer]
