"""Checking serial number and download password, and refusing all alike.

Wrong pair, used up, expired, suspended: one answer, one cost. Which it was is
in the audit log. What was typed is never written down: people put the password
into the wrong box.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from enrollment.authenticators.password_hashing import PasswordHasher, PasswordMismatch
from enrollment.authenticators.throttling import (
    Attempt,
    Throttling,
    address_counter,
    serial_counter,
)
from enrollment.pickup.serial_numbers import normalise_serial_number
from enrollment.pickup.slips import PickupSlip, find_slip_by_serial
from enrollment.slips.secrets import SlipSecret
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Denied, Throttled
from policies.credentials import ThrottlingParameters


@dataclass(frozen=True)
class VerifiedPair:
    """A slip whose download password was just proved; the password in its printed form."""

    slip: PickupSlip
    download_password: str = field(repr=False)


class PickupVerifier:
    """Verifies pairs for the pickup."""

    def __init__(
        self,
        *,
        database: Database,
        hasher: PasswordHasher,
        secret: SlipSecret,
        limits: ThrottlingParameters,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._secret = secret
        self._limits = limits
        self._throttling = Throttling(database, clock, "pickup-throttled")
        self._audit = audit
        self._clock = clock

    def verify(
        self, unverified_serial_number: str, unverified_download_password: str, by: Actor
    ) -> VerifiedPair:
        """Return the slip of a right pair that can be picked up now.

        Raises `Denied` ("pickup-refused"), `Throttled` ("pickup-throttled") and
        `Unavailable`. Opens its own transactions.
        """
        serial_number = normalise_serial_number(unverified_serial_number)
        download_password = self._secret.normalise(unverified_download_password)
        slip = self._find(serial_number)
        attempt = self._begin(serial_number, slip, by)

        end_reason = slip.end_at(self._clock.now()) if slip else "unknown"
        stored_hash = slip.download_password_hash if slip else None
        try:
            self._hasher.verify(stored_hash, download_password)
        except PasswordMismatch:
            self._throttling.failed(attempt)
            self.refuse(slip, end_reason or "wrong-password", by)
        if slip is None or download_password is None or end_reason is not None:
            self._throttling.failed(attempt)
            self.refuse(slip, end_reason or "unknown", by)
        self._throttling.succeeded(attempt)
        return VerifiedPair(slip, download_password)

    def refuse(self, slip: PickupSlip | None, reason: str, by: Actor) -> NoReturn:
        """Write the refusal down with its reason and raise the answer that has none."""
        self._record(slip, reason, by)
        raise Denied("pickup-refused")

    def _begin(self, serial_number: str | None, slip: PickupSlip | None, by: Actor) -> Attempt:
        counters = [address_counter("pickup", by.address, self._limits.address)]
        if serial_number is not None:
            counters.append(serial_counter(serial_number, self._limits.serial))
        try:
            return self._throttling.begin(counters)
        except Throttled:
            self._record(slip, "throttled", by)
            raise

    def _find(self, serial_number: str | None) -> PickupSlip | None:
        if serial_number is None:
            return None
        with self._database.reading() as session:
            return find_slip_by_serial(session, serial_number)

    def _record(self, slip: PickupSlip | None, reason: str, by: Actor) -> None:
        facts = {"serial_number": slip.serial_number} if slip else {}
        with self._database.writing() as session:
            self._audit.record(
                session,
                "pickup.refused",
                by=by,
                subject=slip.audit_subject if slip else "slip:unknown",
                outcome="refused",
                reason=reason,
                **facts,
            )
