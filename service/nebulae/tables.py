"""Nebulae that people brought or shaped; shipped ones are files of the package, found ones files of their studies."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Base, Moment, now


class KeptNebula(Base):
    """A nebula that was imported or saved."""

    __tablename__ = "nebulae"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str]  #: the nebula's file
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that brought it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    correlation: Mapped[str | None]  #: what earlier versions kept beside torchsynth's form
    parent: Mapped[str | None] = mapped_column(
        String(64), index=True
    )  #: name of what it was saved from, if that is there
    parent_title: Mapped[str] = mapped_column(String(64), default="", server_default="")  #: what people called that


class NebulaStar(Base):
    """A nebula that somebody has starred."""

    __tablename__ = "nebula_stars"

    key_id: Mapped[str] = mapped_column(String(16), ForeignKey("keys.id", ondelete="CASCADE"), primary_key=True)
    nebula: Mapped[str] = mapped_column(String(64), primary_key=True)  #: what it is asked for by, of any origin
