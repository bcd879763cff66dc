"""Links for others, as the database keeps them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Base, Moment, new_id, now


class LinkKind(StrEnum):
    """What a link shows."""

    STUDY = "study"
    NEBULA = "nebula"


class SharedLink(Base):
    """A link to one study or one nebula. It goes with what it shows, and never leads to what takes that one's name.

    The token is kept as it is, so that the link can be copied again; it opens no more than a page to look at.
    """

    __tablename__ = "shared_links"
    __table_args__ = (
        CheckConstraint(
            "(study_id IS NOT NULL AND kept IS NULL AND shipped IS NULL) "
            "OR (kind = 'nebula' AND study_id IS NULL AND kept IS NOT NULL AND shipped IS NULL) "
            "OR (kind = 'nebula' AND study_id IS NULL AND kept IS NULL AND shipped IS NOT NULL)",
            name="shows_one_thing",
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[LinkKind] = mapped_column(
        Enum(LinkKind, values_callable=lambda kinds: [kind.value for kind in kinds], native_enum=False, length=16)
    )
    study_id: Mapped[str | None] = mapped_column(
        ForeignKey("studies.id", ondelete="CASCADE"), index=True
    )  #: the study, or the one that found the nebula
    kept: Mapped[str | None] = mapped_column(
        ForeignKey("nebulae.name", ondelete="CASCADE", onupdate="CASCADE"), index=True
    )  #: name of a nebula that was imported or saved
    shipped: Mapped[str | None] = mapped_column(String(400))  #: name of a nebula that never changes
    owner: Mapped[str] = mapped_column(String(16), default="")  #: id of the key that made it
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
