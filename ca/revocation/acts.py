"""What an act on one or many certificates writes beside their state, in one transaction.

1. a new epoch, which ends what caches know (`ca.epoch`): one for all,
2. what CRLs say of each certificate from now on, and the CRLs that show it, each
   once (`ca.crl`),
3. the audit log,
4. the revocation journal (`ca.journal`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from ca.crl import CrlPublication
from ca.crl.encoding import encode_entry, encode_removal
from ca.crl.entries import EntryChange, write_changes
from ca.epoch import advance_epoch
from ca.journal.entry import JournalAct, JournalEntry
from ca.models import AuthorityName, CertificateRecord, CertificateState
from ca.revocation.record import RevocationRecord
from foundation.audit import Actor, AuditDraft, AuditLog


class RevocationJournal(Protocol):
    """Where changes of revocation state are kept outside the database (`ca.journal`)."""

    def append(self, session: Session, entry: JournalEntry) -> None:
        """Have `entry` kept before the transaction of `session` commits."""
        ...


@dataclass(frozen=True)
class Change:
    """One certificate whose state an act has just changed."""

    record: CertificateRecord
    state: CertificateState
    at: datetime
    reason: str | None = None
    invalidity_date: datetime | None = None


# What each new state is called in the audit log and in the journal.
_ACTS: dict[CertificateState, JournalAct] = {
    "revoked": "revoked",
    "on_hold": "held",
    "good": "released",
    "abandoned": "abandoned",
}


class Acts:
    """Concludes acts."""

    def __init__(
        self, crls: CrlPublication, audit: AuditLog, journal: RevocationJournal | None
    ) -> None:
        self._crls = crls
        self._audit = audit
        self._journal = journal

    def conclude(
        self, session: Session, changes: Sequence[Change], by: Actor
    ) -> tuple[RevocationRecord, ...]:
        """Write everything that follows from `changes`; the chain is locked already."""
        # 1.
        epoch = advance_epoch(session)

        # 2.
        numbers = self._publish(session, changes, epoch, by)
        done = tuple(
            RevocationRecord(
                serial_number=change.record.serial_number,
                subscriber=change.record.subscriber,
                state=change.state,
                reason=change.reason,
                at=change.at,
                epoch=epoch,
                crl_number=numbers.get((change.record.issuer, change.record.crl_shard), 0),
            )
            for change in changes
        )

        # 3.
        self._audit.record_all(session, [_draft(each, by) for each in done])

        # 4.
        if self._journal is not None:
            for change, each in zip(changes, done, strict=True):
                self._journal.append(session, _journal_entry(change, each))
        return done

    def _publish(
        self, session: Session, changes: Sequence[Change], epoch: int, by: Actor
    ) -> dict[tuple[AuthorityName, int | None], int]:
        """Return the number of the CRL that shows each (issuer, shard)."""
        # No certificate exists under an abandoned number: no CRL lists it.
        listed = [change for change in changes if change.state != "abandoned"]
        write_changes(session, [_entry_change(change) for change in listed], epoch)
        shards: dict[AuthorityName, set[int | None]] = {}
        for change in listed:
            shards.setdefault(change.record.issuer, set()).add(change.record.crl_shard)
        return {
            (issuer, shard): number
            for issuer in sorted(shards)
            for shard, number in self._crls.publish_act(session, issuer, shards[issuer], by).items()
        }


def _entry_change(change: Change) -> EntryChange:
    record = change.record
    is_removal = change.state == "good"
    return EntryChange(
        issuer=record.issuer,
        shard=record.crl_shard,
        serial_number=record.serial_number,
        not_after=record.not_after,
        entry=encode_removal(record.serial_number, change.at)
        if is_removal
        else encode_entry(record.serial_number, change.at, change.reason, change.invalidity_date),
        is_removal=is_removal,
    )


def _draft(done: RevocationRecord, by: Actor) -> AuditDraft:
    return AuditDraft(
        f"certificate.{_ACTS[done.state]}",
        by,
        f"certificate:{done.serial_number}",
        facts={"reason": done.reason, "epoch": done.epoch, "crl_number": done.crl_number},
    )


def _journal_entry(change: Change, done: RevocationRecord) -> JournalEntry:
    return JournalEntry(
        epoch=done.epoch,
        act=_ACTS[done.state],
        issuer=change.record.issuer,
        serial_number=done.serial_number,
        at=done.at,
        reason=done.reason,
        invalidity_date=change.invalidity_date,
        crl_number=done.crl_number,
        not_after=change.record.not_after,
    )
