"""Engine and transactions.

Services take a `Session` and never commit; the route (or command, or job)
around them opens `writing()`, which commits when its block ends and rolls
back when it raises. Work that must only follow a commit is handed to
`after_commit`, work that must be the last of a transaction to `before_commit`
(`foundation.database.follow_ups`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, Row, Select, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.database.answering import bound
from foundation.database.connecting import POOL, answered_within, patience, reaching
from foundation.database.driver import execute_in_driver
from foundation.database.follow_ups import FollowUps
from foundation.database.group_commit import GroupCommit
from foundation.database.reuse import alive_before_reuse

Made = TypeVar("Made")

_BEGIN = "certgate_begin"
_SYNCHRONOUS = "certgate_synchronous"
_WITHOUT_WAITING = "SET LOCAL synchronous_commit TO OFF"
_SQLITE_BUSY_MILLISECONDS = 15_000
# 16 MB of log instead of 4 before SQLite carries it over and flushes both files: one
# certificate writes 33 pages. No more than fit the first block of the log's index (4062,
# SQLite "WAL-mode file format", 2.2), so that reading costs the same. After a crash
# reading such a log anew took 10 ms of processor time (1000 pages: 3 ms).
_SQLITE_LOG_PAGES = 4_000


class Database:
    """A database with its pool of connections."""

    def __init__(self, url: str, *, within: float | None = None) -> None:
        """Take a SQLAlchemy URL, ``sqlite:///file`` or ``postgresql+psycopg://...``.

        A PostgreSQL that says nothing for `within` seconds is given up; by
        default that is a little more than it may work on a statement.
        """
        self.url = url
        self.engine = _make_engine(url, within)
        # Of one pool: how a transaction begins is settled once for each kind.
        self._reading = _sessions(self.engine, certgate_reading=True)
        self._writing = {
            durable: _sessions(self.engine, **{_BEGIN: "IMMEDIATE", "certgate_durable": durable})
            for durable in (True, False)
        }
        self._alone = self.engine.execution_options(**_alone(self.is_sqlite))
        self._group = GroupCommit(self.writing)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database of a single node."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """Open a transaction that may write; it commits when the block ends.

        On SQLite it begins IMMEDIATE: two writers queue at the start and
        neither fails half-way with "database is locked".

        Without `durable` the commit does not wait for the disk. It is kept when
        this program ends in whatever way; a power cut may undo it, with all such
        commits since the last durable one, and never leaves half of it.
        """
        session = self._writing[durable]()
        try:
            if self.is_sqlite:
                session.connection()
            elif not durable:
                execute_in_driver(session.connection(), _WITHOUT_WAITING).close()
            yield session
            FollowUps.of(session).run_before()
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        FollowUps.take(session).run_after()

    def write_together(self, work: Callable[[Session], Made]) -> Made:
        """Return what `work` returns, in a transaction that other threads may share.

        As a `writing` block that does nothing but `work`, with less waiting for
        the disk where many write; see `foundation.database.group_commit` for
        what a work must not do.
        """
        return self._group.do(work)

    @contextmanager
    def reading(self, *, once: bool = False) -> Iterator[Session]:
        """Open a transaction that only reads; whatever it changed is rolled back.

        Who reads `once`, by one statement, needs none: it sees one moment.
        """
        session = self._reading(bind=self._alone) if once else self._reading()
        try:
            yield session
        finally:
            # Closing rolls back and, unlike a rollback, leaves what was read readable.
            session.close()

    def ask(self, question: Select[Any], values: Mapping[str, object]) -> Row[Any] | None:
        """Return the one row that answers `question` now, or None.

        For what is asked with every request: a statement alone sees one moment
        of the database and needs no transaction, and columns need no objects.
        """
        with self._alone.connect() as connection:
            return connection.execute(question, values).one_or_none()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _sessions(engine: Engine, **options: object) -> sessionmaker[Session]:
    return sessionmaker(engine.execution_options(**options), expire_on_commit=False)


def _make_engine(url: str, within: float | None) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={**reaching(url), **patience(url)},
            **POOL,
        )
        # Before `bound`, which gives a connection more time once it is in use.
        alive_before_reuse(engine)
        event.listen(engine, "handle_error", _leave_standby)
        bound(engine, within or answered_within(url))
        return engine
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=10)
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _alone(is_sqlite: bool) -> dict[str, object]:
    """Return the options of connections on which each statement stands alone."""
    # SQLAlchemy's own AUTOCOMMIT would leave the driver's BEGIN on in SQLite's pool.
    return {_BEGIN: None} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}


def _leave_standby(context: ExceptionContext) -> None:
    # A primary that became a standby keeps its connections: none of them may
    # go back into the pool, or every write would fail until the node restarts.
    if isinstance(context.original_exception, ReadOnlySqlTransaction):
        context.is_disconnect = True


def _prepare_sqlite_connection(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN is switched off; _begin_sqlite_transaction
    # decides how a transaction starts (SQLAlchemy documentation, "pysqlite").
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: an acknowledged commit survives a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_SQLITE_LOG_PAGES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = options.get(_BEGIN, "DEFERRED")
    if begin is None:
        return
    if not options.get("certgate_reading"):
        _set_durability(connection, durable=options.get("certgate_durable", True))
    execute_in_driver(connection, f"BEGIN {begin}").close()


def _set_durability(connection: Connection, *, durable: bool) -> None:
    # It cannot be changed inside a transaction, and stays with the connection.
    wanted = "FULL" if durable else "NORMAL"
    if connection.info.get(_SYNCHRONOUS, "FULL") != wanted:
        execute_in_driver(connection, f"PRAGMA synchronous = {wanted}").close()
        connection.info[_SYNCHRONOUS] = wanted
