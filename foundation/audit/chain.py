"""The hash chain: how an entry is bound to its predecessor, and its verifier.

``entry_hash = SHA-256(canonical JSON of the entry, previous_hash included)``.
Canonical: keys sorted, no spaces, UTF-8, times in RFC 3339 UTC with
microseconds. The first entry's predecessor is 64 zeros. The chain shows any
change, insertion or removal inside it; it cannot show that its newest entries
were cut off, which takes a checkpoint kept elsewhere.
"""

import hashlib
import json
from datetime import UTC
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.model import AuditEntry

GENESIS_HASH = "0" * 64
_BATCH = 2_000


class BrokenChain(Exception):
    """The chain does not hold at `sequence`, the first bad entry."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(f"audit entry {sequence}: {reason}")
        self.sequence = sequence
        self.reason = reason


def hash_entry(entry: AuditEntry) -> str:
    """Return the hash that `entry` must carry, in lower-case hex."""
    document = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actor": entry.actor,
        "address": entry.address,
        "request_id": entry.request_id,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "facts": entry.facts,
        "previous_hash": entry.previous_hash,
    }
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify_chain(session: Session) -> int:
    """Walk the whole chain and return the number of entries.

    Raises `BrokenChain` with the first entry that is missing, changed or out
    of place. Reads in batches, so memory stays flat.
    """
    last: AuditEntry | None = None
    count = 0
    while batch := _read_after(session, last.sequence if last else 0):
        for before, entry in pairwise([last, *batch]):
            assert entry is not None
            _verify_entry(before, entry)
        last = batch[-1]
        count += len(batch)
        session.expunge_all()
    return count


def _read_after(session: Session, sequence: int) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.sequence > sequence)
    return list(session.scalars(query.order_by(AuditEntry.sequence).limit(_BATCH)))


def _verify_entry(before: AuditEntry | None, entry: AuditEntry) -> None:
    expected_sequence = before.sequence + 1 if before else 1
    if entry.sequence != expected_sequence:
        raise BrokenChain(expected_sequence, "missing")
    if entry.previous_hash != (before.entry_hash if before else GENESIS_HASH):
        raise BrokenChain(entry.sequence, "does not follow the entry before it")
    if entry.entry_hash != hash_entry(entry):
        raise BrokenChain(entry.sequence, "was changed")
