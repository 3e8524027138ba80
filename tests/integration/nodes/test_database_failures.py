"""Which errors of a database are told as one that is away, and which are our own."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from foundation.database import Database
from foundation.database.failures import find_unavailability

POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def failing(database: Database, *statements: str) -> SQLAlchemyError:
    """Return the error of the last statement."""
    *before, last = statements
    with database.writing() as session:
        for statement in before:
            session.execute(text(statement))
        try:
            session.execute(text(last))
        except SQLAlchemyError as error:
            session.rollback()
            return error
    raise AssertionError(f"{last} did not fail")


@POSTGRESQL
@pytest.mark.parametrize(
    "statements",
    [
        ("SET LOCAL statement_timeout = 20", "SELECT pg_sleep(60)"),
        ("SET LOCAL transaction_read_only = on", "DELETE FROM audit_entries"),
        ("SELECT pg_terminate_backend(pg_backend_pid())",),
    ],
    ids=["too-slow", "standby", "terminated"],
)
def test_what_a_failover_and_a_flood_bring_is_told_as_away(
    database: Database, statements: tuple[str, ...]
) -> None:
    failure = find_unavailability(failing(database, *statements))

    assert failure is not None
    assert failure.code == "database-unavailable"
    assert failure.retry_after.total_seconds() >= 1


def test_a_fault_of_the_program_is_not(database: Database) -> None:
    twice = "INSERT INTO schema_floor (id, revision) VALUES (1, 'x')"

    assert find_unavailability(failing(database, twice)) is None
    assert find_unavailability(ValueError("ours")) is None


@POSTGRESQL
def test_connections_to_a_standby_do_not_go_back_into_the_pool(database: Database) -> None:
    with database.reading() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))

    failing(database, "SET LOCAL transaction_read_only = on", "DELETE FROM audit_entries")

    with database.reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != backend


@POSTGRESQL
def test_everything_that_could_be_waited_for_has_an_end(database: Database) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with database.reading() as session:
        limits = [session.scalar(text(f"SHOW {name}")) for name in names]

    assert limits == ["30s", "15s", "1min"]


@POSTGRESQL
def test_what_the_operator_writes_into_the_url_wins(database_url: str) -> None:
    database = Database(f"{database_url}&options=-c%20statement_timeout%3D5s&connect_timeout=9")
    try:
        with database.reading() as session:
            assert session.scalar(text("SHOW statement_timeout")) == "5s"
            assert session.scalar(text("SHOW lock_timeout")) == "0"
    finally:
        database.dispose()
