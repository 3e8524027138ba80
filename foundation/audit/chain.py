"""The hash chain: how an entry is bound to its predecessor, and its verifier.

``entry_hash = SHA-256(canonical JSON of the entry, previous_hash included)``.
Canonical: keys sorted, no spaces, UTF-8, times in RFC 3339 UTC with
microseconds. The first entry's predecessor is 64 zeros. The chain shows any
change, insertion or removal inside it; it cannot show that its newest entries
were cut off or written anew with fresh hashes, which takes a checkpoint kept
elsewhere.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from json.encoder import encode_basestring
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from foundation.audit.model import AuditEntry

GENESIS_HASH = "0" * 64
_BATCH = 2_000
# Built once: `json.dumps` with arguments builds an encoder on every call.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class BrokenChain(Exception):
    """The chain does not hold at `sequence`, the first bad entry."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(f"audit entry {sequence}: {reason}")
        self.sequence = sequence
        self.reason = reason


def hash_entry(entry: AuditEntry) -> str:
    """Return the hash that `entry` must carry, in lower-case hex."""
    return hash_document(document_of(entry))


def document_of(entry: AuditEntry) -> dict[str, str | int | None]:
    """Return everything that the entry's hash covers, under the names it has there."""
    return {
        "sequence": entry.sequence,
        "at": written_time(entry.at),
        "actor": entry.actor,
        "address": entry.address,
        "request_id": entry.request_id,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "facts": entry.facts,
        "previous_hash": entry.previous_hash,
    }


class EntryText(NamedTuple):
    """An entry as its hash covers it, in the order of canonical JSON."""

    action: str
    actor: str
    address: str | None
    at: str
    facts: str
    outcome: str
    previous_hash: str
    request_id: str | None
    sequence: int
    subject: str


def hash_text(entry: EntryText) -> str:
    """Return what `hash_document` returns, several times as fast, for those who write entries."""
    action, actor, address, at, facts, outcome, previous_hash, request_id, sequence, subject = entry
    quoted = encode_basestring
    text = (
        f'{{"action":{quoted(action)},"actor":{quoted(actor)},'
        f'"address":{"null" if address is None else quoted(address)},'
        f'"at":{quoted(at)},"facts":{quoted(facts)},"outcome":{quoted(outcome)},'
        f'"previous_hash":{quoted(previous_hash)},'
        f'"request_id":{"null" if request_id is None else quoted(request_id)},'
        f'"sequence":{sequence},"subject":{quoted(subject)}}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()


def hash_document(document: Mapping[str, str | int | None]) -> str:
    """Return the hash of an entry given as its document; raises for what JSON cannot say."""
    return hashlib.sha256(_CANONICAL.encode(document).encode()).hexdigest()


def written_time(at: datetime) -> str:
    """Return a time as entries write it: RFC 3339 UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verify_chain(session: Session, visit: Callable[[AuditEntry], None] = lambda entry: None) -> int:
    """Walk the whole chain and return the number of entries; `visit` sees each in its order.

    Raises `BrokenChain` with the first entry that is missing, changed or out
    of place. Reads in batches, so memory stays flat.
    """
    last: AuditEntry | None = None
    count = 0
    while batch := _read_after(session, last):
        for before, entry in pairwise([last, *batch]):
            assert entry is not None
            _verify_entry(before, entry)
            visit(entry)
        last = batch[-1]
        count += len(batch)
        session.expunge_all()
    return count


def _read_after(session: Session, last: AuditEntry | None) -> list[AuditEntry]:
    query = select(AuditEntry).where(_follows(last)).order_by(AuditEntry.sequence)
    try:
        return list(session.scalars(query.limit(_BATCH)))
    except (ValueError, OperationalError):
        return _read_one_by_one(session, last)


def _read_one_by_one(session: Session, last: AuditEntry | None) -> list[AuditEntry]:
    """Return the entries before the one that holds what no entry can; raise when it is first.

    SQLite keeps anything in any column. A database that does not answer at
    all still raises its own error.
    """
    read: list[AuditEntry] = []
    query = select(AuditEntry.sequence).where(_follows(last)).order_by(AuditEntry.sequence)
    for sequence in session.scalars(query.limit(_BATCH)).all():
        try:
            read.append(session.get_one(AuditEntry, sequence))
        except (ValueError, OperationalError) as unreadable:
            session.execute(select(1))
            if not read:
                raise BrokenChain(sequence, "cannot be read") from unreadable
            break
    return read


def _follows(last: AuditEntry | None) -> ColumnElement[bool]:
    # From the very beginning, not from 1: an entry numbered 0 was slipped in.
    return true() if last is None else AuditEntry.sequence > last.sequence


def _verify_entry(before: AuditEntry | None, entry: AuditEntry) -> None:
    expected_sequence = before.sequence + 1 if before else 1
    if entry.sequence < expected_sequence:
        raise BrokenChain(entry.sequence, "is before the first entry")
    if entry.sequence > expected_sequence:
        raise BrokenChain(expected_sequence, "missing")
    if entry.previous_hash != (before.entry_hash if before else GENESIS_HASH):
        raise BrokenChain(entry.sequence, "does not follow the entry before it")
    if not _holds_its_own_hash(entry):
        raise BrokenChain(entry.sequence, "was changed")


def _holds_its_own_hash(entry: AuditEntry) -> bool:
    try:
        return entry.entry_hash == hash_entry(entry)
    except (AttributeError, TypeError, ValueError):
        # Octets, say, where a text belongs: JSON has no word for it.
        return False
