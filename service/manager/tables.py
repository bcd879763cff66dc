"""The lease, what the pool has done so far, and the workers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Base, Moment, now


class ManagerBeat(Base):
    """The one row in which the manager that works says so, and what its pool has done."""

    __tablename__ = "manager"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(16), default="")  #: made at the start of the process; empty: none works
    host: Mapped[str] = mapped_column(default="")
    home: Mapped[str] = mapped_column(default="")  #: of the holder; nobody else works in the same one on the same host
    beat_at: Mapped[datetime] = mapped_column(Moment, default=now)  #: when the holder last said that it works
    pool_reached: Mapped[bool] = mapped_column(default=False)  #: whether the scheduler answered then
    tasks: Mapped[int] = mapped_column(default=0)  #: given to the pool and not yet back
    evaluations: Mapped[int] = mapped_column(default=0)  #: trials and re-scorings computed, ever
    evaluations_per_minute: Mapped[int] = mapped_column(default=0)  #: in the last minute
    render_seconds: Mapped[float] = mapped_column(default=0.0)  #: of all evaluations, ever
    embed_seconds: Mapped[float] = mapped_column(default=0.0)
    score_seconds: Mapped[float] = mapped_column(default=0.0)


class WorkerBeat(Base):
    """A worker that the pool had when the manager last looked."""

    __tablename__ = "workers"

    address: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    host: Mapped[str]
    device: Mapped[str] = mapped_column(String(16))  #: cpu or cuda
    tasks: Mapped[int] = mapped_column(default=0)  #: it has been given
    memory_bytes: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(Moment)  #: when the scheduler last heard of it
