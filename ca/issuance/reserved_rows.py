"""Rows of numbers that are kept for a certificate, and what they say of it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca.errors import CertificateNotFound, SerialNumberTaken
from ca.issuance.drafting import Wanted
from ca.models import AuthorityName, CertificateRecord, ProfileName
from foundation.database import Statement

_TABLE: Final = cast(Table, CertificateRecord.__table__)
_RESERVE: Final = insert(_TABLE)
_RESERVED: Final = Statement(
    select(
        _TABLE.c.serial_number,
        _TABLE.c.profile,
        _TABLE.c.issuer,
        _TABLE.c.crl_shard,
        _TABLE.c.subscriber,
    ).where(_TABLE.c.serial_number == bindparam("number"))
)


class Reserved(NamedTuple):
    """A number and what it is kept for."""

    serial_number: str
    profile: ProfileName
    issuer: AuthorityName
    crl_shard: int | None
    subscriber: str | None


def insert_reserved(session: Session, columns: Mapping[str, object]) -> None:
    """Write the row of a new number; raises `SerialNumberTaken`, and the transaction goes on."""
    connection = session.connection()
    try:
        with connection.begin_nested():
            connection.execute(_RESERVE, columns)
    except IntegrityError as taken:
        # Never twice, whatever the generator does (RFC 5280 section 4.1.2.2).
        raise SerialNumberTaken from taken


def get_reserved(session: Session, serial_number: str) -> Reserved:
    """Return what a number is kept for, whatever became of it; raises `CertificateNotFound`."""
    found = _RESERVED.find(session, number=serial_number)
    if found is None:
        raise CertificateNotFound(serial_number)
    return Reserved(*found)


def wanted_of(record: CertificateRecord | Reserved, server_names: Sequence[str] = ()) -> Wanted:
    """Return what the certificate of a number shall be for."""
    return Wanted(
        serial_number=record.serial_number,
        profile=cast(ProfileName, record.profile),
        issuer=record.issuer,
        crl_shard=record.crl_shard,
        server_names=server_names,
    )
