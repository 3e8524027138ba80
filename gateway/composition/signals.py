"""What happens outside the database after an act; set by the process that serves.

A command has neither jobs nor connections. The serving process finds both by
itself: the sweep takes lost reviews, the standing watch sees the epoch.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.orm import Session

from gateway.sessions import LiveSession

REVIEW_JOB: Final = "automatic_review"
BULK_REVOCATION_JOB: Final = "bulk_revocation"
LOGOUT_JOB: Final = "openid_logout"


class Enqueue(Protocol):
    """How a durable job is recorded; see `foundation.jobs.Jobs.enqueue`."""

    def __call__(self, name: str, key: str, *, delay: timedelta = ...) -> None:
        """Record job `name` for `key`, to run after `delay`."""
        ...


class Signals:
    """Who is told, and the jobs that follow; nobody and none until somebody sets them."""

    def __init__(self) -> None:
        self.enqueue: Enqueue | None = None
        self.revocations: list[Callable[[], None]] = []
        self.sessions: list[Callable[[Session, LiveSession], None]] = []

    def revocation_happened(self) -> None:
        """Tell, after its commit, of a revocation, hold or release."""
        for told in self.revocations:
            told()

    def session_started(self, session: Session, live: LiveSession) -> None:
        """Tell of a new session, in the transaction that began it."""
        for told in self.sessions:
            told(session, live)

    def sessions_ended(self, at: datetime) -> None:
        """Let applications hear of it; what ends in the same second is one job."""
        if self.enqueue is not None:
            self.enqueue(LOGOUT_JOB, at.strftime("%Y%m%dT%H%M%S"), delay=timedelta(seconds=1))

    def review_is_due(self, key: str, delay: timedelta) -> None:
        """Have the filing `key` reviewed after `delay`."""
        if self.enqueue is not None:
            self.enqueue(REVIEW_JOB, key, delay=delay)

    def bulk_revocation_goes_on(self, key: str) -> None:
        """Have the bulk revocation `key` go on."""
        if self.enqueue is not None:
            self.enqueue(BULK_REVOCATION_JOB, key)
