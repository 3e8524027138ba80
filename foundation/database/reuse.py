"""Whether a connection of PostgreSQL's pool still works, before it is used again.

SQLAlchemy's own way, `pool_pre_ping`, asks the server each time: one more round
trip for every transaction. A server that ended a connection has said so, or its
kernel has, and that is there to be read. So a connection that was in use a moment
ago is only looked at; one that has rested may have been forgotten by a firewall or
a server that went without a word, and is asked. What ends later than this look
fails in use, as it always could (`foundation.database.failures`).
"""

import select
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

from foundation.database.answering import AnsweredConnection

# A node at work uses each of its connections many times in it. A server that stops in
# the middle keeps no more callers waiting for it than the statements of one second.
_A_MOMENT_SECONDS = 1.0


def alive_before_reuse(engine: Engine) -> None:
    """Let the pool of `engine` hand out no connection that is known to be lost."""

    def note_use(connection: Any, *_: object) -> None:
        if connection is not None:
            connection.used_at = monotonic()

    def begin_use(connection: Any, *_: object) -> None:
        try:
            if monotonic() - connection.used_at > _A_MOMENT_SECONDS or _has_been_told(connection):
                engine.dialect.do_ping(connection)
        except psycopg.Error as lost:
            # The pool then gives up what it has, and connects anew.
            raise InvalidatePoolError from lost

    event.listen(engine, "connect", note_use)
    event.listen(engine, "checkout", begin_use)
    event.listen(engine, "checkin", note_use)


def _has_been_told(connection: AnsweredConnection) -> bool:
    """Say whether there is something to read, or nobody to read from; nothing was asked."""
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))
