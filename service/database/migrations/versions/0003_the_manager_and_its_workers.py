"""Make the tables of the manager and its workers, and let no trial be entered twice."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.create_table(
        "manager",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pool_reached", sa.Boolean(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("evaluations", sa.Integer(), nullable=False),
        sa.Column("evaluations_per_minute", sa.Integer(), nullable=False),
        sa.Column("render_seconds", sa.Double(), nullable=False),
        sa.Column("embed_seconds", sa.Double(), nullable=False),
        sa.Column("score_seconds", sa.Double(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_manager_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager")),
    )
    op.create_table(
        "workers",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("device", sa.String(length=16), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("memory_bytes", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_workers")),
    )
    op.create_index(
        op.f("ix_trials_study_id_generation_candidate"), "trials", ["study_id", "generation", "candidate"], unique=True
    )
