"""What CRLs list: written by the acts, streamed by publication.

An entry stays until it has been on one CRL made after its certificate's expiry
(RFC 5280 section 3.3); the moment before which expired ones are left out is
called `left_out_before`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from ca.crl.models import SERIAL_OCTETS, CrlEntryRecord, CrlRemovalRecord
from ca.crl.scopes import FULL, Scope, scope_of, shard_number
from ca.models import ENDED, AuthorityName, CertificateRecord
from foundation.database import read_values, stream_values

Value = TypeVar("Value", str, bytes)

_AT_ONCE = 1_000
# Of a stream: as many rows are in memory.
_FETCHED = 20_000


@dataclass(frozen=True)
class EntryChange:
    """An entry that is new or replaces an older one, or the removal of a released hold."""

    issuer: AuthorityName
    shard: int | None
    serial_number: str
    not_after: datetime | None
    entry: bytes
    is_removal: bool = False


@dataclass(frozen=True)
class Listed:
    """How many certificates there are, and the sum of their serial numbers.

    Serial numbers are random, so two lists that differ by accident differ in
    this too, and it does not depend on any order.
    """

    count: int
    total: int


def serial_key(serial_number: str) -> bytes:
    """Return a serial number in the form that sorts as a number."""
    return int(serial_number, 16).to_bytes(SERIAL_OCTETS, "big")


def write_changes(session: Session, changes: Sequence[EntryChange], epoch: int) -> None:
    """Store what an act changed; whatever was said before of these certificates is dropped."""
    for start in range(0, len(changes), _AT_ONCE):
        some = changes[start : start + _AT_ONCE]
        _drop(session, some)
        entries = [
            {
                "issuer": change.issuer,
                "serial": serial_key(change.serial_number),
                "epoch": epoch,
                "entry": change.entry,
                **({} if change.is_removal else _standing_columns(change)),
            }
            for change in some
        ]
        for table, is_removal in ((CrlEntryRecord, False), (CrlRemovalRecord, True)):
            rows = [
                row
                for row, change in zip(entries, some, strict=True)
                if change.is_removal == is_removal
            ]
            if rows:
                session.execute(insert(table), rows)


def replace_entries(
    session: Session, issuer: AuthorityName, changes: Sequence[EntryChange], epoch: int
) -> None:
    """Let `changes` be everything that is said of an issuer's certificates."""
    session.execute(
        delete(CrlEntryRecord)
        .where(CrlEntryRecord.issuer == issuer)
        .execution_options(synchronize_session=False)
    )
    write_changes(session, changes, epoch)


def stream_entries(
    session: Session,
    issuer: AuthorityName,
    scope: Scope,
    left_out_before: datetime | None,
    count: int,
) -> Iterator[Sequence[bytes]]:
    """Yield what the full CRL or a shard lists, by serial number, many at a time.

    `count` is how many there should be; here it only says how to read them.
    """
    table = CrlEntryRecord
    query = (
        select(table.entry)
        .where(table.issuer == issuer)
        .where(_not_left_out(table.not_after, left_out_before))
        .order_by(table.serial)
    )
    if scope != FULL:
        query = query.where(table.shard == shard_number(scope))
    return _in_parts(session, query, is_long=count > _FETCHED)


def stream_changes(
    session: Session, issuer: AuthorityName, after_epoch: int, count: int
) -> Iterator[Sequence[bytes]]:
    """Yield what a delta CRL lists: everything that changed after an epoch; see above."""
    changed = union_all(
        *(
            select(table.serial.label("serial"), table.entry.label("entry"))
            .where(table.issuer == issuer)
            .where(table.epoch > after_epoch)
            for table in (CrlEntryRecord, CrlRemovalRecord)
        )
    ).subquery()
    query = select(changed.c.entry).order_by(changed.c.serial)
    return _in_parts(session, query, is_long=count > _FETCHED)


