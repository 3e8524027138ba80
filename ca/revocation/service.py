"""The acts: each is one transaction, in this order.

1. wait for the audit chain, and then for the certificates' rows: every act takes
   its locks in this order, so that no two acts wait for one another,
2. change the state by a conditional UPDATE,
3. epoch, CRLs, audit and journal (`ca.revocation.acts`).

OCSP answers and the verifier read the same rows, so all of them say the same
from the moment of the commit.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ca.crl import CrlPublication
from ca.errors import CertificateNotOnHold
from ca.models import CertificateRecord
from ca.reasons import HOLD, read_reason
from ca.records import change_state
from ca.revocation.acts import Acts, Change, RevocationJournal
from ca.revocation.bulk import end_many, lock_records, require_revocable
from ca.revocation.record import BulkRevocation, RevocationRecord
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Invalid


class Revocation:
    """The one way a certificate loses or regains its standing."""

    def __init__(
        self,
        *,
        crls: CrlPublication,
        audit: AuditLog,
        clock: Clock,
        journal: RevocationJournal | None = None,
    ) -> None:
        """Every act is told to `journal` in its own transaction."""
        self._acts = Acts(crls, audit, journal)
        self._audit = audit
        self._clock = clock

    def revoke(
        self,
        session: Session,
        serial_number: str,
        reason: str,
        by: Actor,
        invalidity_date: datetime | None = None,
    ) -> RevocationRecord:
        """Revoke for good; a number never issued is abandoned.

        `reason` is one of `ca.reasons.REASONS`; "certificateHold" is a hold.
        `invalidity_date` is since when the key is known or suspected to be
        compromised (RFC 5280 section 5.3.2); it lies in the past. Raises
        `Invalid`, `CertificateNotFound`, `CertificateAlreadyRevoked`,
        `CertificateStateConflict` for an abandoned number and
        `AuthorityNotRevocable`. Does not ask whether `by` may do this.
        """
        if read_reason(reason) == HOLD:
            return self.hold(session, serial_number, by)
        self._require_past(invalidity_date)
        record = self._lock(session, serial_number)
        at = self._clock.now()
        if record.state in ("reserved", "prepared"):
            # No certificate exists that anybody holds: no CRL lists it, and
            # OCSP knows it as little as before.
            change_state(session, serial_number, ("reserved", "prepared"), "abandoned")
            return self._conclude(session, Change(record, "abandoned", at), by)
        change_state(
            session,
            serial_number,
            ("good", "on_hold"),
            "revoked",
            revoked_at=at,
            reason=reason,
            invalidity_date=invalidity_date,
        )
        return self._conclude(session, Change(record, "revoked", at, reason, invalidity_date), by)

    def revoke_all(
        self,
        session: Session,
        serial_numbers: Sequence[str],
        reason: str,
        by: Actor,
        invalidity_date: datetime | None = None,
    ) -> BulkRevocation:
        """Revoke many at once, as `revoke` does each; those it would refuse are skipped.

        One epoch, and each CRL that shows any of it once. A number given twice
        counts once. "certificateHold" holds them all (a hold has no invalidity
        date) and skips those that are held. Raises `Invalid`. Does not ask
        whether `by` may do this.
        """
        self._require_past(invalidity_date)
        if read_reason(reason) == HOLD:
            invalidity_date = None
        self._audit.lock_chain(session)
        at = self._clock.now()
        changes, skipped = end_many(session, serial_numbers, reason, at, invalidity_date)
        revoked = self._acts.conclude(session, changes, by) if changes else ()
        return BulkRevocation(revoked, tuple(skipped))

    def hold(self, session: Session, serial_number: str, by: Actor) -> RevocationRecord:
        """Suspend a good certificate; `release` lifts it.

        Raises `CertificateNotFound`, `CertificateAlreadyRevoked`,
        `CertificateStateConflict` for any other state and `AuthorityNotRevocable`.
        """
        record = self._lock(session, serial_number)
        at = self._clock.now()
        change_state(session, serial_number, ("good",), "on_hold", revoked_at=at, reason=HOLD)
        return self._conclude(session, Change(record, "on_hold", at, HOLD), by)

    def release(self, session: Session, serial_number: str, by: Actor) -> RevocationRecord:
        """Lift a hold: the certificate is good again and leaves the CRLs.

        Raises `CertificateNotFound`, `CertificateAlreadyRevoked`,
        `CertificateNotOnHold` and `AuthorityNotRevocable`.
        """
        record = self._lock(session, serial_number)
        if record.state != "on_hold":
            raise CertificateNotOnHold(serial_number, record.state)
        change_state(session, serial_number, ("on_hold",), "good", revoked_at=None, reason=None)
        return self._conclude(session, Change(record, "good", self._clock.now()), by)

    def _lock(self, session: Session, serial_number: str) -> CertificateRecord:
        self._audit.lock_chain(session)
        found = lock_records(session, [serial_number]).get(serial_number)
        return require_revocable(found, serial_number)

    def _conclude(self, session: Session, change: Change, by: Actor) -> RevocationRecord:
        (done,) = self._acts.conclude(session, [change], by)
        return done

    def _require_past(self, invalidity_date: datetime | None) -> None:
        if invalidity_date is not None and invalidity_date > self._clock.now():
            raise Invalid("invalidity-date-in-future", field="invalidity_date")
