"""Studies, how people sort them, their finished trials, and what happened when."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from service.database import Base, Json, Moment, new_id, now
from service.studies.states import StudyState, StudyVerb


def _by_value(kind: type[StudyState] | type[StudyVerb]) -> Enum:
    return Enum(kind, values_callable=lambda members: [m.value for m in members], native_enum=False, length=16)


class Study(Base):
    """A study: what was asked for, and how far it is."""

    __tablename__ = "studies"
    __table_args__ = (
        CheckConstraint("trials_done >= 0 AND trials_done <= trials_total", name="trials_within_total"),
        Index("ix_studies_state_priority_created_at", "state", "priority", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    spec: Mapped[dict[str, Any]] = mapped_column(Json)  #: the TOML's structure; target as the caller named it
    state: Mapped[StudyState] = mapped_column(_by_value(StudyState), default=StudyState.QUEUED)
    wish: Mapped[StudyVerb | None] = mapped_column(
        _by_value(StudyVerb)
    )  #: what the manager has yet to do to an active study
    reason: Mapped[str] = mapped_column(default="")  #: why it failed, stopped or waits, in a sentence
    stage: Mapped[str] = mapped_column(String(16), default="")  #: target, search, finalists or listener
    priority: Mapped[int] = mapped_column(default=0)  #: higher goes first
    concurrency: Mapped[int] = mapped_column(default=0)  #: most trials at once, 0: a fair share of the pool
    failures_allowed: Mapped[int] = mapped_column(default=3)  #: failed trials after which it is given up
    failures: Mapped[int] = mapped_column(default=0)
    trials_total: Mapped[int]
    trials_done: Mapped[int] = mapped_column(default=0)
    best: Mapped[float | None]  #: best score in the search so far; the best of many noisy scores flatters itself
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that posted it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    rescored_mean: Mapped[float | None]  #: what the best finalist scored on fresh seeds, once all were re-scored
    rescored_low: Mapped[float | None]  #: where the 95 % interval of that mean begins
    rescored_high: Mapped[float | None]  #: where it ends
    stage_done: Mapped[int | None]  #: how much of the stage is done: sounds, trials, re-scorings, or hundredths
    stage_total: Mapped[int | None]  #: of how much
    due_at: Mapped[datetime | None] = mapped_column(Moment)  #: when it will be done if all goes on as until now
    note: Mapped[str] = mapped_column(default="", server_default="")  #: what people say of it

    tagged: Mapped[list["StudyTag"]] = relationship(
        order_by="StudyTag.tag", cascade="all, delete-orphan", passive_deletes=True
    )

    #: Of its spec, by far the most of a row: what lists show without it.
    distance: Mapped[str] = column_property(spec["distance"].as_string())
    target: Mapped[str | None] = column_property(spec["target"].as_string())
    #: Name of the synthesizer whose nebulae it searches; studies of the Voice need not say so.
    synth: Mapped[str] = column_property(func.coalesce(spec["synth"].as_string(), "voice"))

    @property
    def tags(self) -> list[str]:
        """What it is sorted by, in alphabetical order."""
        return sorted(each.tag for each in self.tagged)

    @property
    def rescored(self) -> dict[str, float] | None:
        """What re-scoring came to, as `mean`, `low` and `high`; None before all finalists were re-scored."""
        if self.rescored_mean is None or self.rescored_low is None or self.rescored_high is None:
            return None
        return {"mean": self.rescored_mean, "low": self.rescored_low, "high": self.rescored_high}


class StudyTag(Base):
    """A word that a study is sorted by."""

    __tablename__ = "study_tags"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(24), primary_key=True, index=True)


class Trial(Base):
    """A finished trial, as lists and plots need it; the search goes on from the same ones in Optuna's ledger."""

    __tablename__ = "trials"
    __table_args__ = (Index(None, "study_id", "generation", "candidate", unique=True),)

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  #: in the order in which trials finished, from 0
    generation: Mapped[int]
    candidate: Mapped[int]
    score: Mapped[float]
    seconds: Mapped[float]
    finished_at: Mapped[datetime] = mapped_column(Moment, default=now)


class StudyEvent(Base):
    """Something that happened to a study; server-sent events are read from here, and resume by `id`."""

    __tablename__ = "study_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  #: state, wish, stage, trial, best, importance, finalist or failure
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
