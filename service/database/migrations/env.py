"""How Alembic runs migrations: always on the connection that `migrate` opened, never on one of its own."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import MetaData

from service.database.base import Moment
from service.database.migrations import VERSION_TABLE


def _render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Returns how a column type is written in a migration, which must not change when our own types do."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


# Those that the next migration is written from; who only migrates gives none.
_tables: MetaData | None = context.config.attributes.get("metadata")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_tables,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
    render_item=_render,
    include_name=lambda name, kind, parents: kind != "table" or _tables is None or name in _tables.tables,
)
context.run_migrations()
