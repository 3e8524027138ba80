"""Handing a statement to the driver of a connection without SQLAlchemy in between."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

Parameters = Sequence[object] | Mapping[str, object]

_NOTHING: tuple[object, ...] = ()


def execute_in_driver(
    connection: Connection,
    statement: str,
    parameters: Parameters = _NOTHING,
    *more: Parameters,
) -> DBAPICursor:
    """Return the cursor of a statement executed with each of the parameters, to be closed.

    Failures are told as SQLAlchemy tells them: in its own exceptions, to whoever
    listens (`handle_error`), and with a lost connection kept out of the pool.
    """
    cursor = connection.connection.cursor()
    try:
        if more:
            cursor.executemany(statement, cast(Any, (parameters, *more)))
        else:
            # PostgreSQL's driver would make a pipeline of one, which costs a round trip.
            cursor.execute(statement, parameters)
    except BaseException as error:
        connection._handle_dbapi_exception(error, statement, parameters, cursor, None)
    return cursor
