"""Handing a statement to the driver of a connection without SQLAlchemy in between."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

_NOTHING: tuple[object, ...] = ()


def execute_in_driver(
    connection: Connection,
    statement: str,
    parameters: Sequence[object] | Mapping[str, object] = _NOTHING,
) -> DBAPICursor:
    """Return the cursor of an executed statement, for the caller to close.

    Failures are told as SQLAlchemy tells them: in its own exceptions, to whoever
    listens (`handle_error`), and with a lost connection kept out of the pool.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, parameters)
    except BaseException as error:
        connection._handle_dbapi_exception(error, statement, parameters, cursor, None)
    return cursor
