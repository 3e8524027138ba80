"""Writes of many threads carried by one commit.

What a commit waits for is the disk, once for however much it holds. Whoever
comes while others commit waits in a queue, and the first of the queue then does
the work of all in it, in one transaction. Nobody waits for company: who finds
no queue begins at once.

1. Each work stands in a savepoint of its own: what it raises undoes it alone.
2. One commit for all.
3. Only after it each caller is given what his work returned, or raised.

When the transaction as a whole fails, it has failed for everybody in it.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from foundation.database.follow_ups import FollowUps

Made = TypeVar("Made")
Writing = Callable[[], AbstractContextManager[Session]]

# So many that the disk is shared well, so few that other processes get their
# turn at the database within a moment.
MOST = 32


@dataclass
class _Place:
    """One caller in the queue."""

    work: Callable[[Session], Any]
    turn: threading.Event = field(default_factory=threading.Event)
    is_over: bool = False
    made: Any = None
    error: BaseException | None = None


class GroupCommit:
    """The queue of one database in one process; safe for many threads."""

    def __init__(self, writing: Writing) -> None:
        """`writing` opens a transaction, as `Database.writing` does."""
        self._writing = writing
        self._lock = threading.Lock()
        self._queue: deque[_Place] = deque()
        self._is_led = False
        self._leader: int | None = None

    @property
    def waiting(self) -> int:
        """Return how many stand in the queue behind those whose work is being done."""
        with self._lock:
            return len(self._queue)

    def do(self, work: Callable[[Session], Made]) -> Made:
        """Return what `work` returns, after it is committed; raises what it raises.

        The work may run in another thread, and shares its session: it returns
        no object of the session, and opens no transaction of its own.
        """
        if self._leader == threading.get_ident():
            raise RuntimeError("a work that shares a transaction opens none of its own")
        place = _Place(work)
        with self._lock:
            self._queue.append(place)
            leads = not self._is_led
            self._is_led = True
        if not leads:
            place.turn.wait()
        if not place.is_over:
            self._lead()
        if place.error is not None:
            raise place.error
        return cast(Made, place.made)

    def _lead(self) -> None:
        with self._lock:
            self._leader = threading.get_ident()
            places = [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
        try:
            self._carry(places)
        except BaseException as error:
            for place in places:
                place.error = place.error or error
        finally:
            self._pass_on(places)

    def _carry(self, places: list[_Place]) -> None:
        with self._writing() as session:
            if len(places) == 1:
                # The transaction itself is his savepoint.
                places[0].made = places[0].work(session)
                return
            for place in places:
                self._do_one(session, place)

    @staticmethod
    def _do_one(session: Session, place: _Place) -> None:
        follow_ups = FollowUps.of(session)
        before = follow_ups.mark()
        try:
            with session.begin_nested():
                place.made = place.work(session)
        except Exception as error:
            if not _is_open(session):
                raise
            follow_ups.forget_since(before)
            place.error = error
        finally:
            # What one has read is not what the next one finds.
            session.expunge_all()

    def _pass_on(self, places: list[_Place]) -> None:
        """Wake everybody whose work is over, and the next one to lead."""
        with self._lock:
            self._leader = None
            self._is_led = bool(self._queue)
            following = [self._queue[0]] if self._queue else []
        for place in places:
            place.is_over = True
        for place in (*places, *following):
            place.turn.set()


def _is_open(session: Session) -> bool:
    # A full disk makes SQLite roll back everything; what came next would be a
    # transaction of its own (SQLite documentation, "Transactions", section 2.3).
    driver = session.connection().connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", True))
