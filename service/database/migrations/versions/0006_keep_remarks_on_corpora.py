"""Keep what one should know about corpora and their sounds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Brings a database of the version before to this one; about what is there already nothing is known."""
    # Columns are added in place: SQLite would make a table anew under another name, and with the old one drop the rows
    # that hang from it.
    op.add_column("corpora", sa.Column("remarks", _JSON, nullable=False, server_default="[]"))
    op.add_column("corpora", sa.Column("changes", _JSON, nullable=False, server_default="{}"))
    op.add_column("corpus_sounds", sa.Column("remark", sa.String(), nullable=False, server_default=""))
