"""Telling other processes that something was committed: LISTEN and NOTIFY of PostgreSQL.

An announcement only says "look now". What happened is read from the tables, so
that one that is lost, or made up, changes nothing but the moment of a look:
whoever listens polls as well, slowly while `AnnouncementListener.is_listening`.
SQLite has no such thing; there everybody polls.
"""

import os
import select
import threading
from collections.abc import Callable, Collection
from typing import Final

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from foundation.database.answering import AnsweredConnection
from foundation.database.database import Database

# The standing of a certificate has changed: there is a new revocation epoch.
STANDING: Final = "certgate_standing"
# A session has ended.
SESSIONS: Final = "certgate_sessions"

_LOG = structlog.get_logger(__name__)
_NOTIFY = text("SELECT pg_notify(:channel, '')")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
# A connection that a firewall forgot looks alive until something is sent on it.
_PROOF_OF_LIFE_SECONDS = 5.0
_CONNECT_SECONDS = 5
_UNANSWERED_MILLISECONDS = 10_000


def announce(session: Session, channel: str) -> None:
    """Tell the listeners of `channel` when the transaction of `session` commits, not before.

    However often one transaction says it, they hear it once (NOTIFY).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_NOTIFY, {"channel": channel})


class AnnouncementListener:
    """Hears announcements on a connection and a thread of its own, and connects again by itself."""

    def __init__(self, database: Database, channels: Collection[str]) -> None:
        """Listen, once started, to `channels` of a PostgreSQL; of SQLite to nothing."""
        self._database = database
        self._channels = tuple(channels)
        self._told: list[Callable[[], None]] = []
        self._listening = threading.Event()
        self._stop_read, self._stop_write = os.pipe()
        self._thread: threading.Thread | None = None

    @property
    def is_listening(self) -> bool:
        """Whether announcements arrive now, as far as is known."""
        return self._listening.is_set()

    def tell(self, told: Callable[[], None]) -> None:
        """Call `told` after each announcement, and after each time that some may have been missed.

        It runs in the listener's thread and must not block.
        """
        self._told.append(told)

    def start(self) -> None:
        """Begin to listen; does not wait until a connection stands."""
        if not self._database.is_sqlite:
            self._thread = threading.Thread(target=self._run, name="announcements", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop listening, and wait until the thread has ended. To be called once."""
        os.write(self._stop_write, b"x")
        if self._thread is not None:
            self._thread.join()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                with self._connect() as connection:
                    pause = _FIRST_PAUSE
                    if self._hear(connection):
                        return
            except (psycopg.Error, OSError) as failed:
                # Only its kind: the text may name the address with the account.
                _LOG.warning("announcements_lost", failure=type(failed).__name__)
            finally:
                self._listening.clear()
            if self._stopped_within(pause):
                return
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        # As the pool connects, whatever the URL says, but outside of the pool.
        dialect = self._database.engine.dialect
        positional, named = dialect.create_connect_args(self._database.engine.url)
        bounds = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": _UNANSWERED_MILLISECONDS}
        connection = AnsweredConnection.connect(*positional, **{**bounds, **named})
        connection.set_autocommit(True)
        for channel in self._channels:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        return connection

    def _hear(self, connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
        """Pass on what arrives until asked to stop (True); raises when the connection ends."""
        self._listening.set()
        self._tell_all()
        while True:
            ready, _, _ = select.select(
                [connection.fileno(), self._stop_read], [], [], _PROOF_OF_LIFE_SECONDS
            )
            if self._stop_read in ready:
                return True
            if not ready:
                connection.execute("SELECT 1")
            if list(connection.notifies(timeout=0)):
                self._tell_all()

    def _tell_all(self) -> None:
        for told in self._told:
            try:
                told()
            except Exception:
                _LOG.exception("announcement_not_passed_on")

    def _stopped_within(self, seconds: float) -> bool:
        return bool(select.select([self._stop_read], [], [], seconds)[0])
