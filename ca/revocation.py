"""Revoking, holding and releasing certificates (RFC 5280 section 5.3.1).

``good -> on_hold -> good`` and ``good | on_hold -> revoked``; nothing leads out
of "revoked". A number whose certificate was never issued is abandoned instead.

An act and its publication are one transaction, in this order:

1. wait for the audit chain, and then for the certificate's row: every act takes
   its locks in this order, so that no two acts wait for one another,
2. change the state by one conditional UPDATE,
3. begin a new epoch, which ends what caches know (`ca.epoch`),
4. build, prove and store the new CRL (`ca.crl`),
5. audit.

OCSP answers and the verifier read the same rows, so all of them say the same
from the moment of the commit.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.crl import CrlPublication, find_crl_number
from ca.epoch import advance_epoch, read_epoch
from ca.errors import (
    AuthorityNotRevocable,
    CertificateAlreadyRevoked,
    CertificateNotFound,
    CertificateNotOnHold,
)
from ca.models import AuthorityName, CertificateRecord, CertificateState
from ca.reasons import HOLD, read_reason
from ca.records import change_state
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Invalid

_ISSUER: AuthorityName = "issuing"
_AUTHORITIES = ("root", "issuing")


@dataclass(frozen=True)
class RevocationRecord:
    """What an act did; true when its transaction has committed.

    `reason` is None after a release and for a number that was abandoned.
    `crl_number` is that of the newest CRL, which shows the act.
    """

    serial_number: str
    subscriber: str | None
    state: CertificateState
    reason: str | None
    at: datetime
    epoch: int
    crl_number: int


class Revocation:
    """The one way a certificate loses or regains its standing."""

    def __init__(self, *, crls: CrlPublication, audit: AuditLog, clock: Clock) -> None:
        self._crls = crls
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
        if record.state in ("reserved", "prepared"):
            return self._abandon(session, record, by)
        if record.state == "revoked":
            raise CertificateAlreadyRevoked(serial_number)
        at = self._clock.now()
        change_state(
            session,
            serial_number,
            ("good", "on_hold"),
            "revoked",
            revoked_at=at,
            reason=reason,
            invalidity_date=invalidity_date,
        )
        return self._publish(session, record, "revoked", reason, at, by)

    def hold(self, session: Session, serial_number: str, by: Actor) -> RevocationRecord:
        """Suspend a good certificate; `release` lifts it.

        Raises `CertificateNotFound`, `CertificateAlreadyRevoked`,
        `CertificateStateConflict` for any other state and `AuthorityNotRevocable`.
        """
        record = self._lock(session, serial_number)
        if record.state == "revoked":
            raise CertificateAlreadyRevoked(serial_number)
        at = self._clock.now()
        change_state(session, serial_number, ("good",), "on_hold", revoked_at=at, reason=HOLD)
        return self._publish(session, record, "on_hold", HOLD, at, by)

    def release(self, session: Session, serial_number: str, by: Actor) -> RevocationRecord:
        """Lift a hold: the certificate is good again and leaves the full CRL.

        Raises `CertificateNotFound`, `CertificateAlreadyRevoked`,
        `CertificateNotOnHold` and `AuthorityNotRevocable`.
        """
        record = self._lock(session, serial_number)
        if record.state == "revoked":
            raise CertificateAlreadyRevoked(serial_number)
        if record.state != "on_hold":
            raise CertificateNotOnHold(serial_number, record.state)
        change_state(session, serial_number, ("on_hold",), "good", revoked_at=None, reason=None)
        return self._publish(session, record, "good", None, self._clock.now(), by)

    def _lock(self, session: Session, serial_number: str) -> CertificateRecord:
        self._audit.lock_chain(session)
        query = (
            select(CertificateRecord)
            .where(CertificateRecord.serial_number == serial_number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        record = session.scalars(query).one_or_none()
        if record is None:
            raise CertificateNotFound(serial_number)
        if record.profile in _AUTHORITIES:
            raise AuthorityNotRevocable(serial_number)
        return record

    def _abandon(self, session: Session, record: CertificateRecord, by: Actor) -> RevocationRecord:
        # No certificate exists that anybody holds: no CRL lists it, and OCSP
        # knows it as little as before.
        change_state(session, record.serial_number, ("reserved", "prepared"), "abandoned")
        self._record(session, "certificate.abandoned", record.serial_number, by)
        return RevocationRecord(
            serial_number=record.serial_number,
            subscriber=record.subscriber,
            state="abandoned",
            reason=None,
            at=self._clock.now(),
            epoch=read_epoch(session),
            crl_number=find_crl_number(session, _ISSUER) or 0,
        )

    def _publish(
        self,
        session: Session,
        record: CertificateRecord,
        state: CertificateState,
        reason: str | None,
        at: datetime,
        by: Actor,
    ) -> RevocationRecord:
        epoch = advance_epoch(session)
        crl_number = self._crls.publish(session, _ISSUER, by).crl_number
        done = RevocationRecord(
            record.serial_number, record.subscriber, state, reason, at, epoch, crl_number
        )
        self._record(
            session,
            _ACTIONS[state],
            record.serial_number,
            by,
            reason=reason,
            epoch=epoch,
            crl_number=crl_number,
        )
        return done

    def _record(
        self,
        session: Session,
        action: str,
        serial_number: str,
        by: Actor,
        **facts: str | int | None,
    ) -> None:
        subject = f"certificate:{serial_number}"
        self._audit.record(session, action, by=by, subject=subject, outcome="done", **facts)

    def _require_past(self, invalidity_date: datetime | None) -> None:
        if invalidity_date is not None and invalidity_date > self._clock.now():
            raise Invalid("invalidity-date-in-future", field="invalidity_date")


_ACTIONS: dict[CertificateState, str] = {
    "revoked": "certificate.revoked",
    "on_hold": "certificate.held",
    "good": "certificate.released",
}
