"""A step waits for a table in use, and does not make everybody else wait behind it."""

import threading

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from foundation.database import Database, schema
from foundation.database.schema import schema_is_current, upgrade_schema
from foundation.errors import Unavailable

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

HOLD = text("LOCK TABLE audit_entries IN ACCESS SHARE MODE")


def change_audit_entries(config: Config, _: str) -> None:
    """Stand in for the steps of the history."""
    connection = config.attributes["connection"]
    connection.execute(text("ALTER TABLE audit_entries ADD COLUMN hue TEXT"))
    newest = {"newest": schema._history()[0]}
    connection.execute(text("UPDATE alembic_version SET version_num = :newest"), newest)


@pytest.fixture
def older(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database before a step that needs a table for itself."""
    monkeypatch.setattr(schema, "_LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(schema, "_PAUSE_SECONDS", 0.05)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    monkeypatch.setattr(command, "upgrade", change_audit_entries)
    return database


def test_a_step_is_tried_again_until_the_table_is_free(older: Database) -> None:
    with older.reading() as reader:
        reader.execute(HOLD)
        upgrading = threading.Thread(target=upgrade_schema, args=(older,))
        upgrading.start()
        upgrading.join(0.5)
        assert upgrading.is_alive()
        with older.reading() as other:
            # Behind an ALTER TABLE that waited for the reader this would wait too.
            other.execute(text("SET LOCAL lock_timeout = '10s'"))
            other.execute(text("SELECT count(*) FROM audit_entries"))
    upgrading.join(30)

    assert not upgrading.is_alive()
    assert schema_is_current(older)


def test_a_table_that_is_never_free_ends_the_attempt_with_a_reason(
    older: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_ATTEMPTS", 2)
    with older.reading() as reader:
        reader.execute(HOLD)
        with pytest.raises(Unavailable) as refused:
            upgrade_schema(older)

    assert refused.value.code == "schema-busy"
    assert not schema_is_current(older)
