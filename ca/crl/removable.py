"""Which entries a new CRL may leave out."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.crl.gate import RemovableSerials
from ca.models import CertificateRecord
from ca.serial_numbers import serial_number_of


def expired_serials(session: Session, before: datetime | None) -> RemovableSerials:
    """Return what finds, of some serial numbers, those whose certificate had expired.

    `before` is when the previous CRL was made (RFC 5280 section 3.3).
    """

    def find(serial_numbers: Iterable[int]) -> set[int]:
        asked = [serial_number_of(number) for number in serial_numbers]
        query = select(CertificateRecord.serial_number).where(
            CertificateRecord.serial_number.in_(asked)
        )
        if before is not None:
            query = query.where(CertificateRecord.not_after < before)
        return {int(found, 16) for found in session.scalars(query)}

    return find
