"""Collecting credentials again after a loss (ENR-16, AMB-05)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import ca.reasons
from ca.errors import CertificateAlreadyRevoked, CertificateStateConflict
from enrollment.certification import CertificateRevoker
from enrollment.events import CredentialReissued, Subscriptions, publish
from enrollment.models import CertificateAuthenticator, Slip
from enrollment.slips.endings import end_certificate, end_password, end_slip
from enrollment.slips.issuing import IssuedSlip, Slips
from enrollment.subscribers.finding import get_subscriber, subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Conflict, Invalid

# A hold is not an end, and what comes after the reissue is another certificate.
REASONS = tuple(reason for reason in ca.reasons.REASONS if reason != ca.reasons.HOLD)


class Reissue:
    """Ends what a subscriber has and issues a new slip."""

    def __init__(
        self,
        *,
        slips: Slips,
        revocation: CertificateRevoker,
        subscriptions: Subscriptions,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._slips = slips
        self._revocation = revocation
        self._subscriptions = subscriptions
        self._audit = audit
        self._clock = clock

    def reissue(self, session: Session, username: str, reason: str, by: Actor) -> IssuedSlip:
        """Return a new slip; the username stays, everything else is new.

        The old certificate is revoked, the old slip, its sealed key and the old
        password end, sessions end through the subscriptions, and the reset is
        forced again. Raises `NotFound` ("subscriber-not-found"), `Invalid`
        ("revocation-reason-unknown") and `Conflict` ("account-suspended").
        """
        if reason not in REASONS:
            raise Invalid("revocation-reason-unknown", field="reason")
        self._audit.lock_chain(session)
        subscriber = get_subscriber(session, username, lock=True)
        if subscriber.standing == "suspended":
            raise Conflict("account-suspended")
        old_serial_number = self._end_current(session, subscriber.id)
        if old_serial_number is not None:
            self._revoke(session, old_serial_number, reason, by)
        slip = self._slips.issue(session, subscriber, by)
        self._audit.record(
            session,
            "slip.reissued",
            by=by,
            subject=subject_of(subscriber),
            old_serial_number=old_serial_number,
            new_serial_number=slip.serial_number,
            reason=reason,
        )
        reissued = CredentialReissued(
            username=subscriber.username,
            old_serial_number=old_serial_number,
            new_serial_number=slip.serial_number,
            reason=reason,
            by=by,
        )
        publish(session, reissued, self._subscriptions.credential_reissued)
        return slip

    def _end_current(self, session: Session, subscriber_id: int) -> str | None:
        """End slip, certificate and password; return the certificate's serial number."""
        now = self._clock.now()
        slip_id = session.scalar(
            select(Slip.id).where(Slip.subscriber_id == subscriber_id, Slip.ended_at.is_(None))
        )
        if slip_id is not None:
            end_slip(session, slip_id, "replaced", now)
        serial_number = session.scalar(
            select(CertificateAuthenticator.serial_number).where(
                CertificateAuthenticator.subscriber_id == subscriber_id,
                CertificateAuthenticator.ended_at.is_(None),
                CertificateAuthenticator.pending.is_(False),
            )
        )
        if serial_number is not None:
            end_certificate(session, serial_number, now)
        end_password(session, subscriber_id, now)
        return serial_number

    def _revoke(self, session: Session, serial_number: str, reason: str, by: Actor) -> None:
        try:
            self._revocation.revoke(session, serial_number, reason, by)
        except (CertificateAlreadyRevoked, CertificateStateConflict):
            # A security officer was faster: what was to be ended has ended.
            return
