"""What an act of the journal makes of a certificate, and which certificates still lack one."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.journal.entry import JournalAct, JournalEntry
from ca.models import CertificateRecord, CertificateState

# Of one query; SQLite takes 32,766 values.
_ASKED_AT_ONCE: Final = 1_000

# What an act makes of a certificate in some state; what is not here is done already.
_OUTCOMES: Final[dict[tuple[JournalAct, str | None], CertificateState]] = {
    ("revoked", "good"): "revoked",
    ("revoked", "on_hold"): "revoked",
    ("held", "good"): "on_hold",
    ("released", "on_hold"): "good",
    ("abandoned", "reserved"): "abandoned",
    ("abandoned", "prepared"): "abandoned",
    **{
        (act, state): "revoked"
        for act in ("revoked", "held")
        # A slip that had not been picked up yet, or no record at all: since then
        # there was a certificate.
        for state in (None, "reserved", "prepared", "abandoned")
    },
}


def outcome_of(act: JournalAct, state: str | None) -> CertificateState | None:
    """Return what `act` makes of a certificate in `state` (None: no record), None if nothing."""
    return _OUTCOMES.get((act, state))


def ends_of_stories(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    """Return one entry a certificate: its revocation, else its last act; in order of time."""
    ends: dict[str, JournalEntry] = {}
    for entry in entries:
        before = ends.get(entry.serial_number)
        if before is None or before.act != "revoked":
            ends.pop(entry.serial_number, None)
            ends[entry.serial_number] = entry
    return list(ends.values())


def find_lacking(session: Session, entries: Iterable[JournalEntry]) -> frozenset[str]:
    """Return the certificates whose state in this transaction is not what `entries` end in."""
    ends = ends_of_stories(entries)
    states: dict[str, str] = {}
    query = select(CertificateRecord.serial_number, CertificateRecord.state)
    for start in range(0, len(ends), _ASKED_AT_ONCE):
        some = [end.serial_number for end in ends[start : start + _ASKED_AT_ONCE]]
        rows = session.execute(query.where(CertificateRecord.serial_number.in_(some)))
        states.update((row.serial_number, row.state) for row in rows)
    return frozenset(
        end.serial_number
        for end in ends
        if outcome_of(end.act, states.get(end.serial_number)) is not None
    )
