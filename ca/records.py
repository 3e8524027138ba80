"""Reading and changing rows of the table of certificates.

Every change of state is one conditional UPDATE; when another process was
faster it hits no row and becomes a typed conflict.
"""

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Table, bindparam, literal, select, update
from sqlalchemy.orm import Session

from ca.errors import CertificateNotFound, CertificateStateConflict
from ca.key_types import key_type_of
from ca.models import CertificateRecord, CertificateState
from foundation.database import Statement

_TABLE: Final = cast(Table, CertificateRecord.__table__)
_BY_NUMBER: Final = (
    select(CertificateRecord)
    .where(CertificateRecord.serial_number == bindparam("number"))
    .execution_options(populate_existing=True)
)


def find_record(session: Session, serial_number: str) -> CertificateRecord | None:
    """Return the row of a serial number as it is in the database now, or None."""
    return session.scalars(_BY_NUMBER, {"number": serial_number}).one_or_none()


def get_record(session: Session, serial_number: str) -> CertificateRecord:
    """Return the row of a serial number; raises `CertificateNotFound`."""
    record = find_record(session, serial_number)
    if record is None:
        raise CertificateNotFound(serial_number)
    return record


def change_state(
    session: Session,
    serial_number: str,
    before: tuple[CertificateState, ...],
    after: CertificateState,
    **columns: str | bytes | datetime | None,
) -> None:
    """Move a certificate from one of `before` to `after`.

    Raises `CertificateNotFound` and `CertificateStateConflict`.
    """
    change = _change_of(before, frozenset(columns))
    if change.change(session, number=serial_number, state=after, **columns) != 1:
        raise CertificateStateConflict(serial_number, get_record(session, serial_number).state)


@lru_cache(maxsize=64)
def _change_of(before: tuple[CertificateState, ...], columns: frozenset[str]) -> Statement:
    """Return the update; built once, because that costs more than sending it."""
    was = _TABLE.c.state.in_([literal(state) for state in before])
    return Statement(
        update(_TABLE)
        .where(_TABLE.c.serial_number == bindparam("number"), was)
        .values({name: bindparam(name) for name in {"state", *columns}})
    )


def issued_columns(certificate: x509.Certificate) -> dict[str, str | bytes]:
    """Return the columns that only a signed certificate has."""
    der = certificate.public_bytes(Encoding.DER)
    return {"der": der, "fingerprint_sha256": fingerprint_of(der)}


def fingerprint_of(der: bytes) -> str:
    """Return the digest by which a certificate is known: SHA-256, upper-case hex."""
    return hashlib.sha256(der).hexdigest().upper()


def key_columns(public_key: PublicKeyTypes) -> dict[str, str]:
    """Return the columns by which certificates of a key, or a kind of key, are found."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "key_type": key_type_of(public_key),
        "spki_sha256": hashlib.sha256(spki).hexdigest().upper(),
    }


def described_columns(certificate_or_draft: x509.Certificate) -> dict[str, str | datetime]:
    """Return the columns that show a certificate's content to people and to searches."""
    return {
        **key_columns(certificate_or_draft.public_key()),
        "subject": certificate_or_draft.subject.rfc4514_string(),
        "not_before": certificate_or_draft.not_valid_before_utc,
        "not_after": certificate_or_draft.not_valid_after_utc,
    }
