"""Publishing CRLs: the only way a CRL comes into the database.

A CRL is built in the transaction that makes it necessary, so that a revocation
and its publication are one fact. Serving one reads what is stored
(`ca.pki_router`).
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ca.authority import Authority, RootWithoutKey
from ca.crl.building import CrlContent, build_crl
from ca.crl.entries import list_entries
from ca.crl.errors import RootKeyOffline
from ca.crl.gate import RemovableSerials, verify_new_crl
from ca.crl.stored import find_crl
from ca.errors import HierarchyMissing
from ca.models import AuthorityName, AuthorityRecord, CertificateRecord, CrlRecord
from ca.serial_numbers import serial_number_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

ISSUERS: tuple[AuthorityName, ...] = ("root", "issuing")
# The newest, and the one before for whoever is reading it just now.
_KEPT = 2


class CrlAuthorities(Protocol):
    """Where publication finds the authorities that sign CRLs."""

    @property
    def root(self) -> Authority | RootWithoutKey:
        """Return the root."""
        ...

    @property
    def issuing(self) -> Authority:
        """Return the issuing CA."""
        ...


class CrlPublication:
    """Publishes the full CRLs of both authorities."""

    def __init__(
        self,
        *,
        authorities: CrlAuthorities,
        audit: AuditLog,
        clock: Clock,
        validity: timedelta,
        refresh_after: timedelta | None = None,
    ) -> None:
        """`validity` runs from this_update to next_update; `refresh_after` is half of it."""
        self._authorities = authorities
        self._audit = audit
        self._clock = clock
        self._validity = validity
        self._refresh_after = refresh_after if refresh_after is not None else validity / 2

    def publish(self, session: Session, issuer: AuthorityName, by: Actor) -> CrlRecord:
        """Build, prove and store the next CRL, in the caller's transaction.

        Raises `RootKeyOffline`, and `CrlFault` when the gate refuses it.
        """
        # 1. From here on nobody else publishes for this authority.
        self._audit.lock_chain(session)
        crl_number = _next_number(session, issuer)

        # 2. Build and sign.
        authority = self._signing_authority(issuer)
        before = find_crl(session, issuer)
        content = self._content(session, authority, crl_number, before)
        der = build_crl(authority, content).public_bytes(Encoding.DER)

        # 3. Prove.
        verify_new_crl(
            der,
            content,
            authority.certificate,
            authority.signer.public_key,
            x509.load_der_x509_crl(before.der) if before else None,
            _expired_serials(session, before),
        )

        # 4. Store.
        record = CrlRecord(
            issuer=issuer,
            crl_number=crl_number,
            this_update=content.this_update,
            next_update=content.next_update,
            der=der,
        )
        session.add(record)
        session.flush()
        _drop_old(session, issuer, crl_number)
        self._record(session, record, len(content.entries), by)
        return record

    def refresh_due(self, database: Database) -> tuple[AuthorityName, ...]:
        """Publish what is missing or older than `refresh_after`; return for whom.

        A job calls it. Each CRL is a transaction of its own: when the root's
        fails, the issuing CA's is still published, and the old one stays.
        """
        return tuple(issuer for issuer in ISSUERS if self._refresh(database, issuer))

    def _refresh(self, database: Database, issuer: AuthorityName) -> bool:
        if issuer == "root" and not isinstance(self._authorities.root, Authority):
            return False
        with database.writing() as session:
            self._audit.lock_chain(session)  # two nodes ask at the same time, one publishes
            present = find_crl(session, issuer)
            if present is not None and not self._is_due(present):
                return False
            self.publish(session, issuer, Actor.system())
            return True

    def _is_due(self, present: CrlRecord) -> bool:
        return self._clock.now() - present.this_update >= self._refresh_after

    def _signing_authority(self, issuer: AuthorityName) -> Authority:
        authority = self._authorities.root if issuer == "root" else self._authorities.issuing
        if not isinstance(authority, Authority):
            raise RootKeyOffline
        return authority

    def _content(
        self, session: Session, authority: Authority, crl_number: int, before: CrlRecord | None
    ) -> CrlContent:
        now = self._clock.now().replace(microsecond=0)
        # A clock that was set back must not stop a revocation: the new CRL
        # then begins where the one before began.
        this_update = max(now, before.this_update) if before else now
        next_update = min(this_update + self._validity, authority.certificate.not_valid_after_utc)
        entries = list_entries(session, authority.name, before.this_update if before else None)
        return CrlContent(crl_number, this_update, next_update, entries)

    def _record(self, session: Session, record: CrlRecord, entries: int, by: Actor) -> None:
        self._audit.record(
            session,
            "crl.published",
            by=by,
            subject=f"crl:{record.issuer}",
            crl_number=record.crl_number,
            entries=entries,
            der_sha256=hashlib.sha256(record.der).hexdigest().upper(),
        )


def _expired_serials(session: Session, before: CrlRecord | None) -> RemovableSerials:
    def find(serial_numbers: Iterable[int]) -> set[int]:
        asked = [serial_number_of(number) for number in serial_numbers]
        query = select(CertificateRecord.serial_number).where(
            CertificateRecord.serial_number.in_(asked)
        )
        if before is not None:
            query = query.where(CertificateRecord.not_after < before.this_update)
        return {int(found, 16) for found in session.scalars(query)}

    return find


def _next_number(session: Session, issuer: AuthorityName) -> int:
    number = session.scalar(
        update(AuthorityRecord)
        .where(AuthorityRecord.name == issuer)
        .values(crl_number=AuthorityRecord.crl_number + 1)
        .returning(AuthorityRecord.crl_number)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        raise HierarchyMissing
    return number


def _drop_old(session: Session, issuer: AuthorityName, crl_number: int) -> None:
    session.execute(
        delete(CrlRecord)
        .where(CrlRecord.issuer == issuer)
        .where(CrlRecord.crl_number <= crl_number - _KEPT)
        .execution_options(synchronize_session=False)
    )
