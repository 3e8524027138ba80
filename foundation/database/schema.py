"""Bringing a database to the shape this program needs, and writing new steps."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from foundation.database.database import Database
from foundation.database.model import Base

_FOLDER = Path(__file__).parent / "migrations"
# Any constant will do as long as nothing else in this database uses it.
_MIGRATION_LOCK = 0x6D696772617465  # "migrate"


def upgrade_schema(database: Database) -> None:
    """Apply every step this database lacks; one process at a time.

    Everything happens in one transaction: a failing step leaves the old shape.
    """
    # On SQLite the write lock is taken at the start, as `Database.writing` does.
    engine = database.engine.execution_options(certgate_begin="IMMEDIATE")
    with engine.connect() as connection, connection.begin():
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), "head")


def schema_is_current(database: Database) -> bool:
    """Say whether the database has the shape this program was written for."""
    with database.engine.connect() as connection:
        return find_revision(connection) == ScriptDirectory(_FOLDER).get_current_head()


def find_revision(connection: Connection) -> str | None:
    """Return the newest step that the database has had, or None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def knows_revision(revision: str) -> bool:
    """Say whether this program's history has the step; it has none of a later program's."""
    return any(step.revision == revision for step in ScriptDirectory(_FOLDER).walk_revisions())


def differences(database: Database) -> list[object]:
    """Return how the models differ from the database; empty when the history is complete."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def write_step(database: Database, message: str, revision: str) -> None:
    """Write a new step from what the models have and `database` lacks (for developers)."""
    with database.engine.connect() as connection, connection.begin():
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config