def count_changes(session: Session, issuer: AuthorityName, after_epoch: int) -> Listed:
    """Return what a delta CRL must list."""
    count = total = 0
    for table in (CrlEntryRecord, CrlRemovalRecord):
        changed = (
            select(table.serial).where(table.issuer == issuer).where(table.epoch > after_epoch)
        )
        serials = read_values(session, changed)
        count += len(serials)
        total += sum(int.from_bytes(serial, "big") for serial in serials)
    return Listed(count, total)


def count_ended(
    session: Session, issuer: AuthorityName, scope: Scope, left_out_before: datetime | None
) -> Listed:
    """Return what must be listed, from the certificates themselves and not from the entries."""
    table = CertificateRecord
    query = (
        select(table.serial_number)
        .where(table.issuer == issuer)
        .where(ENDED)
        .where(_not_left_out(table.not_after, left_out_before))
    )
    if scope != FULL:
        query = query.where(table.crl_shard == shard_number(scope))
    count = total = 0
    for numbers in _in_parts(session, query, is_long=scope == FULL):
        count += len(numbers)
        total += sum(int(number, 16) for number in numbers)
    return Listed(count, total)


def find_used_shards(session: Session, issuer: AuthorityName) -> set[Scope]:
    """Return the shards in which any certificate was ever revoked or is held.

    Each is looked up behind the one before, however many certificates there are:
    neither database skips by itself from one value of an index to the next.
    """
    shard = CertificateRecord.crl_shard
    lowest = (
        select(func.min(shard).label("shard"))
        .where(CertificateRecord.issuer == issuer)
        .where(ENDED)
    )
    used = lowest.cte("used", recursive=True)
    behind = lowest.where(shard > used.c.shard).correlate(used).scalar_subquery()
    used = used.union_all(select(behind).where(used.c.shard.is_not(None)))
    found = session.scalars(select(used.c.shard).where(used.c.shard.is_not(None)))
    return {scope_of(number) for number in found}


def drop_expired(session: Session, issuer: AuthorityName, left_out_before: datetime) -> None:
    """Delete the entries of certificates that every CRL of this issuer leaves out for good."""
    session.execute(
        delete(CrlEntryRecord)
        .where(CrlEntryRecord.issuer == issuer)
        .where(CrlEntryRecord.not_after < left_out_before)
        .execution_options(synchronize_session=False)
    )


def drop_removals(session: Session, issuer: AuthorityName, shown_epoch: int) -> None:
    """Delete the releases that the full CRL shows: no delta will start before it."""
    session.execute(
        delete(CrlRemovalRecord)
        .where(CrlRemovalRecord.issuer == issuer)
        .where(CrlRemovalRecord.epoch <= shown_epoch)
        .execution_options(synchronize_session=False)
    )


def _not_left_out(
    not_after: InstrumentedAttribute[datetime | None], left_out_before: datetime | None
) -> ColumnElement[bool]:
    if left_out_before is None:
        return true()
    # Of a revocation that only the journal knew, the expiry may not be known.
    return or_(not_after.is_(None), not_after >= left_out_before)


def _in_parts(
    session: Session, query: Select[Value], *, is_long: bool
) -> Iterator[Sequence[Value]]:
    """Yield the only column in parts; when it is long, only one part is in memory."""
    if is_long:
        yield from stream_values(session, query, _FETCHED)
    else:
        # In one round trip.
        yield read_values(session, query)


def _standing_columns(change: EntryChange) -> dict[str, int | datetime | None]:
    return {"shard": change.shard, "not_after": change.not_after}


def _drop(session: Session, changes: Sequence[EntryChange]) -> None:
    keys = [serial_key(change.serial_number) for change in changes]
    issuers = {change.issuer for change in changes}
    for table in (CrlEntryRecord, CrlRemovalRecord):
        session.execute(
            delete(table)
            .where(table.issuer.in_(issuers))
            .where(table.serial.in_(keys))
            .execution_options(synchronize_session=False)
        )
