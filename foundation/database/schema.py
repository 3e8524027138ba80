"""Bringing a database to the shape this program needs, and writing new steps."""

import time
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from foundation.database.advisory import lock_act
from foundation.database.compatibility import find_floor
from foundation.database.database import Database
from foundation.database.model import Base
from foundation.errors import Conflict, Unavailable

_FOLDER = Path(__file__).parent / "migrations"
# How long a step waits behind the readers and writers of a table. Everybody
# who comes after it waits too, so it gives up soon and tries again.
_LOCK_TIMEOUT = "3s"
_ATTEMPTS = 20
_PAUSE_SECONDS = 1.0


def upgrade_schema(database: Database) -> None:
    """Apply every step this database lacks; one process at a time, while others serve.

    Everything happens in one transaction: a failing step leaves the old shape.
    A schema that is newer and compatible is left as it is. Raises `Conflict`
    for a newer one that this program may not work on, and `Unavailable` when
    a table is in use without end.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        try:
            _upgrade(database)
        except OperationalError as failed:
            if not isinstance(failed.orig, LockNotAvailable):
                raise
        else:
            return
    raise Unavailable("schema-busy")


def _upgrade(database: Database) -> None:
    # On SQLite the write lock is taken at the start, as `Database.writing` does.
    engine = database.engine.execution_options(certgate_begin="IMMEDIATE")
    with engine.connect() as connection, connection.begin():
        lock_act(connection, "migration")
        revision = find_revision(connection)
        if revision is not None and not knows_revision(revision):
            if not _is_compatible(connection):
                raise Conflict("schema-newer", revision=revision)
            return
        if not database.is_sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        command.upgrade(_config(connection), "head")


def schema_is_current(database: Database) -> bool:
    """Say whether the database has a shape that this program can work on.

    That is its own, or a newer one whose steps since then only added.
    """
    with database.engine.connect() as connection:
        revision = find_revision(connection)
        if revision is None or knows_revision(revision):
            return revision == _history()[0]
        return _is_compatible(connection)


@cache
def _history() -> tuple[str, ...]:
    """Return this program's steps, newest first; read once, since readiness asks each time."""
    return tuple(step.revision for step in ScriptDirectory(_FOLDER).walk_revisions())


def _is_compatible(connection: Connection) -> bool:
    floor = find_floor(connection)
    return floor is not None and knows_revision(floor)


def find_revision(connection: Connection) -> str | None:
    """Return the newest step that the database has had, or None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def knows_revision(revision: str) -> bool:
    """Say whether this program's history has the step; it has none of a later program's."""
    return revision in _history()


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
