"""Keep correlations of nebulae, which some databases of the version before have already."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"


def upgrade() -> None:
    """Brings a database of the version before to this one."""
    # The version before was changed after it had been used: both of its forms are about.
    if "correlation" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("nebulae")}:
        with op.batch_alter_table("nebulae", recreate="auto") as batch:
            batch.add_column(sa.Column("correlation", sa.String(), nullable=True))
