"""Writing hundreds of rows with one statement.

SQLAlchemy's own `execute` looks at every value of every row by itself, which
costs several times what the database does with it. Here each column is converted
as a whole, by the same processors of the same types.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, Dialect, Insert, Update
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

_Convert = Callable[[Any], Any]


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
    of its own beside the named parameters (write them out), or counts on defaults
    of the model.
    """
    connection = session.connection()
    written = _write(statement, connection.dialect, tuple(rows[0]))
    columns = [
        _converted([row[name] for row in rows], convert)
        for name, convert in zip(written.names, written.converters, strict=True)
    ]
    values: Iterator[tuple[object, ...]] = zip(*columns, strict=True)
    result: CursorResult[Any] = connection.exec_driver_sql(
        written.text,
        list(values)
        if written.is_positional
        else [dict(zip(written.names, row, strict=True)) for row in values],
    )
    return result.rowcount


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
def _write(statement: Insert | Update, dialect: Dialect, columns: tuple[str, ...]) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or compiled.binds)
    converters = tuple(
        compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
    )
    return _Written(str(compiled), names, converters, bool(compiled.positiontup))
