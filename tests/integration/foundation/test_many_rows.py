"""Hundreds of rows with one statement: kept as SQLAlchemy's own `execute` keeps them."""

from datetime import timedelta, timezone

import pytest
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError

from foundation.database import Database, UtcDateTime, execute_for_each
from tests.support.clock import NEW_YEAR

SHELLS = Table(
    "shells",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", String(20)),
    Column("picture", LargeBinary),
    Column("found_at", UtcDateTime()),
    Column("state", String(8)),
)
_INSERT = insert(SHELLS)
_CLEAN = (
    update(SHELLS)
    .where(SHELLS.c.number == bindparam("which"), SHELLS.c.state == literal_column("'dirty'"))
    .values(state=literal_column("'clean'"), name=bindparam("new_name"))
)
# What means something in a statement or in the text of an array means nothing in a value.
_NAMES = ("壳 %s :a ", '"}, {"', "\\\\\"' ", "NULL", " ")
_ROWS: list[dict[str, object]] = [
    {
        "number": number,
        "name": _NAMES[number % len(_NAMES)] + str(number) if number % 3 else None,
        "picture": bytes([number]) if number % 2 else None,
        "found_at": NEW_YEAR.astimezone(timezone(timedelta(hours=number % 5)))
        if number % 4
        else None,
        "state": "dirty" if number < 30 else "clean",
    }
    for number in range(40)
]


@pytest.fixture
def shells(database: Database) -> Database:
    SHELLS.create(database.engine)
    return database


def kept(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(SHELLS).order_by(SHELLS.c.number))]


def test_rows_are_those_that_execute_would_write(shells: Database) -> None:
    with shells.writing() as session:
        assert execute_for_each(session, _INSERT, _ROWS) == len(_ROWS)
    fast = kept(shells)
    with shells.writing() as session:
        session.execute(SHELLS.delete())
        session.execute(_INSERT, _ROWS)
    assert kept(shells) == fast
    assert len(fast) == len(_ROWS)


def test_rows_that_were_touched_are_counted(shells: Database) -> None:
    with shells.writing() as session:
        execute_for_each(session, _INSERT, _ROWS)
        changes = [{"which": number, "new_name": f"shell {number}"} for number in range(20, 50)]
        # Of these ten were dirty, ten were clean already, and ten are not there.
        assert execute_for_each(session, _CLEAN, changes) == 10
    assert [row[1] for row in kept(shells)][20:30] == [f"shell {one}" for one in range(20, 30)]


def test_a_row_that_is_there_already_raises_what_execute_raises(shells: Database) -> None:
    with shells.writing() as session:
        execute_for_each(session, _INSERT, _ROWS[:1])
    with pytest.raises(IntegrityError), shells.writing() as session:
        execute_for_each(session, _INSERT, _ROWS)
    assert len(kept(shells)) == 1


def test_a_time_without_a_zone_is_refused(shells: Database) -> None:
    bad = {**_ROWS[1], "found_at": NEW_YEAR.replace(tzinfo=None)}
    with pytest.raises(ValueError, match="time zone"), shells.writing() as session:
        execute_for_each(session, _INSERT, [bad])


def test_a_value_too_long_is_refused_and_never_cut_off(shells: Database) -> None:
    long = [{**row, "name": "x" * 21} for row in _ROWS]
    if shells.is_sqlite:  # which has no longest text
        with shells.writing() as session:
            execute_for_each(session, _INSERT, long)
        assert {row[1] for row in kept(shells)} == {"x" * 21}
        return
    with pytest.raises(DataError), shells.writing() as session:
        execute_for_each(session, _INSERT, long)
