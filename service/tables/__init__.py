"""All tables: a noun joins by a line here, so that creating and migrating know it."""

from typing import Any

from sqlalchemy import Connection, MetaData, event
from sqlalchemy.schema import CreateSchema

from service.accounts import tables as accounts
from service.api import tables as api
from service.corpora import tables as corpora
from service.database.base import Base
from service.links import tables as links
from service.listening import tables as listening
from service.manager import tables as manager
from service.matches import tables as matches
from service.nebulae import tables as nebulae
from service.settings import OPTUNA_SCHEMA
from service.studies import tables as studies

__all__ = ["accounts", "api", "corpora", "links", "listening", "manager", "matches", "metadata", "nebulae", "studies"]

#: Of every table of the service.
metadata = Base.metadata


@event.listens_for(metadata, "before_create")
def _make_room_for_optuna(target: MetaData, connection: Connection, **options: Any) -> None:
    # It has tables of its own that are called studies and trials too.
    if connection.dialect.name == "postgresql":
        connection.execute(CreateSchema(OPTUNA_SCHEMA, if_not_exists=True))
