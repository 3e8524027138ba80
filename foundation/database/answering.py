"""A connection to PostgreSQL that gives up a server which says nothing.

A server that has gone is noticed by the kernel (`connecting`). One that is
stopped in the middle, or behind something that swallows what it says, is not:
its machine acknowledges every packet, the statement's own timeout runs at the
server, and libpq has none.
"""

from math import inf
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import Engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

# More than the server gives a statement: it should be the one to say so.
STATEMENT_SECONDS = 35.0
# Whether a pooled connection still works is a question without work behind it.
_PING_SECONDS = 5.0
_INTERVAL = 0.1


class AnsweredConnection(psycopg.Connection[Any]):
    """A connection that is closed when one answer takes longer than `within` seconds.

    None waits without end. `used_at` is when its last use ended, by the monotonic clock
    (`foundation.database.reuse`).
    """

    within: float | None = _PING_SECONDS
    used_at: float = -inf

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:
        """Return what `gen` returns; raises `OperationalError` when the server is silent."""
        if timeout is not None or self.within is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.within)
        except _WaitTimeout as late:
            # What it still says would be taken for the answer to the next question.
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from late


def bound(engine: Engine, within: float | None) -> None:
    """Make every connection of `engine` give up after so many seconds, and sooner before use."""

    def connect(_: Dialect, __: object, positional: list[Any], named: dict[str, Any]) -> object:
        return AnsweredConnection.connect(*positional, **named)

    def begin_use(connection: Any, *_: object) -> None:
        connection.within = within

    def end_use(connection: Any, *_: object) -> None:
        # A pooled connection may be asked before it is handed out again.
        if connection is not None:
            connection.within = _PING_SECONDS

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", begin_use)
    event.listen(engine, "checkin", end_use)


def wait_for_answers(session: Session) -> None:
    """Let the connection of `session` wait without end until it goes back into the pool."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, AnsweredConnection)
    connection.within = None
