"""Keep listening tests."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    op.create_table(
        "listening_tests",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("spec", _JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sealing",
                "sealed",
                "open",
                "closed",
                "unblinded",
                name="listening_state",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rendered", sa.Integer(), nullable=False),
        sa.Column("folder", sa.String(length=32), nullable=True),
        sa.Column("loudness_lufs", sa.Double(), nullable=True),
        sa.Column("key_map", _JSON, nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("invite", sa.String(length=32), nullable=True),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unblinded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(commitment IS NULL) = (key_map IS NULL)", name=op.f("ck_listening_tests_committed_with_key_map")
        ),
        sa.CheckConstraint(
            "(commitment IS NULL) = (salt IS NULL)", name=op.f("ck_listening_tests_committed_with_salt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_tests")),
        sa.UniqueConstraint("invite", name=op.f("uq_listening_tests_invite")),
    )
    op.create_index(op.f("ix_listening_tests_created_at"), "listening_tests", ["created_at"], unique=False)

    op.create_table(
        "listeners",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("test_id", sa.String(length=16), nullable=False),
        sa.Column("session_digest", sa.String(length=64), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "consent",
                "device",
                "volume",
                "practice",
                "test",
                "questionnaire",
                "thanks",
                name="listening_stage",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("recruited", _JSON, nullable=False),
        sa.Column("stages", _JSON, nullable=False),
        sa.Column("questionnaire", _JSON, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["test_id"], ["listening_tests.id"], name=op.f("fk_listeners_test_id_listening_tests"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listeners")),
        sa.UniqueConstraint("session_digest", name=op.f("uq_listeners_session_digest")),
    )
    op.create_index(op.f("ix_listeners_test_id"), "listeners", ["test_id"], unique=False)

    op.create_table(
        "listening_trials",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("listener_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("systems", _JSON, nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("answer", _JSON, nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("NOT finished OR answer IS NOT NULL", name=op.f("ck_listening_trials_finished_with_answer")),
        sa.UniqueConstraint("listener_id", "number", name=op.f("uq_listening_trials_listener_id_number")),
        sa.ForeignKeyConstraint(
            ["listener_id"],
            ["listeners.id"],
            name=op.f("fk_listening_trials_listener_id_listeners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_trials")),
    )
    op.create_table(
        "listening_sounds",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("trial_id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("stimulus", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["listening_trials.id"],
            name=op.f("fk_listening_sounds_trial_id_listening_trials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_listening_sounds")),
    )
    op.create_index(op.f("ix_listening_sounds_trial_id"), "listening_sounds", ["trial_id"], unique=False)
