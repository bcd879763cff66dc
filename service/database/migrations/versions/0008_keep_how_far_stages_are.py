"""Keep how far a study's stage is, and when the study will be done."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"


def upgrade() -> None:
    """Brings a database of the version before to this one; of a study that runs it is known with its next event."""
    op.add_column("studies", sa.Column("stage_done", sa.Integer(), nullable=True))
    op.add_column("studies", sa.Column("stage_total", sa.Integer(), nullable=True))
    op.add_column("studies", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
