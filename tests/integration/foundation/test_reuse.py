"""Connections of PostgreSQL's pool: asked before use when they rested, looked at otherwise."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from sqlalchemy import text

from foundation.database import Database
from foundation.database.answering import AnsweredConnection
from tests.support.resting import rest

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a moment be long, so that a machine that is slow has not rested."""
    monkeypatch.setattr("foundation.database.reuse._A_MOMENT_SECONDS", 30.0)


def process_of(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def pings_of_one_use(database: Database) -> int:
    dialect = database.engine.dialect
    with patch.object(dialect, "do_ping", wraps=dialect.do_ping) as pings:
        process_of(database)
    return pings.call_count


@contextmanager
def another(database: Database) -> Iterator["Connection[TupleRow]"]:
    """Open a connection that is not of the pool."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with Connection.connect(url, autocommit=True) as connection:
        yield connection


def end(database: Database, process: int) -> None:
    with another(database) as other:
        # Waits until the process is gone (PostgreSQL documentation, 9.28.2).
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [process]).fetchone()


def test_only_a_connection_that_rested_is_asked(database: Database) -> None:
    process = process_of(database)
    assert pings_of_one_use(database) == 0
    rest(database)
    assert pings_of_one_use(database) == 1
    assert process_of(database) == process


def test_a_connection_whose_end_was_told_is_replaced_before_use(database: Database) -> None:
    before = process_of(database)
    end(database, before)
    assert process_of(database) != before


def test_a_connection_that_ended_while_it_rested_is_replaced_before_use(
    database: Database,
) -> None:
    before = process_of(database)
    rest(database)
    end(database, before)
    with patch("foundation.database.reuse._has_been_told", return_value=False):
        assert process_of(database) != before


def test_a_connection_that_was_closed_here_is_replaced_before_use(database: Database) -> None:
    before = process_of(database)
    rest(database).close()
    assert process_of(database) != before


def test_what_was_said_without_being_asked_does_no_harm(database: Database) -> None:
    before = process_of(database)
    with database.reading() as session:
        session.execute(text("LISTEN pebbles"))
        session.commit()
        pooled = session.connection().connection.driver_connection
    assert isinstance(pooled, AnsweredConnection)
    with another(database) as other:
        other.execute("NOTIFY pebbles")
        assert select.select([pooled.fileno()], [], [], 30)[0], "the server tells nothing"
    assert pings_of_one_use(database) == 1
    assert process_of(database) == before
