"""Keep links for others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.create_table(
        "shared_links",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.Enum("study", "nebula", name="linkkind", native_enum=False, length=16), nullable=False),
        sa.Column("study_id", sa.String(length=16), nullable=True),
        sa.Column("kept", sa.String(length=64), nullable=True),
        sa.Column("shipped", sa.String(length=400), nullable=True),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(study_id IS NOT NULL AND kept IS NULL AND shipped IS NULL) "
            "OR (kind = 'nebula' AND study_id IS NULL AND kept IS NOT NULL AND shipped IS NULL) "
            "OR (kind = 'nebula' AND study_id IS NULL AND kept IS NULL AND shipped IS NOT NULL)",
            name=op.f("ck_shared_links_shows_one_thing"),
        ),
        sa.UniqueConstraint("token", name=op.f("uq_shared_links_token")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_shared_links_study_id_studies"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["kept"],
            ["nebulae.name"],
            name=op.f("fk_shared_links_kept_nebulae"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_links")),
    )
    op.create_index(op.f("ix_shared_links_created_at"), "shared_links", ["created_at"], unique=False)
    op.create_index(op.f("ix_shared_links_kept"), "shared_links", ["kept"], unique=False)
    op.create_index(op.f("ix_shared_links_study_id"), "shared_links", ["study_id"], unique=False)
