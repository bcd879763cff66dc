"""Keep what is excluded from corpora, and what these were made from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.add_column("corpora", sa.Column("sounds_excluded", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("corpora", sa.Column("base", sa.String(length=16), nullable=True))
    op.add_column("corpus_sounds", sa.Column("excluded", sa.Boolean(), nullable=False, server_default=sa.false()))
