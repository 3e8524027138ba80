"""One column of very many rows comes whole and in its order, in parts or at once."""

from datetime import timedelta

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select
from sqlalchemy.exc import DBAPIError

from foundation.database import Database, UtcDateTime, read_values, stream_values
from tests.support.clock import NEW_YEAR

PEBBLES = Table(
    "pebbles",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", String(20)),
    Column("picture", LargeBinary),
    Column("found_at", UtcDateTime()),
)
COUNT = 10
_ROWS = [
    {
        "number": number,
        "name": f"石 %s :a {number}",
        "picture": bytes([number, 0, 255]),
        "found_at": NEW_YEAR + timedelta(days=number),
    }
    for number in range(COUNT)
]


@pytest.fixture
def pebbles(database: Database) -> Database:
    PEBBLES.create(database.engine)
    with database.writing() as session:
        session.execute(insert(PEBBLES), _ROWS)
    return database


# 1, a divisor, one that leaves a rest, all, more than there are.
@pytest.mark.parametrize("at_once", [1, 5, 3, COUNT, COUNT + 1])
def test_every_row_comes_once_in_order(pebbles: Database, at_once: int) -> None:
    names = select(PEBBLES.c.name).order_by(PEBBLES.c.number)
    pictures = select(PEBBLES.c.picture).order_by(PEBBLES.c.number.desc())
    with pebbles.reading() as session:
        parts = list(stream_values(session, names, at_once))
        assert [name for part in parts for name in part] == [row["name"] for row in _ROWS]
        assert max(map(len, parts)) <= at_once
        # The same transaction streams again, and reads at once what it streamed.
        streamed = [one for part in stream_values(session, pictures, at_once) for one in part]
        assert streamed == [row["picture"] for row in reversed(_ROWS)]
        assert read_values(session, pictures) == streamed


def test_parameters_of_every_type_are_the_databases_own(pebbles: Database) -> None:
    query = (
        select(PEBBLES.c.name)
        .where(PEBBLES.c.found_at > NEW_YEAR + timedelta(days=3))
        .where(PEBBLES.c.picture != bytes([5, 0, 255]))
        .where(PEBBLES.c.name != "石 %s :a 6")
        .where(PEBBLES.c.number < 9)
        .order_by(PEBBLES.c.number)
    )
    found = [_ROWS[number]["name"] for number in (4, 7, 8)]
    with pebbles.reading() as session:
        assert [each for part in stream_values(session, query, 2) for each in part] == found
        assert read_values(session, query) == found


def test_nothing_found_and_a_query_that_fails(pebbles: Database) -> None:
    with pebbles.reading() as session:
        nothing = select(PEBBLES.c.name).where(PEBBLES.c.number < 0)
        assert [each for part in stream_values(session, nothing, 2) for each in part] == []
        missing = Table("no_pebbles", MetaData(), Column("name", String(20)))
        with pytest.raises(DBAPIError):
            list(stream_values(session, select(missing.c.name), 2))
