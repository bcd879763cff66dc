"""Persistence: SQLite in the home folder by default, PostgreSQL by URL; the same tables on both.

- `base`: the declarative base, naming of constraints, and the column types that both engines share
- `engine`: the engine, and the one place where transactions begin and are committed
- `pages`: long lists in pieces
- `faults`: what keeps it from being used, in a sentence
- `opening`: the database of the settings, brought to this version
- `migrations`: how a database of any earlier version becomes one of this version

Tables live with their nouns: `service.studies.tables` and so on; `service.tables` has all of them.
"""

from service.database.base import Base, Json, Moment, is_storable, new_id, now
from service.database.engine import Database

__all__ = ["Base", "Database", "Json", "Moment", "is_storable", "new_id", "now"]
