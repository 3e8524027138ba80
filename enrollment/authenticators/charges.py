"""What an attempt was charged, until it is forgiven or has failed.

Neither the charge nor its forgiving waits for the disk, because every right
secret pays for both: a power cut may forget the charges of its last moment.
Failures are durable before they are answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from enrollment.authenticators.counters import Counter
from enrollment.authenticators.throttling import Throttling
from foundation.database import Database, after_commit
from foundation.database.failures import find_unavailability
from foundation.errors import Unavailable

# As of a database that is away (`foundation.database.failures`), which is why.
_RETRY_AFTER = timedelta(seconds=5)


class ThrottleUnavailable(Unavailable):
    """Attempts cannot be counted now, so none is let through."""

    def __init__(self) -> None:
        super().__init__("throttle-unavailable")
        self.retry_after = _RETRY_AFTER


@contextmanager
def counting(database: Database, *, durable: bool) -> Iterator[Session]:
    """Open a transaction for counters; raises `Unavailable` when they cannot be kept.

    `DatabaseUnavailable` when that is why, and `ThrottleUnavailable` otherwise.
    """
    try:
        with database.writing(durable=durable) as session:
            yield session
    except SQLAlchemyError as failure:
        raise find_unavailability(failure) or ThrottleUnavailable() from failure


class Charge:
    """The charge of an attempt whose secret was right: to be forgiven, once.

    As a context manager it is forgiven at the latest when the block ends, however
    that ends.
    """

    def __init__(self, database: Database, counters: Sequence[Counter]) -> None:
        """Take the counters that were charged; without any there is nothing to forgive."""
        self._database = database
        self._counters = counters
        self._is_over = not counters

    def forgive(self, session: Session) -> None:
        """Forgive it in a transaction of the caller's; until that is committed it stands."""
        if not self._is_over:
            Throttling.forgive(session, self._counters)
            after_commit(session, self._end)

    def settle(self) -> None:
        """Forgive it in a transaction of its own, unless that was done; see `counting`."""
        if not self._is_over:
            with counting(self._database, durable=False) as session:
                self.forgive(session)

    def __enter__(self) -> "Charge":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.settle()

    def _end(self) -> None:
        self._is_over = True
