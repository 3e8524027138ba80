"""Authorities in the database: found, retired, and how long they are needed.

Among the issuing CAs one is "active". One that was succeeded is "retired": it
issues no more, and goes on signing CRLs and having OCSP answers until the last
of its certificates has expired.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import CursorResult, exists, select, update
from sqlalchemy.orm import Session

from ca.models import AuthorityName, AuthorityRecord, CertificateRecord
from ca.names.authority_names import ROOT


def retire(session: Session, name: AuthorityName) -> bool:
    """Let an active authority issue no more; return False when it was not active."""
    result = session.execute(
        update(AuthorityRecord)
        .where(AuthorityRecord.name == name, AuthorityRecord.state == "active")
        .values(state="retired")
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def read_authorities(session: Session) -> Mapping[AuthorityName, AuthorityRecord]:
    """Return every authority by name as it is now, newest first."""
    query = select(AuthorityRecord).order_by(
        AuthorityRecord.created_at.desc(), AuthorityRecord.name.desc()
    )
    records = session.scalars(query.execution_options(populate_existing=True))
    return {record.name: record for record in records}


def find_active(session: Session) -> AuthorityRecord | None:
    """Return the issuing CA that issues now, or None before there is one."""
    query = select(AuthorityRecord).where(
        AuthorityRecord.name != ROOT, AuthorityRecord.state == "active"
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def is_needed(session: Session, record: AuthorityRecord, now: datetime) -> bool:
    """Return whether an issuing CA still has work: it is active, or certificates of it live.

    A number that was reserved under it counts: its certificate is still to come.
    """
    if record.state == "active":
        return True
    living = exists().where(
        CertificateRecord.issuer == record.name,
        CertificateRecord.profile.not_in(("ocsp", "server")),
        (CertificateRecord.not_after >= now)
        | CertificateRecord.state.in_(("reserved", "prepared")),
    )
    return bool(session.scalar(select(living)))


def find_revoked(session: Session, records: Iterable[AuthorityRecord]) -> frozenset[AuthorityName]:
    """Return the names of those whose own certificate is revoked."""
    numbers = {record.serial_number: record.name for record in records}
    revoked = session.scalars(
        select(CertificateRecord.serial_number)
        .where(CertificateRecord.serial_number.in_(numbers))
        .where(CertificateRecord.state == "revoked")
    )
    return frozenset(numbers[number] for number in revoked)
