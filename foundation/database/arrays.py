"""Statements of PostgreSQL that take each column of many rows as one array.

``INSERT ... SELECT ... FROM unnest(...)`` and ``UPDATE ... FROM unnest(...)``
(PostgreSQL documentation, sections 9.19 and 7.2.1.4). An array goes as its text
(section 8.15.6), which is put together here: handing the driver lists makes it
look at every element by itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Insert, String, Text, Update, bindparam, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

_GIVEN = "given"


def from_arrays(
    statement: Insert | Update, types: Mapping[str, TypeEngine[Any]]
) -> Insert | Update:
    """Return the statement with an array for each named parameter, given as text.

    An INSERT has no other values than its parameters, each named like its column.
    """
    arrays = (
        sql_cast(bindparam(name, type_=Text), ARRAY(_element_type(kind)))
        for name, kind in types.items()
    )
    given = func.unnest(*arrays).table_valued(*types, name=_GIVEN).render_derived()
    if isinstance(statement, Insert):
        return statement.from_select(list(types), select(given))
    replaced = replacement_traverse(
        statement,
        {},
        lambda element, **_: given.c[element.key] if isinstance(element, BindParameter) else None,
    )
    assert isinstance(replaced, Update), "a statement is copied as what it is"
    return replaced


def write_array(values: list[object]) -> str:
    """Return the text of an array; raises `TypeError` for a kind of value it does not know."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return rf'"\\x{value.hex()}"'
        case str():
            # Between quotes nothing else has a meaning.
            return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'
        case bool() | int():
            return str(value)
        case datetime():
            return f'"{value.isoformat()}"'
    raise TypeError(f"a {type(value).__name__} has no place in an array")


def _element_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    # A cast to VARCHAR(n) cuts a longer value off; assigning to the column refuses it.
    return Text() if isinstance(kind, String) else kind
