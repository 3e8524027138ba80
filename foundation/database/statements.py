"""Statements that every request needs, at a fraction of what `Session.execute` costs.

SQLAlchemy looks at a statement, its parameters and its result anew at each
execution, which takes longer than SQLite takes for the work. A `Statement` is
written out once for each database. An execution converts the values, by the
same processors of the same types, and hands them to the driver.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from foundation.database.driver import execute_in_driver

_Clause = Select[*tuple[Any, ...]] | Insert | Update | Delete
_Convert = Callable[[Any], Any]


class _Written(NamedTuple):
    """A statement as one database takes it, and how values go in and come out."""

    text: str
    parameters: tuple[tuple[str, _Convert | None], ...]
    constants: Mapping[str, object]
    is_positional: bool
    results: tuple[_Convert | None, ...]


class Statement:
    """One statement, for transactions of any database; values are given by their names.

    Raises what `Session.execute` raises. Not for lists of values (``IN``), nor for
    inserts that count on defaults of the model.
    """

    def __init__(self, clause: _Clause, *columns: str) -> None:
        """Take a clause; `columns` are what an INSERT, or an UPDATE without values, is given."""
        self._clause = clause
        self._columns = list(columns) or None
        returned = clause.exported_columns
        self._types = [column.type for column in returned]
        self._row = namedtuple("Row", map(str, returned.keys()))  # type: ignore[misc]
        self._written: dict[str, _Written] = {}

    def find(self, session: Session, **values: object) -> Any | None:
        """Return the first row, with the names of its columns, or None."""
        rows = self.rows(session, **values)
        return rows[0] if rows else None

    def rows(self, session: Session, **values: object) -> list[Any]:
        """Return every row, with the names of its columns."""
        written, cursor = self._execute(session, values)
        try:
            return [
                self._row(*map(_converted, written.results, found)) for found in cursor.fetchall()
            ]
        finally:
            cursor.close()

    def change(self, session: Session, **values: object) -> int:
        """Return how many rows it touched."""
        _, cursor = self._execute(session, values)
        try:
            return cursor.rowcount
        finally:
            cursor.close()

    def _execute(
        self, session: Session, values: Mapping[str, object]
    ) -> tuple[_Written, DBAPICursor]:
        # What was added or changed as an object has to be there, as before a query.
        session.flush()
        connection = session.connection()
        dialect = connection.dialect
        written = self._written.get(dialect.name) or self._write(dialect)
        given = {**written.constants, **values}
        converted = [_converted(convert, given[name]) for name, convert in written.parameters]
        if written.is_positional:
            return written, execute_in_driver(connection, written.text, converted)
        named = {
            name: value for (name, _), value in zip(written.parameters, converted, strict=True)
        }
        return written, execute_in_driver(connection, written.text, named)

    def _write(self, dialect: Dialect) -> _Written:
        compiled = self._clause.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        written = _Written(
            str(compiled),
            tuple(
                (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in compiled.positiontup or compiled.params
            ),
            {name: value for name, value in compiled.params.items() if value is not None},
            compiled.positiontup is not None,
            tuple(
                kind.dialect_impl(dialect).result_processor(dialect, None) for kind in self._types
            ),
        )
        self._written[dialect.name] = written
        return written


def _converted(convert: _Convert | None, value: Any) -> Any:
    return value if convert is None else convert(value)
