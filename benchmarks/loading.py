"""Loading many rows as fast as a database takes them; for databases made to be measured.

Nothing of it is durable while it runs: a power cut spoils the database. Indexes
that can be are made afterwards, in one go.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, text
from sqlalchemy.types import TypeEngine

from foundation.database import Database
from foundation.database.model import UtcDateTime

Row = Mapping[str, Any]

_SQLITE_CACHE_KIB = 1_000_000


@contextmanager
def loading(database: Database, tables: Sequence[Table]) -> Iterator[Connection]:
    """Yield a connection in a transaction on which `load` is quick; it ends with the indexes."""
    engine = database.engine
    with engine.connect() as connection:
        if database.is_sqlite:
            _set_sqlite(connection, "OFF", _SQLITE_CACHE_KIB)
        indexes = [index for table in tables for index in table.indexes]
        try:
            with connection.begin():
                if not database.is_sqlite:
                    # One statement loads everything, and takes longer than any other may.
                    # The rows of it are made while it waits.
                    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                        connection.execute(text(f"SET LOCAL {limit} = 0"))
                for index in indexes:
                    index.drop(connection)
                yield connection
                for index in indexes:
                    index.create(connection)
        finally:
            if database.is_sqlite:
                _set_sqlite(connection, "FULL", 2_000)


def load(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows of the same columns, past the object layer."""
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return
    columns = list(first)
    values = _in_the_drivers_form(connection, table, columns, chain([first], remaining))
    if connection.dialect.name == "sqlite":
        _insert(connection, table, columns, values)
    else:
        _copy(connection, table, columns, values)


def _insert(
    connection: Connection, table: Table, columns: list[str], values: Iterator[tuple[Any, ...]]
) -> None:
    cursor: Any = connection.connection.cursor()
    places = ", ".join("?" * len(columns))
    cursor.executemany(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})",  # noqa: S608
        values,
    )


def _copy(
    connection: Connection, table: Table, columns: list[str], values: Iterator[tuple[Any, ...]]
) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _in_the_drivers_form(
    connection: Connection, table: Table, columns: list[str], rows: Iterable[Row]
) -> Iterator[tuple[Any, ...]]:
    dialect = connection.dialect
    processors = [_processor(table.columns[name].type, dialect) for name in columns]
    for row in rows:
        yield tuple(
            row[name] if process is None else process(row[name])
            for name, process in zip(columns, processors, strict=True)
        )


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    # Of all types this is the slow one, and few moments are written often.
    return lru_cache(process) if isinstance(kind, UtcDateTime) and process is not None else process


def _set_sqlite(connection: Connection, synchronous: str, cache_kib: int) -> None:
    # Past SQLAlchemy, which would begin a transaction, in which this cannot be set.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.execute(f"PRAGMA cache_size = -{cache_kib}")
    cursor.close()
