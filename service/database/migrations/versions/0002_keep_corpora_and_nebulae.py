"""Keep corpora and nebulae, and make room for Optuna's tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA IF NOT EXISTS optuna")
    op.create_table(
        "corpora",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("reading", "ready", "failed", name="corpusstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sounds_total", sa.Integer(), nullable=False),
        sa.Column("sounds_read", sa.Integer(), nullable=False),
        sa.Column("sounds_usable", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sounds_usable <= sounds_read AND sounds_read <= sounds_total", name=op.f("ck_corpora_counts_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corpora")),
    )
    op.create_index(op.f("ix_corpora_created_at"), "corpora", ["created_at"], unique=False)
    op.create_table(
        "corpus_sounds",
        sa.Column("corpus_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("seconds IS NULL OR reason = ''", name=op.f("ck_corpus_sounds_usable_or_skipped")),
        sa.ForeignKeyConstraint(
            ["corpus_id"], ["corpora.id"], name=op.f("fk_corpus_sounds_corpus_id_corpora"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("corpus_id", "number", name=op.f("pk_corpus_sounds")),
    )
    op.create_table(
        "nebulae",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nebulae")),
    )
    op.create_index(op.f("ix_nebulae_created_at"), "nebulae", ["created_at"], unique=False)
