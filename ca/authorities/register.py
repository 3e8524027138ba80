"""Entering authorities: at the first start, after a ceremony, and at each rollover."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from ca.errors import HierarchyExists
from ca.models import AuthorityName, AuthorityRecord, CertificateRecord
from ca.names.authority_names import ROOT
from ca.records import described_columns, issued_columns
from ca.serial_numbers import serial_number_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict


class AuthorityRegister:
    """Gives an authority its rows, among the certificates and among the authorities."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def enter(
        self,
        session: Session,
        name: AuthorityName,
        certificate: x509.Certificate,
        key_name: str,
        by: Actor,
    ) -> None:
        """Record an authority as active, in the caller's transaction.

        Raises `HierarchyExists` when its name or its serial number is taken. Does
        not verify the certificate.
        """
        at = self._clock.now()
        serial_number = serial_number_of(certificate.serial_number)
        record = CertificateRecord(
            serial_number=serial_number,
            issuer=ROOT,
            profile=ROOT if name == ROOT else "issuing",
            state="good",
            tbs=certificate.tbs_certificate_bytes,
            key_name=key_name,
            created_at=at,
            issued_at=at,
            **issued_columns(certificate),
            **described_columns(certificate),
        )
        insert_or_conflict(session, record, HierarchyExists())
        authority = AuthorityRecord(
            name=name,
            serial_number=serial_number,
            certificate=certificate.public_bytes(Encoding.DER),
            key_name=key_name,
            created_at=at,
        )
        insert_or_conflict(session, authority, HierarchyExists())
        self._audit.record(
            session,
            "authority.created",
            by=by,
            subject=f"certificate:{serial_number}",
            authority=name,
            fingerprint_sha256=record.fingerprint_sha256,
        )
