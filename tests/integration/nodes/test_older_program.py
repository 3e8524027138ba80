"""Programs that are older than the schema: the compatible ones serve on (issue item 3)."""

import pytest
from sqlalchemy import text

from foundation.database import Database
from foundation.database.schema import schema_is_current, upgrade_schema
from foundation.errors import Conflict


def brought_further(database: Database, floor: str | None = None) -> None:
    """Leave the schema as a newer program would, whose step this one has never heard of."""
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        if floor is not None:
            session.execute(text("UPDATE schema_floor SET revision = :floor"), {"floor": floor})


def test_an_older_program_serves_on_after_a_step_that_only_added(database: Database) -> None:
    brought_further(database)

    assert schema_is_current(database)
    upgrade_schema(database)
    with database.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_an_older_program_stops_below_the_floor(database: Database) -> None:
    brought_further(database, floor="9999")

    assert not schema_is_current(database)
    with pytest.raises(Conflict) as refused:
        upgrade_schema(database)
    assert refused.value.code == "schema-newer"


def test_a_newer_schema_without_a_floor_is_nobody_elses(database: Database) -> None:
    brought_further(database)
    with database.writing() as session:
        session.execute(text("DROP TABLE schema_floor"))

    assert not schema_is_current(database)
