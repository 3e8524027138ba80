"""Ending many certificates in a few statements, however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session, load_only

from ca.errors import (
    AuthorityNotRevocable,
    CertificateAlreadyRevoked,
    CertificateNotFound,
    CertificateStateConflict,
)
from ca.models import CertificateRecord, CertificateState
from ca.profiles import AUTHORITY_PROFILES
from ca.reasons import HOLD
from ca.revocation.acts import Change
from foundation.errors import Failure

# SQLite takes 32,766 values in one statement.
_AT_ONCE = 1_000

# What an act needs to know of a certificate; not its content.
_COLUMNS = (
    CertificateRecord.serial_number,
    CertificateRecord.issuer,
    CertificateRecord.profile,
    CertificateRecord.crl_shard,
    CertificateRecord.subscriber,
    CertificateRecord.state,
    CertificateRecord.not_after,
)

_REVOKED: Mapping[str, CertificateState] = {
    "good": "revoked",
    "on_hold": "revoked",
    "reserved": "abandoned",
    "prepared": "abandoned",
}
_HELD: Mapping[str, CertificateState] = {"good": "on_hold"}


def lock_records(session: Session, serial_numbers: Sequence[str]) -> dict[str, CertificateRecord]:
    """Return the rows that exist, by serial number, as they are until this transaction ends."""
    query = (
        select(CertificateRecord)
        .where(CertificateRecord.serial_number.in_(serial_numbers))
        .order_by(CertificateRecord.serial_number)
        .options(load_only(*_COLUMNS))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {record.serial_number: record for record in session.scalars(query)}


def end_many(
    session: Session,
    serial_numbers: Sequence[str],
    reason: str,
    at: datetime,
    invalidity_date: datetime | None,
) -> tuple[list[Change], list[tuple[str, str]]]:
    """Change the states; return what changed, and (serial number, error code) of the others.

    The caller has locked the audit chain and concludes the changes.
    """
    changes: list[Change] = []
    skipped: list[tuple[str, str]] = []
    # In one order, so that two bulk acts cannot wait for one another.
    for some in _in_parts(sorted(set(serial_numbers))):
        records = lock_records(session, some)
        accepted: list[Change] = []
        for serial_number in some:
            try:
                record = require_revocable(records.get(serial_number), serial_number)
                state = _next_state(record, reason)
            except Failure as refused:
                skipped.append((serial_number, refused.code))
                continue
            accepted.append(
                Change(record, state, at)
                if state == "abandoned"
                else Change(record, state, at, reason, invalidity_date)
            )
        _store(session, accepted)
        changes += accepted
    return changes, skipped


def require_revocable(record: CertificateRecord | None, serial_number: str) -> CertificateRecord:
    """Return the row of a certificate that is not an authority's and not revoked.

    Raises `CertificateNotFound`, `AuthorityNotRevocable`, `CertificateAlreadyRevoked`.
    """
    if record is None:
        raise CertificateNotFound(serial_number)
    if record.profile in AUTHORITY_PROFILES:
        raise AuthorityNotRevocable(serial_number)
    if record.state == "revoked":
        raise CertificateAlreadyRevoked(serial_number)
    return record


def _next_state(record: CertificateRecord, reason: str) -> CertificateState:
    state = (_HELD if reason == HOLD else _REVOKED).get(record.state)
    if state is None:
        raise CertificateStateConflict(record.serial_number, record.state)
    return state


def _store(session: Session, changes: Sequence[Change]) -> None:
    """Write the new states, by one conditional UPDATE for each kind of change."""
    kinds: dict[tuple[str, CertificateState], list[Change]] = {}
    for change in changes:
        kinds.setdefault((change.record.state, change.state), []).append(change)
    for (before, after), alike in kinds.items():
        ends = {} if after == "abandoned" else _ending_columns(alike[0])
        result = session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number.in_([c.record.serial_number for c in alike]))
            .where(CertificateRecord.state == before)
            .values(state=after, **ends)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount != len(alike):
            # The rows are locked: somebody went around the locks. Nothing happens.
            raise CertificateStateConflict(alike[0].record.serial_number, before)


def _ending_columns(change: Change) -> dict[str, str | datetime | None]:
    return {
        "revoked_at": change.at,
        "reason": change.reason,
        "invalidity_date": change.invalidity_date,
    }


def _in_parts(serial_numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(serial_numbers), _AT_ONCE):
        yield serial_numbers[start : start + _AT_ONCE]
