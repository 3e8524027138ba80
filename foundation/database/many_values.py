"""Reading one column of very many rows.

SQLAlchemy's result makes an object of each row, which costs several times what
the database and the driver do with it. Here the driver's own rows are taken.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, CursorResult, Select
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Value = TypeVar("Value", str, bytes)

_CURSOR: Final = "certgate_values"


def read_values(session: Session, query: Select[Value]) -> Sequence[Value]:
    """Return the only column of `query`, text or octets; all of it is in memory."""
    return _firsts(_cursor(session.connection().execute(query)).fetchall())


def stream_values(
    session: Session, query: Select[Value], at_once: int
) -> Iterator[Sequence[Value]]:
    """Yield the only column of `query`, text or octets, `at_once` rows at a time.

    Only so many are in memory. To be read to its end, one query after the other:
    on PostgreSQL it is a cursor of the transaction.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        cursor = _cursor(connection.execute(query))
        while rows := cursor.fetchmany(at_once):
            yield _firsts(rows)
        return
    # The driver's cursor of its own would tell failures in its own words, and
    # SQLAlchemy's around it keeps the first row for itself.
    _declare(connection, query)
    fetch = f"FETCH FORWARD {at_once} FROM {_CURSOR}"
    while rows := _cursor(connection.exec_driver_sql(fetch)).fetchall():
        yield _firsts(rows)
        if len(rows) < at_once:
            break
    connection.exec_driver_sql(f"CLOSE {_CURSOR}")


def _declare(connection: Connection, query: Select[Any]) -> None:
    dialect = connection.dialect
    compiled = query.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    parameters = {}
    for name, value in compiled.params.items():
        convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        parameters[name] = value if convert is None else convert(value)
    connection.exec_driver_sql(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {compiled}", parameters)


def _cursor(result: CursorResult[Any]) -> Any:
    return result.cursor


def _firsts(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in rows]
