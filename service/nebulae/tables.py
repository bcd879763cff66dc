"""Nebulae that people brought or shaped; shipped ones are files of the package, found ones files of their studies."""

from datetime import datetime

from sqlalchemy import String
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
