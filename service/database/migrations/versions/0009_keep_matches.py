"""Keep matches of recordings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.create_table(
        "matches",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "failed", name="matchstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("corpus", sa.String(length=16), nullable=False),
        sa.Column("corpus_name", sa.String(length=64), nullable=False),
        sa.Column("sound", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("synth", sa.String(), nullable=False),
        sa.Column("bank", sa.Integer(), nullable=False),
        sa.Column("generations", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("unit", _JSON, nullable=True),
        sa.Column("distance", sa.Double(), nullable=True),
        sa.Column("nearest_random_sound", sa.Double(), nullable=True),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state != 'done' OR (unit IS NOT NULL AND distance IS NOT NULL AND nearest_random_sound IS NOT NULL)",
            name=op.f("ck_matches_found_when_done"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_created_at"), "matches", ["created_at"], unique=False)
    op.create_index(op.f("ix_matches_state"), "matches", ["state"], unique=False)
