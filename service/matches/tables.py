"""Matches, as the database keeps them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Base, Json, Moment, new_id, now


class MatchState(StrEnum):
    """How far a match is."""

    QUEUED = "queued"  #: others are before it, or no manager works
    RUNNING = "running"  #: a worker searches; it begins anew where its manager ended meanwhile
    DONE = "done"  #: the nearest sound is found
    FAILED = "failed"  #: it cannot be found; `reason` tells


class RecordingMatch(Base):
    """One recording to be matched by one synthesizer; it outlives the corpus that the recording is of."""

    __tablename__ = "matches"
    __table_args__ = (
        CheckConstraint(
            "state != 'done' OR (unit IS NOT NULL AND distance IS NOT NULL AND nearest_random_sound IS NOT NULL)",
            name="found_when_done",
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[MatchState] = mapped_column(
        Enum(MatchState, values_callable=lambda states: [s.value for s in states], native_enum=False, length=16),
        default=MatchState.QUEUED,
        index=True,
    )
    reason: Mapped[str] = mapped_column(default="")  #: why it failed or waits, in a sentence
    corpus: Mapped[str] = mapped_column(String(16))  #: id
    corpus_name: Mapped[str] = mapped_column(String(64))
    sound: Mapped[int]  #: number of the recording in its corpus
    recording: Mapped[str]  #: its name there
    synth: Mapped[str]
    bank: Mapped[int]  #: random sounds that the search begins with
    generations: Mapped[int]  #: how long the search is
    seed: Mapped[int]  #: of everything random in it
    unit: Mapped[list[float] | None] = mapped_column(Json)  #: in the synth's uniform nebula
    distance: Mapped[float | None]  #: between recording and sound, by log-mel
    nearest_random_sound: Mapped[float | None]  #: that of the nearest of the random sounds that the search began with
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that asked for it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
