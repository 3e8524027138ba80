"""The status of one certificate as the database has it now (RFC 6960 section 2.2)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy.orm import Session

from ca.models import AuthorityName
from ca.reasons import reason_flag
from ca.records import find_record
from ca.serial_numbers import serial_number_of


@dataclass(frozen=True)
class CertificateStatus:
    """What the answer says; the time in whole seconds."""

    status: OCSPCertStatus
    revocation_time: datetime | None = None
    reason: x509.ReasonFlags | None = None


_UNKNOWN = CertificateStatus(OCSPCertStatus.UNKNOWN)


def status_of(session: Session, issuer: AuthorityName, serial_number: int) -> CertificateStatus:
    """Return the status of a certificate of the issuing CA `issuer`.

    A number that was never issued, or not yet, is unknown. A hold is
    "revoked" with the reason certificateHold. An expired certificate keeps its
    last status.
    """
    record = find_record(session, serial_number_of(serial_number))
    if record is None or record.issuer != issuer:
        return _UNKNOWN
    if record.state == "good":
        return CertificateStatus(OCSPCertStatus.GOOD)
    if record.state in ("revoked", "on_hold"):
        assert record.revoked_at is not None, "set together with the state"
        return CertificateStatus(
            OCSPCertStatus.REVOKED,
            record.revoked_at.replace(microsecond=0),
            reason_flag(record.reason),
        )
    return _UNKNOWN
