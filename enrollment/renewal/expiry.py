"""Successors that nobody logged in with in time."""

from sqlalchemy import select

from enrollment.models import Renewal, Subscriber
from enrollment.renewal.successors import Successors
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

_AT_ONCE = 500


class RenewalExpiry:
    """The periodic job; opens its own transactions, one for each renewal."""

    def __init__(
        self, *, database: Database, successors: Successors, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._successors = successors
        self._audit = audit
        self._clock = clock

    def expire_due(self) -> int:
        """End every renewal that is over and return how many.

        Safe to run on several nodes and to be interrupted anywhere.
        """
        with self._database.reading() as session:
            due = session.scalars(
                select(Renewal.id)
                .where(Renewal.ended_at.is_(None), Renewal.expires_at <= self._clock.now())
                .order_by(Renewal.id)
                .limit(_AT_ONCE)
            ).all()
        return sum(self._expire(renewal_id) for renewal_id in due)

    def _expire(self, renewal_id: int) -> bool:
        query = (
            select(Subscriber)
            .join(Renewal, Renewal.subscriber_id == Subscriber.id)
            .where(Renewal.id == renewal_id, Renewal.ended_at.is_(None))
            .with_for_update(of=Subscriber)
        )
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            subscriber = session.scalars(query).one_or_none()
            if subscriber is None:
                return False
            ended = self._successors.end(session, subscriber, "expired", Actor.system())
        return ended is not None
