"""Keep tags and notes of studies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.add_column("studies", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "study_tags",
        sa.Column("study_id", sa.String(length=16), nullable=False),
        sa.Column("tag", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_tags_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "tag", name=op.f("pk_study_tags")),
    )
    op.create_index(op.f("ix_study_tags_tag"), "study_tags", ["tag"], unique=False)
