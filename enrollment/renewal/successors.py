"""How a successor that nobody has logged in with ends, for whatever reason.

A successor is as good as the certificate it will take the place of: whoever
holds its key could log in with it. So what ends the subscriber's certificate,
or the subscriber, ends the successor in the same transaction.
"""

from contextlib import suppress
from datetime import datetime
from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from ca.errors import CertificateAlreadyRevoked, CertificateStateConflict
from enrollment.certification import CertificateRevoker
from enrollment.conditional_updates import changed_one
from enrollment.models import Renewal, Subscriber
from enrollment.renewal.records import find_open_renewal
from enrollment.slips.endings import end_certificate
from enrollment.subscribers.finding import get_subscriber, subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock

EndReason = Literal["used", "expired", "discarded", "revoked", "suspended", "reissued"]


def end_renewal(session: Session, renewal_id: int, reason: EndReason, now: datetime) -> bool:
    """End an open renewal and erase its file; return whether it was this call that did."""
    statement = (
        update(Renewal)
        .where(Renewal.id == renewal_id, Renewal.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason, sealed_pkcs12=None)
    )
    return changed_one(session, statement)


class Successors:
    """Ends pending successors. Every act belongs into the transaction of its cause."""

    def __init__(self, *, revocation: CertificateRevoker, audit: AuditLog, clock: Clock) -> None:
        self._revocation = revocation
        self._audit = audit
        self._clock = clock

    def end_of(self, session: Session, username: str, reason: EndReason, by: Actor) -> None:
        """End the pending successor of a username, if there is one; as `end`."""
        self.end(session, get_subscriber(session, username), reason, by)

    def end(
        self, session: Session, subscriber: Subscriber, reason: EndReason, by: Actor
    ) -> str | None:
        """End the subscriber's pending successor; return its serial number, None without one.

        Its certificate is revoked as ``cessationOfOperation``, or abandoned
        when it was not made yet. Repeating it does nothing.
        """
        self._audit.lock_chain(session)
        renewal = find_open_renewal(session, subscriber.id)
        now = self._clock.now()
        if renewal is None or not end_renewal(session, renewal.id, reason, now):
            return None
        end_certificate(session, renewal.new_serial_number, now)
        # When a security officer was faster, what was to be ended has ended.
        with suppress(CertificateAlreadyRevoked, CertificateStateConflict):
            self._revocation.revoke(session, renewal.new_serial_number, "cessationOfOperation", by)
        self._record(session, subscriber, renewal, reason, by)
        return renewal.new_serial_number

    def follow_revocation(
        self, session: Session, subscriber: Subscriber, serial_number: str, by: Actor
    ) -> None:
        """End the successor when it or the certificate before it was revoked."""
        renewal = find_open_renewal(session, subscriber.id)
        if renewal and serial_number in (renewal.old_serial_number, renewal.new_serial_number):
            self.end(session, subscriber, "revoked", by)

    def _record(
        self,
        session: Session,
        subscriber: Subscriber,
        renewal: Renewal,
        reason: EndReason,
        by: Actor,
    ) -> None:
        self._audit.record(
            session,
            "renewal.ended",
            by=by,
            subject=subject_of(subscriber),
            old_serial_number=renewal.old_serial_number,
            new_serial_number=renewal.new_serial_number,
            reason=reason,
        )
