"""Checking serial number and download password, and refusing all alike.

Wrong pair, used up, expired, suspended: one answer, one cost. Which it was is
in the audit log.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from sqlalchemy.orm import Session

from enrollment.authenticators.charges import Charge
from enrollment.authenticators.counters import address_counter, serial_counter
from enrollment.authenticators.password_hashing import PasswordHasher, PasswordMismatch
from enrollment.authenticators.secret_verification import SecretRefused, SecretVerification
from enrollment.authenticators.throttling import Throttling
from enrollment.pickup.serial_numbers import normalise_serial_number
from enrollment.pickup.slips import PickupSlip, find_slip_by_serial
from enrollment.slips.secrets import SlipSecret
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from policies.credentials import ThrottlingParameters


@dataclass(frozen=True)
class VerifiedPair:
    """A slip whose download password was just proved; the password in its printed form.

    `charge` is what the attempt cost: whoever takes the pair has it forgiven.
    """

    slip: PickupSlip
    download_password: str = field(repr=False)
    charge: Charge


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
        self._hasher = hasher
        self._secret = secret
        self._limits = limits
        self._clock = clock
        self._verification: SecretVerification[PickupSlip] = SecretVerification(
            database=database,
            throttling=Throttling(clock, "pickup-throttled"),
            audit=audit,
            denied_as="pickup-refused",
            describe=_describe,
        )

    def verify(
        self, unverified_serial_number: str, unverified_download_password: str, by: Actor
    ) -> VerifiedPair:
        """Return the slip of a right pair that can be picked up now.

        Raises `Denied` ("pickup-refused"), `Throttled` ("pickup-throttled") and
        `Unavailable`. Opens its own transactions.
        """
        serial_number = normalise_serial_number(unverified_serial_number)
        download_password = self._secret.normalise(unverified_download_password)
        counters = [address_counter("pickup", by.address, self._limits.address)]
        if serial_number is not None:
            counters.append(serial_counter(serial_number, self._limits.serial))

        def find(session: Session) -> PickupSlip | None:
            return find_slip_by_serial(session, serial_number) if serial_number else None

        def check(slip: PickupSlip | None) -> PickupSlip:
            return self._check(slip, download_password)

        slip, charge = self._verification.verify(counters, find, check, by)
        assert download_password is not None, "what cannot be a password matches no hash"
        return VerifiedPair(slip, download_password, charge)

    def refuse(self, slip: PickupSlip, reason: str, by: Actor) -> NoReturn:
        """Write the refusal down with its reason and raise the answer that has none."""
        self._verification.refuse(slip, reason, by)

    def _check(self, slip: PickupSlip | None, download_password: str | None) -> PickupSlip:
        end_reason = slip.end_at(self._clock.now()) if slip else "unknown"
        try:
            # First the hash, whatever is known already: all refusals take as long.
            self._hasher.verify(slip.download_password_hash if slip else None, download_password)
        except PasswordMismatch as mismatch:
            raise SecretRefused(end_reason or "wrong-password") from mismatch
        if slip is None or end_reason is not None:
            raise SecretRefused(end_reason or "unknown")
        return slip


def _describe(slip: PickupSlip | None, reason: str, by: Actor) -> AuditDraft:
    known = {"serial_number": slip.serial_number} if slip else {}
    return AuditDraft(
        "pickup.refused",
        by,
        slip.audit_subject if slip else "slip:unknown",
        "refused",
        {"reason": reason, **known},
    )
