"""Doing one batch's work while the database does another's.

A statement for hundreds of rows and a flush to the disk need nothing of Python, so
a thread waits for them while this one drafts and signs. Two threads of Python
would take turns and lose by it: on SQLite, where every row of a statement is a
turn, the one that begins a transaction waits until its statements are over, and
only the commit runs beside it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy.orm import Session

from foundation.database import Database

Item = TypeVar("Item")


def one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield each item once the next one is there; when that one fails, the item comes first."""
    try:
        item = next(items)
    except StopIteration:
        return
    while True:
        try:
            following = next(items)
        except StopIteration:
            yield item
            return
        except Exception as failure:
            yield item
            raise failure
        yield item
        item = following


class Transactions:
    """Transactions one after the other, each in a thread that only does them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")

    def begin(self, work: Callable[[Session], None]) -> Future[None]:
        """Return a transaction with this work, which holds when the future has come."""
        is_written = Event()
        future = self._thread.submit(self._do, work, is_written)
        if self._database.is_sqlite:
            is_written.wait()
        return future

    def _do(self, work: Callable[[Session], None], is_written: Event) -> None:
        try:
            with self._database.writing() as session:
                work(session)
                is_written.set()
        finally:
            is_written.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
