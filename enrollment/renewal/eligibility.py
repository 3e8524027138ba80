"""Who may renew what, and when.

1. the certificate is the subscriber's current one and has been logged in with
2. the subscriber is active
3. the initial password of the slip has been replaced (LOGIN-03)
4. the certificate is in good standing: neither revoked nor on hold
5. its last days have begun, and it has not expired
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.records import find_record
from enrollment.models import CertificateAuthenticator, PasswordAuthenticator, Subscriber
from enrollment.subscribers.finding import lock_owner
from foundation.clock import Clock
from foundation.errors import Conflict, Denied


@dataclass(frozen=True)
class Validity:
    """Until when a certificate is valid, and from when on it may be renewed."""

    not_after: datetime
    opens_at: datetime


class Eligibility:
    """Verifies that a certificate may be renewed now."""

    def __init__(self, window: timedelta, clock: Clock) -> None:
        """`window` is how long before its end a certificate may be renewed."""
        self._window = window
        self._clock = clock

    def verify(self, session: Session, serial_number: str) -> Subscriber:
        """Return the owner, locked until the transaction ends.

        Raises `Denied` ("renewal-not-current", "account-suspended",
        "password-change-required", "certificate-revoked") and `Conflict`
        ("renewal-too-early", "renewal-too-late"). Does not check that the asker
        has the private key. The caller locks the audit chain before.
        """
        # 1.
        subscriber = lock_owner(session, serial_number)
        if subscriber is None or not _is_current(session, serial_number):
            raise Denied("renewal-not-current")
        # 2.
        if subscriber.standing != "active":
            raise Denied("account-suspended")
        # 3.
        if not _has_own_password(session, subscriber.id):
            raise Denied("password-change-required")
        # 4.
        record = find_record(session, serial_number)
        if record is None or record.state != "good":
            raise Denied("certificate-revoked", reason=(record and record.reason) or "unspecified")
        # 5.
        validity, now = self.validity(session, serial_number), self._clock.now()
        if validity is None or now > validity.not_after:
            raise Conflict("renewal-too-late")
        if now < validity.opens_at:
            raise Conflict("renewal-too-early", opens_on=validity.opens_at.date().isoformat())
        return subscriber

    def validity(self, session: Session, serial_number: str) -> Validity | None:
        """Return the dates of an issued certificate, or None."""
        record = find_record(session, serial_number)
        if record is None or record.not_after is None:
            return None
        return Validity(record.not_after, record.not_after - self._window)


def _is_current(session: Session, serial_number: str) -> bool:
    statement = select(CertificateAuthenticator.id).where(
        CertificateAuthenticator.serial_number == serial_number,
        CertificateAuthenticator.ended_at.is_(None),
        CertificateAuthenticator.bound_at.is_not(None),
        CertificateAuthenticator.pending.is_(False),
    )
    return session.scalar(statement) is not None


def _has_own_password(session: Session, subscriber_id: int) -> bool:
    must_change = session.scalar(
        select(PasswordAuthenticator.must_change).where(
            PasswordAuthenticator.subscriber_id == subscriber_id,
            PasswordAuthenticator.ended_at.is_(None),
        )
    )
    return must_change is False
