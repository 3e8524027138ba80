"""Certificates that have ended, for whoever decides without asking this database.

What CRLs say of them (`ca.crl.entries`) and what a journal names that the
database does not know of (`ca.journal`), save what has expired: a certificate
beyond its validity is refused for that.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from ca.crl.models import CrlEntryRecord
from ca.crl.reading import reason_code
from ca.journal.unreconciled import find_standing, find_unreconciled
from ca.models import AuthorityRecord, CertificateRecord
from ca.serial_numbers import serial_number_of
from foundation.database import Database

_AT_ONCE = 1_000
_PAGE: Final = 5_000
# RFC 5280 section 5.3.1: certificateHold.
_HOLD_CODE = 6


@dataclass(frozen=True)
class EndedCertificate:
    """A certificate that is revoked, or held: a hold can be lifted."""

    serial_number: str
    is_held: bool


def pages_of_ended(database: Database, now: datetime) -> Iterator[Sequence[EndedCertificate]]:
    """Yield every certificate that has ended and would be valid at `now`, page by page.

    Each page is read in a transaction of its own: what changes meanwhile has a
    later epoch (`find_ended_since`) than the one before the first page.
    """
    table = CrlEntryRecord
    place: tuple[str, bytes] | None = None
    while True:
        query = (
            select(table.issuer, table.serial, table.entry)
            .where(or_(table.not_after.is_(None), table.not_after > now))
            .order_by(table.issuer, table.serial)
            .limit(_PAGE)
        )
        if place is not None:
            query = query.where(tuple_(table.issuer, table.serial) > place)
        with database.reading() as session:
            rows = session.execute(query).all()
        if not rows:
            return
        yield [_ended(row.serial, row.entry) for row in rows]
        place = (rows[-1].issuer, rows[-1].serial)


def find_ended_since(
    session: Session, epoch: int, now: datetime, at_most: int
) -> Sequence[EndedCertificate]:
    """Return what has ended after `epoch`; no more than `at_most`, which may be cut off there.

    One that was ended and released again is not in it, see `find_still_held`.
    """
    table = CrlEntryRecord
    rows = session.execute(
        select(table.serial, table.entry)
        .where(table.issuer.in_(select(AuthorityRecord.name)))
        .where(table.epoch > epoch)
        .where(or_(table.not_after.is_(None), table.not_after > now))
        .limit(at_most)
    ).all()
    return [_ended(row.serial, row.entry) for row in rows]


def find_still_held(session: Session, serial_numbers: Collection[str]) -> frozenset[str]:
    """Return those of the certificates that are not good again."""
    asked = sorted(serial_numbers)
    good: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        good.update(
            session.scalars(
                select(CertificateRecord.serial_number)
                .where(CertificateRecord.serial_number.in_(asked[start : start + _AT_ONCE]))
                .where(CertificateRecord.state == "good")
            )
        )
    return frozenset(asked) - good


def find_refused(session: Session) -> frozenset[str]:
    """Return the serial numbers that a journal names as ended and the database does not know."""
    return frozenset(find_unreconciled(session))


def is_closed(session: Session) -> bool:
    """Return whether nobody is let in, because it is not known what was revoked."""
    return find_standing(session).standing == "closed"


def _ended(serial: bytes, entry: bytes) -> EndedCertificate:
    return EndedCertificate(
        serial_number_of(int.from_bytes(serial, "big")),
        reason_code(entry, 0, len(entry)) == _HOLD_CODE,
    )
