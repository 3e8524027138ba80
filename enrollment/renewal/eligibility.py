"""Who may renew what, and when.

1. the certificate is the subscriber's current one and has been logged in with
2. the subscriber is active
3. the initial password of the slip has been replaced (LOGIN-03)
4. the certificate is in good standing: neither revoked nor on hold
5. its last days have begun, and it has not expired
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from ca.models import ProfileName
from ca.records import find_record
from enrollment.renewal.facts import LOCKED_OWNER, RENEWAL_FACTS
from foundation.clock import Clock
from foundation.errors import Conflict, Denied


@dataclass(frozen=True)
class Validity:
    """Until when a certificate is valid, and from when on it may be renewed."""

    not_after: datetime
    opens_at: datetime


@dataclass(frozen=True)
class OpenRenewal:
    """A successor that waits for its first login, and the digest of its key."""

    new_serial_number: str
    key_digest: str


@dataclass(frozen=True)
class Eligible:
    """A subscriber who may renew now, as the database has him; locked until the commit."""

    subscriber_id: int
    username: str
    kind: ProfileName
    display_name: str
    credit_code: str | None
    open_renewal: OpenRenewal | None

    @property
    def audit_subject(self) -> str:
        """Return how the audit log names him."""
        return f"{self.kind}:{self.username}"


class Eligibility:
    """Verifies that a certificate may be renewed now."""

    def __init__(self, window: timedelta, clock: Clock) -> None:
        """`window` is how long before its end a certificate may be renewed."""
        self._window = window
        self._clock = clock

    def verify(self, session: Session, serial_number: str) -> Eligible:
        """Return the owner, locked until the transaction ends.

        Raises `Denied` ("renewal-not-current", "account-suspended",
        "password-change-required", "certificate-revoked") and `Conflict`
        ("renewal-too-early", "renewal-too-late"). Does not check that the asker
        has the private key. The caller locks the audit chain before.
        """
        owner = LOCKED_OWNER.find(session, serial=serial_number)
        # 1.
        if owner is None:
            raise Denied("renewal-not-current")
        # In a statement after the lock, so that it sees what the lock waited for.
        facts = RENEWAL_FACTS.rows(session, serial=serial_number, owner=owner.id)[0]
        if facts.current_id is None:
            raise Denied("renewal-not-current")
        # 2.
        if owner.standing != "active":
            raise Denied("account-suspended")
        # 3.
        if facts.must_change is not False:
            raise Denied("password-change-required")
        # 4.
        if facts.state != "good":
            raise Denied("certificate-revoked", reason=facts.reason or "unspecified")
        # 5.
        self._require_open(facts.not_after)
        pending = facts.new_serial_number is not None
        return Eligible(
            owner.id,
            owner.username,
            cast(ProfileName, owner.kind),
            owner.display_name,
            facts.credit_code,
            OpenRenewal(facts.new_serial_number, facts.key_digest) if pending else None,
        )

    def validity(self, session: Session, serial_number: str) -> Validity | None:
        """Return the dates of an issued certificate, or None."""
        record = find_record(session, serial_number)
        if record is None or record.not_after is None:
            return None
        return Validity(record.not_after, record.not_after - self._window)

    def _require_open(self, not_after: datetime | None) -> None:
        now = self._clock.now()
        if not_after is None or now > not_after:
            raise Conflict("renewal-too-late")
        opens_at = not_after - self._window
        if now < opens_at:
            raise Conflict("renewal-too-early", opens_on=opens_at.date().isoformat())
