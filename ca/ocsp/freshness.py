"""The revocation epoch as the database has it now, for many askers at once.

A remembered answer is given again under an epoch that was read after the
question came. That is one small read per answer on SQLite; on PostgreSQL, where
it is a round trip, those who come during a read share the next one.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import select

from ca.models import RevocationEpoch
from ca.ocsp.epoch_line import EpochLine
from foundation.database import Database
from foundation.database.connecting import reaching

Tell = Callable[[int | None], None]

_READ = select(RevocationEpoch.value).where(RevocationEpoch.id == 1)


class FreshEpoch:
    """Reads the epoch on connections of its own. Lives in the event loop's thread."""

    def __init__(self, database: Database) -> None:
        self._sql = str(_READ.compile(database.engine, compile_kwargs={"literal_binds": True}))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="epoch")
        self._here = _OwnConnection(database) if database.is_sqlite else None
        self._there = _OwnConnection(database)
        self._has_line = not database.is_sqlite
        self._line: EpochLine | None = None
        self._waiting: list[Tell] = []
        self._is_reading = False

    @property
    def is_at_hand(self) -> bool:
        """Return whether `at_hand` is the way to read here, or `ask` is."""
        return self._here is not None

    def at_hand(self) -> int | None:
        """Return the epoch if reading it takes no waiting, otherwise None.

        On SQLite it is a page in memory and no lock that a writer holds; an
        error is left to `ask`.
        """
        if self._here is None:
            return None
        try:
            return self._here.read(self._sql)
        except sqlite3.Error:
            self._here.close()
            return None

    def ask(self, tell: Tell) -> None:
        """Call `tell` with an epoch whose reading begins after now, or None on failure."""
        self._waiting.append(tell)
        if not self._is_reading:
            self._is_reading = True
            # In the next turn of the loop: who else comes in this one shares it.
            asyncio.get_running_loop().call_soon(self._begin)

    def close(self) -> None:
        """Close the connections; nobody may ask any more."""
        self._thread.shutdown()
        if self._here is not None:
            self._here.close()
        self._leave_line()
        self._there.close()

    def _begin(self) -> None:
        askers, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        if self._line is None or not self._line.ask(loop, partial(self._came, loop, askers)):
            self._read_in_thread(loop, askers)

    def _came(self, loop: asyncio.AbstractEventLoop, askers: list[Tell], epoch: int | None) -> None:
        if epoch is None:
            # It may only be that the server closed the connection.
            self._read_in_thread(loop, askers)
        else:
            self._end(epoch, askers)

    def _read_in_thread(self, loop: asyncio.AbstractEventLoop, askers: list[Tell]) -> None:
        self._leave_line()
        reading = loop.run_in_executor(self._thread, self._read_or_none)
        reading.add_done_callback(lambda done: self._end(done.result(), askers))

    def _end(self, epoch: int | None, askers: list[Tell]) -> None:
        self._is_reading = bool(self._waiting)
        if self._waiting:
            # First, so that the server reads it while these are answered.
            self._begin()
        for tell in askers:
            tell(epoch)

    def _leave_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    def _read_or_none(self) -> int | None:
        # Twice: the first failure may be a connection that the server closed.
        for _ in range(2):
            try:
                epoch = self._there.read(self._sql)
                if self._has_line and self._line is None:
                    self._line = EpochLine(self._there.opened(), self._sql)
            except Exception:  # whatever the driver raises
                self._there.close()
            else:
                return epoch
        return None


class _OwnConnection:
    """A connection outside the pool, opened when needed, in autocommit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None

    def read(self, sql: str) -> int | None:
        """Return the one value; raises whatever the driver raises."""
        if self._connection is None:
            self._connection = self._open()
        # All rows, though there is one: a statement that is not run to its end
        # keeps its snapshot, and the next would read the past.
        rows = self._connection.execute(sql).fetchall()
        return rows[0][0] if rows else None

    def opened(self) -> Any:
        """Return the driver's connection; it has been read over."""
        return self._connection

    def close(self) -> None:
        """Close it; the next read opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> Any:
        # Not from the pool: waiting for a place there would hold the event loop.
        engine = self._database.engine
        arguments, options = engine.dialect.create_connect_args(engine.url)
        if self._database.is_sqlite:
            own = {"timeout": 0, "isolation_level": None, "check_same_thread": False}
            return engine.dialect.connect(*arguments, **{**options, **own})
        return engine.dialect.connect(
            *arguments, **reaching(engine.url), **{**options, "autocommit": True}
        )
