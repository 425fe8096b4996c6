"""Brings a database's tables up to date with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from records.wrong_database import WrongDatabase


def upgrade(connection: Connection) -> None:
    """Apply what is missing, within the connection's transaction.

    Raises WrongDatabase when the database is of a newer program, or holds something else.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    for revision in found:
        if revision not in known:
            raise WrongDatabase(
                f"the database is at revision {revision!r}, which this program does not know: a newer one "
                "has used it. Install that one again, or restore a backup from before the upgrade."
            )
    if not found and (tables := inspect(connection).get_table_names()):
        raise WrongDatabase(
            f"the database has tables of something else ({', '.join(sorted(tables)[:3])}): name an empty one"
        )
    command.upgrade(config, "head")
