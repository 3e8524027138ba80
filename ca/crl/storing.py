"""Storing CRLs: numbers that only grow, the octets in parts, and the old ones dropped."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ca.crl.building import CrlContent
from ca.crl.models import CrlPart, CrlRecord, CrlScopeRecord
from ca.crl.scopes import DELTA, FULL, Scope
from ca.models import AuthorityName

PART_OCTETS: Final = 1024 * 1024

_CRLS: Final = CrlRecord.metadata.tables[CrlRecord.__tablename__]
_PARTS: Final = CrlPart.metadata.tables[CrlPart.__tablename__]


class ScopeBook:
    """The scopes of one issuer as they stand in this transaction, read once."""

    def __init__(
        self, session: Session, issuer: AuthorityName, scopes: Collection[Scope] | None = None
    ) -> None:
        """Read `scopes`, or all. The caller holds the lock of the audit chain.

        So nobody else publishes. Full and delta CRL are always among them.
        """
        self.issuer = issuer
        query = (
            select(CrlScopeRecord, CrlRecord)
            .outerjoin(
                CrlRecord,
                (CrlRecord.issuer == CrlScopeRecord.issuer)
                & (CrlRecord.scope == CrlScopeRecord.scope)
                & (CrlRecord.crl_number == CrlScopeRecord.crl_number),
            )
            .where(CrlScopeRecord.issuer == issuer)
            .execution_options(populate_existing=True)
        )
        if scopes is not None:
            query = query.where(CrlScopeRecord.scope.in_({FULL, DELTA, *scopes}))
        self._scopes: dict[Scope, CrlScopeRecord] = {}
        self._newest: dict[Scope, CrlRecord] = {}
        for scope, crl in session.execute(query):
            self._scopes[scope.scope] = scope
            if crl is not None:
                self._newest[scope.scope] = crl

    def scopes(self) -> set[Scope]:
        """Return those of the scopes read that were ever published."""
        return set(self._scopes)

    def newest(self, scope: Scope) -> CrlRecord | None:
        """Return the newest CRL of a scope, without its octets."""
        return self._newest.get(scope)

    def next_number(self, scope: Scope, this_update: datetime, *, is_empty: bool) -> int:
        """Return the number of the next CRL (RFC 5280 section 5.2.3).

        It is the time in milliseconds, so that it is above everything that was
        published before a restore, or more when that would not be above the one
        before. Full and delta CRL share one sequence. Two of them that say the
        same have the same number: a delta that changes nothing has its base's.
        """
        full, delta = self._number(FULL), self._number(DELTA)
        if scope == DELTA and is_empty and full > delta:
            return full
        last = max(full, delta) if scope in (FULL, DELTA) else self._number(scope)
        return max(last + 1, int(this_update.timestamp()) * 1000)

    def addresses(self, scope: Scope, address: str) -> tuple[str, ...]:
        """Return the addresses a shard was ever served at, the present one first."""
        former = self.known_addresses(scope)
        return (address, *(each for each in former if each != address))

    def known_addresses(self, scope: Scope) -> tuple[str, ...]:
        """Return the addresses that the newest CRL of a shard has."""
        known = self._scopes.get(scope)
        return tuple(known.addresses.split("\n")) if known is not None and known.addresses else ()

    def advance(self, session: Session, crl: CrlRecord, addresses: tuple[str, ...]) -> None:
        """Make `crl` the newest of its scope."""
        known = self._scopes.get(crl.scope)
        if known is None:
            known = CrlScopeRecord(issuer=self.issuer, scope=crl.scope)
            self._scopes[crl.scope] = known
            session.add(known)
        known.crl_number = known.last_number = crl.crl_number
        known.addresses = "\n".join(addresses)
        known.overdue_since = None
        self._newest[crl.scope] = crl

    def is_overdue(self, scope: Scope) -> bool:
        """Return whether the newest CRL of a scope lacks an act."""
        known = self._scopes.get(scope)
        return known is not None and known.overdue_since is not None

    def skip_to(self, session: Session, scope: Scope, crl_number: int) -> None:
        """Let the next number of a scope be above `crl_number`."""
        known = self._scopes.get(scope)
        if known is None:
            known = CrlScopeRecord(
                issuer=self.issuer, scope=scope, crl_number=0, last_number=0, addresses=""
            )
            session.add(known)
        known.last_number = max(known.last_number, crl_number)
        session.flush()

    def _number(self, scope: Scope) -> int:
        known = self._scopes.get(scope)
        return known.last_number if known is not None else 0


def store_crl(
    session: Session,
    book: ScopeBook,
    scope: Scope,
    der: bytes,
    content: CrlContent,
    *,
    entries: int,
    epoch: int,
    left_out_before: datetime | None,
) -> CrlRecord:
    """Store a CRL that the gate let pass, as the newest of its scope.

    The one before is kept for whoever is reading it just now.
    """
    before = book.newest(scope)
    crl = CrlRecord(
        issuer=book.issuer,
        scope=scope,
        crl_number=content.crl_number,
        base_number=content.base_number,
        epoch=epoch,
        this_update=content.this_update,
        next_update=content.next_update,
        left_out_before=left_out_before,
        entries=entries,
        octets=len(der),
        sha256=hashlib.sha256(der).hexdigest(),
    )
    book.advance(session, crl, content.addresses)
    # Past the object layer: with many shards at once it is most of the work.
    connection = session.connection()
    columns = CrlRecord.__mapper__.column_attrs.keys()
    connection.execute(_CRLS.insert(), {name: getattr(crl, name) for name in columns})
    for place, start in enumerate(range(0, len(der), PART_OCTETS)):
        connection.execute(
            _PARTS.insert(),
            {
                "issuer": crl.issuer,
                "scope": crl.scope,
                "crl_number": crl.crl_number,
                "place": place,
                "content": der[start : start + PART_OCTETS],
            },
        )
    if before is not None:
        withdraw_crls(session, book.issuer, scope, below=before.crl_number)
    return crl


def withdraw_crls(
    session: Session, issuer: AuthorityName, scope: Scope | None = None, below: int | None = None
) -> None:
    """Delete stored CRLs: of one scope or of all, those `below` a number or all.

    Their numbers are not given again.
    """
    for table in (CrlPart, CrlRecord):
        statement = delete(table).where(table.issuer == issuer)
        if scope is not None:
            statement = statement.where(table.scope == scope)
        if below is not None:
            statement = statement.where(table.crl_number < below)
        session.execute(statement.execution_options(synchronize_session=False))


def mark_overdue(
    session: Session, issuer: AuthorityName, scopes: Collection[Scope], now: datetime
) -> None:
    """Say that the newest CRLs of `scopes` do not show what has just happened."""
    session.execute(
        update(CrlScopeRecord)
        .where(CrlScopeRecord.issuer == issuer)
        .where(CrlScopeRecord.scope.in_(scopes))
        .where(CrlScopeRecord.overdue_since.is_(None))
        .values(overdue_since=now)
        .execution_options(synchronize_session=False)
    )


def pass_number(
    session: Session, issuer: AuthorityName, crl_number: int, scope: Scope = FULL
) -> None:
    """Let the next CRL of a scope be above a number that is known from elsewhere.

    As after a restore, from a CRL that somebody still has.
    """
    ScopeBook(session, issuer).skip_to(session, scope, crl_number)
