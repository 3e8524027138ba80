"""A `Statement` does what `Session.execute` does: values, rows, failures, savepoints."""

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from foundation.database import Database, Statement, UtcDateTime
from tests.support.clock import NEW_YEAR

SHELLS = Table(
    "shells",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", String(20)),
    Column("picture", LargeBinary),
    Column("found_at", UtcDateTime()),
    Column("is_clean", Boolean()),
)
_INSERT = Statement(insert(SHELLS), *SHELLS.c.keys())
_BY_NUMBER = Statement(select(SHELLS).where(SHELLS.c.number == bindparam("wanted")))
_RENAME = Statement(
    update(SHELLS)
    .where(SHELLS.c.number >= bindparam("first"), SHELLS.c.number <= bindparam("first") + 1)
    .values(name=SHELLS.c.name + bindparam("more"))
)
_SHELL: dict[str, object] = {
    "number": 7,
    "name": "壳 %s :a ?",
    "picture": b"\x00\xff",
    "found_at": NEW_YEAR.astimezone(timezone(timedelta(hours=8))),
    "is_clean": True,
}
_UNKNOWN: dict[str, object] = {**dict.fromkeys(_SHELL), "number": 8}


@pytest.fixture
def shells(database: Database) -> Database:
    SHELLS.create(database.engine)
    with database.writing() as session:
        for row in (_SHELL, _UNKNOWN):
            assert _INSERT.change(session, **row) == 1
    return database


def test_values_come_out_as_sqlalchemy_reads_them(shells: Database) -> None:
    with shells.reading() as session:
        for row in (_SHELL, _UNKNOWN):
            found = _BY_NUMBER.find(session, wanted=row["number"])
            assert found is not None
            assert found._asdict() == row
            query = select(SHELLS).where(SHELLS.c.number == row["number"])
            assert tuple(found) == tuple(session.execute(query).one())
        assert _BY_NUMBER.find(session, wanted=9) is None
        assert _BY_NUMBER.rows(session, wanted=9) == []


def test_a_value_may_be_needed_twice_and_others_are_the_statements_own(shells: Database) -> None:
    with shells.writing() as session:
        assert _RENAME.change(session, first=7, more=" 2") == 2
        assert _RENAME.change(session, first=100, more="") == 0
        found = _BY_NUMBER.find(session, wanted=7)
    assert found is not None
    assert found.name == "壳 %s :a ? 2"


def test_a_time_without_a_zone_is_refused(shells: Database) -> None:
    with pytest.raises(ValueError, match="time zone"), shells.writing() as session:
        _INSERT.change(session, **{**_SHELL, "number": 9, "found_at": datetime(2026, 1, 1)})  # noqa: DTZ001


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(shells: Database) -> None:
    with shells.writing() as session:
        with pytest.raises(IntegrityError), session.begin_nested():
            _INSERT.change(session, **_SHELL)
        # The savepoint was undone, and the transaction goes on.
        assert Statement(delete(SHELLS)).change(session) == 2


# With SQLite there is no connection to cut.
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_leaves_the_pool(shells: Database) -> None:
    def lose_the_connection() -> None:
        with shells.writing() as session:
            _cut(shells, session.scalar(text("SELECT pg_backend_pid()")))
            _BY_NUMBER.find(session, wanted=7)

    with pytest.raises(DBAPIError) as failed:
        lose_the_connection()
    assert failed.value.connection_invalidated
    with shells.reading() as session:
        assert _BY_NUMBER.find(session, wanted=7) is not None


def _cut(database: Database, process: int | None) -> None:
    with database.reading() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process})
