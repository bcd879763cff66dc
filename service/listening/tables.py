"""Listening tests, who takes part, what each of them is asked, and the addresses of what they hear.

The tables were named when participants were called listeners, and their questions trials.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.database import Base, Json, Moment, new_id, now
from service.listening.stages import VisitStage
from service.listening.states import ListeningState

# None is no value at all, rather than JSON's null.
_Nullable = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _by_value(kind: type[ListeningState] | type[VisitStage], name: str) -> Enum:
    values = [member.value for member in kind]
    return Enum(kind, values_callable=lambda _: values, native_enum=False, length=16, name=name)


class ListeningTest(Base):
    """A test. From `sealed` on, only its state and moments change."""

    __tablename__ = "listening_tests"
    __table_args__ = (
        CheckConstraint("(commitment IS NULL) = (key_map IS NULL)", name="committed_with_key_map"),
        CheckConstraint("(commitment IS NULL) = (salt IS NULL)", name="committed_with_salt"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    spec: Mapped[dict[str, Any]] = mapped_column(Json)  #: as it was posted
    state: Mapped[ListeningState] = mapped_column(
        _by_value(ListeningState, "listening_state"), default=ListeningState.DRAFT
    )
    reason: Mapped[str] = mapped_column(default="")  #: why rendering failed, in a sentence
    rendered: Mapped[int] = mapped_column(default=0)  #: sounds that are ready
    folder: Mapped[str | None] = mapped_column(String(32))  #: of its sounds
    loudness_lufs: Mapped[float | None]
    key_map: Mapped[dict[str, Any] | None] = mapped_column(_Nullable)
    salt: Mapped[str | None] = mapped_column(String(64))
    commitment: Mapped[str | None] = mapped_column(String(64))  #: published as soon as it is there
    secret: Mapped[str | None] = mapped_column(String(64))  #: from which dither follows
    invite: Mapped[str | None] = mapped_column(String(32), unique=True)
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that posted it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    sealed_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    unblinded_at: Mapped[datetime | None] = mapped_column(Moment)


class ListeningParticipant(Base):
    """A participant. Withdrawal deletes the row and everything that hangs from it."""

    __tablename__ = "listeners"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)  #: what exports call them
    test_id: Mapped[str] = mapped_column(ForeignKey("listening_tests.id", ondelete="CASCADE"), index=True)
    session_digest: Mapped[str] = mapped_column(String(64), unique=True)
    group: Mapped[int]
    stage: Mapped[VisitStage] = mapped_column(_by_value(VisitStage, "listening_stage"))
    recruited: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  #: what a recruiter's link said
    stages: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  #: what was answered in each stage before
    questionnaire: Mapped[dict[str, Any] | None] = mapped_column(_Nullable)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)

    test: Mapped[ListeningTest] = relationship()


class ListeningQuestion(Base):
    """One question as one participant is asked it, with what was answered."""

    __tablename__ = "listening_trials"
    __table_args__ = (
        CheckConstraint("NOT finished OR answer IS NOT NULL", name="finished_with_answer"),
        UniqueConstraint("listener_id", "number"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    participant_id: Mapped[str] = mapped_column("listener_id", ForeignKey("listeners.id", ondelete="CASCADE"))
    number: Mapped[int]  #: in the order in which questions are asked, practice first
    practice: Mapped[bool]
    key: Mapped[str] = mapped_column("question", String(16))  #: of the question, in the design of the test
    systems: Mapped[list[str]] = mapped_column(Json)  #: in the order of the slots
    edit: Mapped[int] = mapped_column(default=0)  #: number of the last change, as the page counts them
    changes: Mapped[int] = mapped_column(default=0)  #: that were stored
    answer: Mapped[dict[str, Any] | None] = mapped_column(_Nullable)
    finished: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    saved_at: Mapped[datetime | None] = mapped_column(Moment)

    sounds: Mapped[list["ListeningSound"]] = relationship(
        order_by="ListeningSound.slot, ListeningSound.place", passive_deletes=True
    )


class ListeningSound(Base):
    """The address of one sound in one slot of one question of one participant."""

    __tablename__ = "listening_sounds"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    question_id: Mapped[str] = mapped_column(
        "trial_id", ForeignKey("listening_trials.id", ondelete="CASCADE"), index=True
    )
    slot: Mapped[str] = mapped_column(String(16))  #: A, B and so on, or reference
    place: Mapped[int]  #: in the playlist, from 0
    stimulus: Mapped[str] = mapped_column(String(32))  #: file in the test's folder
