"""The authorities of an installation, as an operator sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from sqlalchemy.orm import Session

from ca.authorities.records import is_needed, read_authorities
from ca.encoding.signature_algorithms import algorithm_name_of
from ca.models import AuthorityName, AuthorityRecord
from ca.names.authority_names import ROOT
from ca.records import get_record
from ca.signing import Signers


@dataclass(frozen=True)
class AuthoritySummary:
    """One authority; fingerprint in upper-case hex.

    `standing` is "active", "retired", "finished" when the last of its
    certificates has expired, or "revoked". `key` is "here" or "elsewhere".
    """

    name: AuthorityName
    standing: str
    key: str
    key_algorithm: str
    key_name: str
    serial_number: str
    subject: str
    not_after: datetime
    fingerprint_sha256: str

    def as_document(self) -> dict[str, str]:
        """Return the form that commands and programs read."""
        return {
            "name": self.name,
            "standing": self.standing,
            "key": self.key,
            "key_algorithm": self.key_algorithm,
            "key_name": self.key_name,
            "serial_number": self.serial_number,
            "subject": self.subject,
            "not_after": f"{self.not_after:%Y-%m-%dT%H:%M:%SZ}",
            "fingerprint_sha256": self.fingerprint_sha256,
        }


def summarise_authorities(
    session: Session, signers: Signers, now: datetime
) -> Sequence[AuthoritySummary]:
    """Return root first, then the issuing CAs, newest first; raises `KeyUnavailable`."""
    records = sorted(read_authorities(session).values(), key=lambda each: each.name != ROOT)
    return [_summary(session, record, signers, now) for record in records]


def _summary(
    session: Session, record: AuthorityRecord, signers: Signers, now: datetime
) -> AuthoritySummary:
    certificate = x509.load_der_x509_certificate(record.certificate)
    return AuthoritySummary(
        name=record.name,
        standing=_standing(session, record, now),
        key="here" if signers.find(record.key_name) is not None else "elsewhere",
        key_algorithm=algorithm_name_of(certificate.public_key()),
        key_name=record.key_name,
        serial_number=record.serial_number,
        subject=certificate.subject.rfc4514_string(),
        not_after=certificate.not_valid_after_utc,
        fingerprint_sha256=certificate.fingerprint(hashes.SHA256()).hex().upper(),
    )


def _standing(session: Session, record: AuthorityRecord, now: datetime) -> str:
    if get_record(session, record.serial_number).state == "revoked":
        return "revoked"
    if record.name != ROOT and not is_needed(session, record, now):
        return "finished"
    return record.state
