"""The first login with a successor: it takes the place of the certificate before it.

All of it is one transaction, that of the login:

1. the renewal is open, and this certificate is the one it made
2. the old certificate is in good standing: a hold is not to be walked around
3. the old certificate ends as an authenticator, the successor is the current one
4. the renewal ends as used, and the server's copy of a file is erased
5. the old certificate is revoked as ``superseded`` (RFC 5280 section 5.3.1)
6. sessions of the old certificate end, through the subscriptions
"""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ca.records import find_record
from enrollment.certification import CertificateRevoker
from enrollment.conditional_updates import changed_one
from enrollment.events import CertificateSuperseded, Subscriptions, publish
from enrollment.models import CertificateAuthenticator, Renewal, Subscriber
from enrollment.renewal.records import find_open_renewal
from enrollment.renewal.successors import end_renewal
from enrollment.slips.endings import end_certificate
from enrollment.subscribers.finding import subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Denied


class Supersession:
    """Puts a successor in the place of its predecessor."""

    def __init__(
        self,
        *,
        revocation: CertificateRevoker,
        subscriptions: Subscriptions,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._revocation = revocation
        self._subscriptions = subscriptions
        self._audit = audit
        self._clock = clock

    def supersede(
        self, session: Session, subscriber: Subscriber, successor_serial_number: str, by: Actor
    ) -> None:
        """Bind the successor; the caller has locked the audit chain and the subscriber.

        Raises `Denied` ("certificate-mismatch" when it is no successor any
        more, "renewal-blocked" when the certificate before it is on hold).
        """
        now = self._clock.now()
        # 1.
        renewal = find_open_renewal(session, subscriber.id)
        if (
            renewal is None
            or renewal.new_serial_number != successor_serial_number
            or renewal.expires_at <= now
        ):
            raise Denied("certificate-mismatch")
        old_serial_number = renewal.old_serial_number
        # 2.
        record = find_record(session, old_serial_number)
        if record is None or record.state != "good":
            raise Denied("renewal-blocked")
        # 3. and 4.
        self._exchange(session, renewal, now)
        # 5.
        self._revocation.revoke(session, old_serial_number, "superseded", by)
        self._audit.record(
            session,
            "certificate.superseded",
            by=by,
            subject=subject_of(subscriber),
            old_serial_number=old_serial_number,
            new_serial_number=successor_serial_number,
        )
        # 6.
        superseded = CertificateSuperseded(
            subscriber.username, old_serial_number, successor_serial_number, by
        )
        publish(session, superseded, self._subscriptions.certificate_superseded)

    def _exchange(self, session: Session, renewal: Renewal, now: datetime) -> None:
        # In this order: the table allows one current certificate at any moment.
        ended = end_certificate(session, renewal.old_serial_number, now)
        statement = (
            update(CertificateAuthenticator)
            .where(CertificateAuthenticator.serial_number == renewal.new_serial_number)
            .where(CertificateAuthenticator.pending.is_(True))
            .where(CertificateAuthenticator.ended_at.is_(None))
            .values(pending=False, bound_at=now)
        )
        if not (
            ended
            and changed_one(session, statement)
            and end_renewal(session, renewal.id, "used", now)
        ):
            raise Denied("certificate-mismatch")
