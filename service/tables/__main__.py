"""Writes the next migration from the difference between the last one and the tables: run with what changes."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from service.database.engine import Database
from service.database.migrations import configuration, migrate
from service.tables import metadata

with tempfile.TemporaryDirectory() as folder:
    database = Database(f"sqlite:///{Path(folder) / 'migrated.db'}")
    migrate(database)
    with database.engine.begin() as connection:
        tables = configuration(connection=connection, metadata=metadata)
        command.revision(tables, sys.argv[1], autogenerate=True)
    database.close()
