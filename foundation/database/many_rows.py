"""Writing hundreds of rows with one statement.

SQLAlchemy's own `execute` looks at every value of every row by itself, which
costs several times what the database does with it. Here each column is converted
as a whole, by the same processors of the same types. To PostgreSQL each column of
more than a few rows goes as one array: one statement there, one round trip, and
half the processor time of as many statements (`foundation.database.arrays`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Insert, LargeBinary, Update
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from foundation.database.arrays import from_arrays, write_array
from foundation.database.driver import Parameters, execute_in_driver

_Convert = Callable[[Any], Any]
# So few are prepared statements, which take a shorter way through the server.
_FEW = 16


class _Written(NamedTuple):
    """A statement as one database takes it, with its parameters in their places."""

    text: str
    names: tuple[str, ...]
    converters: tuple[_Convert | None, ...]
    is_positional: bool


def execute_for_each(
    session: Session, statement: Insert | Update, rows: Sequence[Mapping[str, object]]
) -> int:
    """Execute `statement` with each of `rows`, and return how many rows of the table it touched.

    All rows have the names of the first, and there is one at least. Raises what
    `Connection.execute` raises. Not for a statement that returns rows, has values
    of its own beside the named parameters (write them out), counts on defaults
    of the model, or would touch a row of the table for two of `rows`.
    """
    connection = session.connection()
    as_arrays = connection.dialect.name == "postgresql" and len(rows) > _FEW
    written = _write(statement, connection.dialect, tuple(rows[0]), as_arrays)
    columns = [
        _converted([row[name] for row in rows], convert)
        for name, convert in zip(written.names, written.converters, strict=True)
    ]
    given = [_arrays(written, columns)] if as_arrays else _one_by_one(written, columns)
    cursor = execute_in_driver(connection, written.text, *given)
    try:
        return cursor.rowcount
    finally:
        cursor.close()


def _arrays(written: _Written, columns: list[list[object]]) -> dict[str, object]:
    return dict(zip(written.names, map(write_array, columns), strict=True))


def _one_by_one(written: _Written, columns: list[list[object]]) -> Sequence[Parameters]:
    values: Iterator[tuple[object, ...]] = zip(*columns, strict=True)
    if written.is_positional:
        return list(values)
    return [dict(zip(written.names, row, strict=True)) for row in values]


def _converted(values: list[object], convert: _Convert | None) -> list[object]:
    if convert is None:
        return values
    # What many rows share, a time say, is mostly one object: it is converted once.
    before, made = values[0], convert(values[0])
    converted = []
    for value in values:
        if value is not before:
            before, made = value, convert(value)
        converted.append(made)
    return converted


@lru_cache(maxsize=64)
def _write(
    statement: Insert | Update, dialect: Dialect, columns: tuple[str, ...], as_arrays: bool
) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or compiled.binds)
    types = {name: compiled.binds[name].type for name in names}
    converters = tuple(
        # What it would make of octets is for the driver's own way of writing them.
        None
        if as_arrays and isinstance(types[name], LargeBinary)
        else types[name].dialect_impl(dialect).bind_processor(dialect)
        for name in names
    )
    text = str(from_arrays(statement, types).compile(dialect=dialect) if as_arrays else compiled)
    return _Written(text, names, converters, bool(compiled.positiontup))
