"""API keys, browser sessions, and the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.accounts.roles import Role
from service.database.base import Base, Json, Moment, new_id, now


class Key(Base):
    """An API key. The key itself is shown once, when it is made; only its SHA-256 is kept."""

    __tablename__ = "keys"
    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_is_sha256"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[Role] = mapped_column(
        Enum(Role, values_callable=lambda roles: [role.value for role in roles], native_enum=False, length=16)
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class BrowserSession(Base):
    """A browser that has logged in with a key; it ends with the key."""

    __tablename__ = "browser_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("keys.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    key: Mapped[Key] = relationship(lazy="joined")


class AuditEntry(Base):
    """Who did what, when."""

    __tablename__ = "audit_log"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 — SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    key_id: Mapped[str] = mapped_column(String(16))  #: empty: the command line, or someone who failed to log in
    caller: Mapped[str] = mapped_column(String(64))  #: the key's name, which outlives the key
    action: Mapped[str] = mapped_column(String(64))  #: noun and verb, such as study.pause
    subject: Mapped[str] = mapped_column(String(128), default="")  #: id or name of what it was done to
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
