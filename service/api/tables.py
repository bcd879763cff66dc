"""Answers that are kept, so that a request that is sent twice is done once."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, Json, Moment, now


class KeptAnswer(Base):
    """What a caller was told."""

    __tablename__ = "kept_answers"

    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))  #: SHA-256 of method, path and content
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
