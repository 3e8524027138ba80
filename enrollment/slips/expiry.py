"""Slips that nobody logged in with in time (AMB-04).

What an expired slip carried ends with it, all of it: the sealed key, the
initial password, and the certificate. A certificate that was never made is
abandoned; one that was picked up but never used is revoked as
``cessationOfOperation``, because its key file may lie on a disk together with
the paper that opens it, and without a password it is of no use to its owner.
The way back is a new slip.
"""

from contextlib import suppress

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ca.errors import CertificateAlreadyRevoked, CertificateStateConflict
from enrollment.authenticators.throttling import forget_counters
from enrollment.certification import CertificateIssuer, CertificateRevoker
from enrollment.events import CredentialEnded, Subscriptions, publish
from enrollment.models import PickupTicket, Slip, Subscriber
from enrollment.slips.endings import end_certificate, end_password, end_slip
from enrollment.subscribers.finding import lock_owner, subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

_AT_ONCE = 500


class SlipExpiry:
    """The periodic job; opens its own transactions, one for each slip."""

    def __init__(
        self,
        *,
        database: Database,
        issuance: CertificateIssuer,
        revocation: CertificateRevoker,
        subscriptions: Subscriptions,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._issuance = issuance
        self._revocation = revocation
        self._subscriptions = subscriptions
        self._audit = audit
        self._clock = clock

    def expire_due(self) -> int:
        """End every slip that is over and return how many; sweep tickets and counters.

        Safe to run on several nodes and to be interrupted anywhere.
        """
        now = self._clock.now()
        with self._database.writing() as session:
            session.execute(delete(PickupTicket).where(PickupTicket.expires_at <= now))
            forget_counters(session, now)
            due = session.scalars(
                select(Slip.serial_number)
                .where(Slip.ended_at.is_(None), Slip.expires_at <= now)
                .order_by(Slip.id)
                .limit(_AT_ONCE)
            ).all()
        return sum(self._expire(serial_number) for serial_number in due)

    def _expire(self, serial_number: str) -> bool:
        now = self._clock.now()
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            subscriber = lock_owner(session, serial_number)
            slip_id = session.scalars(
                select(Slip.id).where(Slip.serial_number == serial_number)
            ).one()
            if subscriber is None or not end_slip(session, slip_id, "expired", now):
                return False
            end_certificate(session, serial_number, now)
            end_password(session, subscriber.id, now)
            self._end_certificate_at_ca(session, serial_number)
            self._tell(session, subscriber, serial_number)
        return True

    def _end_certificate_at_ca(self, session: Session, serial_number: str) -> None:
        by = Actor.system()
        try:
            self._issuance.abandon(session, serial_number, by)
        except CertificateStateConflict:
            # When a security officer was faster, what was to be ended has ended.
            with suppress(CertificateAlreadyRevoked, CertificateStateConflict):
                self._revocation.revoke(session, serial_number, "cessationOfOperation", by)

    def _tell(self, session: Session, subscriber: Subscriber, serial_number: str) -> None:
        by = Actor.system()
        self._audit.record(
            session,
            "slip.expired",
            by=by,
            subject=subject_of(subscriber),
            serial_number=serial_number,
        )
        ended = CredentialEnded(subscriber.username, serial_number, "expired", by)
        publish(session, ended, self._subscriptions.credential_ended)
