"""Keep which nebulae people have starred."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.create_table(
        "nebula_stars",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("nebula", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_nebula_stars_key_id_keys"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key_id", "nebula", name=op.f("pk_nebula_stars")),
    )
