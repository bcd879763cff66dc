"""Keep what nebulae were saved from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"


def upgrade() -> None:
    """Brings a database of the version before to this one; of what is there already it is not known."""
    op.add_column("nebulae", sa.Column("parent", sa.String(length=64), nullable=True))
    op.add_column("nebulae", sa.Column("parent_title", sa.String(length=64), nullable=False, server_default=""))
    op.create_index(op.f("ix_nebulae_parent"), "nebulae", ["parent"], unique=False)
