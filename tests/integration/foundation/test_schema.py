"""The history brings any database to the shape the models have."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import gateway.models  # noqa: F401 - fills the metadata with every table
from foundation.database import Database
from foundation.database.schema import differences, schema_is_current, upgrade_schema

ROOT = Path(__file__).parents[3]


@pytest.fixture
def blank(blank_database_url: str) -> Iterator[Database]:
    database = Database(blank_database_url)
    yield database
    database.dispose()


def test_a_blank_database_is_not_current_until_it_is_brought_up(blank: Database) -> None:
    assert not schema_is_current(blank)

    upgrade_schema(blank)

    assert schema_is_current(blank)


def test_the_history_leaves_nothing_that_the_models_lack_or_have_more(blank: Database) -> None:
    upgrade_schema(blank)

    assert differences(blank) == []


def test_a_missing_column_is_a_difference(blank: Database) -> None:
    upgrade_schema(blank)
    with blank.writing() as session:
        session.execute(text("ALTER TABLE audit_entries DROP COLUMN address"))

    assert len(differences(blank)) == 1


def test_bringing_up_twice_changes_nothing_and_loses_nothing(blank: Database) -> None:
    upgrade_schema(blank)
    with blank.writing() as session:
        session.execute(text("CREATE TABLE pebbles (number INTEGER)"))
        session.execute(text("INSERT INTO pebbles VALUES (1)"))

    upgrade_schema(blank)

    assert schema_is_current(blank)
    with blank.reading() as session:
        assert session.scalar(text("SELECT number FROM pebbles")) == 1


def test_two_processes_may_start_at_the_same_time(blank: Database) -> None:
    code = (
        "import sys; from foundation.database import Database; "
        "from foundation.database.schema import upgrade_schema; "
        "upgrade_schema(Database(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, blank.url]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]

    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]

    assert schema_is_current(blank)
