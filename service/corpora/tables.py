"""Corpora and their sounds, as the database keeps them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Base, Json, Moment, new_id, now


class CorpusState(StrEnum):
    """How far the service is with an uploaded corpus."""

    READING = "reading"  #: its sounds are being decoded once, to see which can be used
    READY = "ready"  #: every sound was read, and at least one can be used
    FAILED = "failed"  #: no sound can be used, or the files are gone; `reason` tells


class UploadedCorpus(Base):
    """An uploaded corpus; its files lie under its id in the store."""

    __tablename__ = "corpora"
    __table_args__ = (
        CheckConstraint("sounds_usable <= sounds_read AND sounds_read <= sounds_total", name="counts_in_order"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    state: Mapped[CorpusState] = mapped_column(
        Enum(CorpusState, values_callable=lambda states: [s.value for s in states], native_enum=False, length=16),
        default=CorpusState.READING,
    )
    reason: Mapped[str] = mapped_column(default="")  #: why it failed, in a sentence
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sounds_total: Mapped[int]  #: files that came, those that are no sounds included
    sounds_read: Mapped[int] = mapped_column(default=0)
    sounds_usable: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)  #: of all usable sounds
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that uploaded it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    #: about its labels, a sentence each
    remarks: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    #: what was done to sounds so that they can be used: by kind how many, and name and sentence's end of the first
    changes: Mapped[dict[str, tuple[int, str, str]]] = mapped_column(Json, default=dict, server_default="{}")
    sounds_excluded: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  #: left out by hand, of those that were read
    base: Mapped[str | None] = mapped_column(String(16))  #: id of the corpus that it was made from, which may be gone


class CorpusSound(Base):
    """One file of a corpus. It can be used if it has seconds, is skipped if it has a reason, else is still unread.

    What can be used is used, unless it is excluded.
    """

    __tablename__ = "corpus_sounds"
    __table_args__ = (CheckConstraint("seconds IS NULL OR reason = ''", name="usable_or_skipped"),)

    corpus_id: Mapped[str] = mapped_column(ForeignKey("corpora.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  #: from 0, by name; what are no sounds come last
    name: Mapped[str]  #: path within the corpus, with forward slashes
    seconds: Mapped[float | None]  #: length, as far as it is ever read
    reason: Mapped[str] = mapped_column(default="")  #: why it is skipped
    remark: Mapped[str] = mapped_column(default="", server_default="")  #: what was done to it so that it can be used
    excluded: Mapped[bool] = mapped_column(default=False, server_default=false())  #: left out by hand
