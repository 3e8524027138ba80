"""Asking PostgreSQL for one number from the event loop, without a thread and without waiting.

The question is prepared once. Two threads handing each other every question
would cost more than the question itself.
"""

import asyncio
from collections.abc import Callable

import psycopg
from psycopg import pq

_NAME = b"certgate_epoch"
_BINARY = 1

Told = Callable[[int | None], None]


class EpochLine:
    """A connection with a prepared statement of one row and one bigint; one question at a time.

    The connection is the caller's, who closes it after `leave`, and nobody else
    uses it while a question is open.
    """

    def __init__(self, connection: "psycopg.Connection[object]", sql: str) -> None:
        """Prepare the statement; waits for the server. Raises `psycopg.Error`."""
        self._server = connection.pgconn
        prepared = self._server.prepare(_NAME, sql.encode())
        if prepared.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(prepared.get_error_message())
        self._socket = self._server.socket
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: Told | None = None
        self._value: int | None = None

    def ask(self, loop: asyncio.AbstractEventLoop, told: Told) -> bool:
        """Send the question; `told` hears the number in the loop, or None when the line broke.

        Returns False when it could not be sent; `told` hears nothing then.
        """
        try:
            if self._loop is not loop:
                self._loop = loop
                loop.add_reader(self._socket, self._read)
            self._server.send_query_prepared(_NAME, None, result_format=_BINARY)
            # So short a question always fits, unless nobody takes anything any more.
            if self._server.flush():
                return False
        except (psycopg.Error, OSError):
            return False
        self._told, self._value = told, None
        return True

    def leave(self) -> None:
        """Stop looking at the connection. Call it before the connection is closed.

        Also of one that broke: the loop must not know its number when it is another's.
        """
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
        self._loop = None

    def _read(self) -> None:
        try:
            self._server.consume_input()
            while not self._server.is_busy():
                result = self._server.get_result()
                if result is None:
                    self._tell(self._value)
                    return
                self._take(result)
        except psycopg.Error:
            self.leave()
            self._tell(None)

    def _take(self, result: pq.abc.PGresult) -> None:
        if result.status == pq.ExecStatus.TUPLES_OK and result.ntuples == 1:
            value = result.get_value(0, 0)
            self._value = int.from_bytes(value, "big", signed=True) if value is not None else None

    def _tell(self, value: int | None) -> None:
        told, self._told = self._told, None
        if told is not None:
            told(value)
