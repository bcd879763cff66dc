"""All tables: a noun joins by a line here, so that creating and migrating know it."""

from service.accounts import tables as accounts
from service.api import tables as api
from service.database.base import Base
from service.studies import tables as studies

__all__ = ["accounts", "api", "metadata", "studies"]

#: Of every table of the service.
metadata = Base.metadata
