"""Writes the next migration from the difference between the last one and the tables: run with what changes."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from service.database.engine import Database
from service.database.migrations import configuration, migrate

with tempfile.TemporaryDirectory() as folder:
    database = Database(f"sqlite:///{Path(folder) / 'migrated.db'}")
    migrate(database)
    with database.engine.begin() as connection:
        command.revision(configuration(connection=connection), sys.argv[1], autogenerate=True)
    database.close()
