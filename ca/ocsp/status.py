"""The status of one certificate as the database has it now (RFC 6960 section 2.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ca.errors import HierarchyMissing
from ca.journal.models import UnreconciledRevocation
from ca.models import AuthorityName, CertificateRecord, RevocationEpoch
from ca.ocsp.refusal import TryLater
from ca.serial_numbers import serial_number_of


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What the answer says; `reason` is a name of `ca.reasons`."""

    status: Literal["good", "revoked", "unknown"]
    revocation_time: datetime | None = None
    reason: str | None = None
    invalidity_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A status and the revocation epoch in which it is true (`ca.epoch`)."""

    epoch: int
    status: CertificateStatus

    @property
    def lasts(self) -> bool:
        """Return whether it stays true as long as the epoch does.

        Revoking, holding and releasing begin a new epoch; being issued does not.
        """
        return self.status.status != "unknown"


_GOOD = CertificateStatus("good")
_UNKNOWN = CertificateStatus("unknown")

# One statement, hence one snapshot on both databases: a status that is newer or
# older than the epoch beside it would be believed for too long.
_READ = (
    select(
        RevocationEpoch.value,
        CertificateRecord.issuer,
        CertificateRecord.state,
        CertificateRecord.revoked_at,
        CertificateRecord.reason,
        CertificateRecord.invalidity_date,
        UnreconciledRevocation.serial_number,
    )
    .select_from(RevocationEpoch)
    .outerjoin(CertificateRecord, CertificateRecord.serial_number == bindparam("serial_number"))
    .outerjoin(
        UnreconciledRevocation,
        UnreconciledRevocation.serial_number == CertificateRecord.serial_number,
    )
    .where(RevocationEpoch.id == 1)
)


def read_standing(session: Session, issuer: AuthorityName, serial_number: int) -> Standing:
    """Return the status of a certificate of `issuer`, and the epoch, out of one snapshot.

    A number that was never issued, or not yet, is unknown. A hold is
    "revoked" with the reason certificateHold. An expired certificate keeps its
    last status. Raises `HierarchyMissing`, and `TryLater` for one that a
    journal says was revoked before the database was restored (`ca.journal`).
    """
    stored = serial_number_of(serial_number)
    row = session.execute(_READ, {"serial_number": stored}).one_or_none()
    if row is None:
        raise HierarchyMissing
    epoch, found_issuer, state, revoked_at, reason, invalidity_date, unreconciled = row
    if found_issuer != issuer:
        return Standing(epoch, _UNKNOWN)
    if state == "good":
        if unreconciled == stored:
            raise TryLater
        return Standing(epoch, _GOOD)
    if state in ("revoked", "on_hold"):
        assert revoked_at is not None, "set together with the state"
        return Standing(epoch, CertificateStatus("revoked", revoked_at, reason, invalidity_date))
    return Standing(epoch, _UNKNOWN)
