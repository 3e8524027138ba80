"""Doing again what a database has forgotten: the acts that a journal or a CRL tells of.

For each certificate the end of its story counts: once revoked it stays so,
otherwise its last act holds. What was done here already is left as it is, so
that it may be repeated. A revocation keeps its own time, so that the new CRL
says what the forgotten one said.

A certificate that the database does not know was issued after the moment it
comes from, and somebody holds it. When it is named as revoked or held, its
number is entered as revoked without a certificate: CRL and OCSP say so, and
the number is never used again. One that was only released stays unknown, and
the verifier trusts nothing unknown.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.epoch import advance_epoch_past
from ca.journal.entry import JournalEntry
from ca.journal.outcomes import ends_of_stories, outcome_of
from ca.journal.unreconciled import (
    AUDIT_LOG_CUT,
    find_standing,
    forget_unreconciled,
    set_standing,
)
from ca.models import AuthorityRecord, CertificateRecord, CertificateState
from ca.reasons import HOLD, REASONS, UNSPECIFIED
from ca.records import change_state, find_record
from ca.revocation.acts import Acts, Change
from foundation.audit import Actor, AuditLog

# The profile of a certificate that nobody but its holder has any more.
LOST = "lost"


@dataclass(frozen=True)
class Reconciled:
    """How many certificates have another standing than before, by what became of them.

    `lost` are those among the revoked that the database has no certificate of.
    """

    revoked: int = 0
    held: int = 0
    released: int = 0
    abandoned: int = 0
    lost: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.revoked + self.held + self.released + self.abandoned


class Reconciliation:
    """Applies acts to a database that lacks them."""

    def __init__(
        self,
        *,
        acts: Acts,
        audit: AuditLog,
        crl_shards: int,
        on_ended: Callable[[Session, str, Actor], None] = lambda session, serial_number, by: None,
    ) -> None:
        """`on_ended` ends, in the same transaction, what a revoked certificate has opened."""
        self._acts = acts
        self._audit = audit
        self._crl_shards = crl_shards
        self._on_ended = on_ended

    def apply(
        self,
        session: Session,
        entries: Iterable[JournalEntry],
        by: Actor,
        *,
        past_epoch: int,
        source: str,
        is_whole: bool = True,
    ) -> Reconciled:
        """Do what `entries` tell and is not done.

        When they are all there is to tell (`is_whole`), nothing is refused or
        in doubt any more from the commit on.
        `past_epoch` is the newest epoch anybody has seen; the database goes
        beyond it. `source` says in the audit log where the entries are from.
        Does not verify the entries: their readers have.
        """
        # 1. Nobody else changes anything meanwhile, and no old epoch comes again.
        self._audit.lock_chain(session)
        advance_epoch_past(session, past_epoch)

        # 2. The states, then epoch, CRLs, audit and journal, once for all.
        changes = list(self._changes(session, ends_of_stories(entries)))
        if changes:
            self._acts.conclude(session, changes, by)
        for change in changes:
            if change.state == "revoked":
                self._on_ended(session, change.record.serial_number, by)

        # 3. Nothing waits any more.
        if is_whole:
            forget_unreconciled(session)
            if find_standing(session).problem != AUDIT_LOG_CUT:
                set_standing(session, "known")
        done = _counted(changes)
        self._audit.record(
            session,
            "revocations.reconciled",
            by=by,
            subject=f"revocations:{source}",
            past_epoch=past_epoch,
            revoked=done.revoked,
            held=done.held,
            released=done.released,
            abandoned=done.abandoned,
            lost=done.lost,
        )
        return done

    def _changes(self, session: Session, entries: Iterable[JournalEntry]) -> Iterator[Change]:
        # An issuing CA made after that moment is lost as a whole: nothing of
        # its making verifies, and nobody here can sign for it.
        issuers = set(session.scalars(select(AuthorityRecord.name)))
        for entry in (entry for entry in entries if entry.issuer in issuers):
            record = find_record(session, entry.serial_number)
            before = record.state if record is not None else None
            after = outcome_of(entry.act, before)
            if after is None:
                continue
            if record is None:
                record = self._enter_lost(session, entry)
            elif before in ("reserved", "prepared", "abandoned") and after == "revoked":
                record.not_after = record.not_after or _end_of(session, entry)
                session.flush()
            yield _changed(session, record, after, entry)

    def _enter_lost(self, session: Session, entry: JournalEntry) -> CertificateRecord:
        record = CertificateRecord(
            serial_number=entry.serial_number,
            issuer=entry.issuer,
            profile=LOST,
            state="on_hold",
            crl_shard=int(entry.serial_number, 16) % self._crl_shards,
            created_at=entry.at,
            revoked_at=entry.at,
            reason=HOLD,
            not_after=_end_of(session, entry),
        )
        session.add(record)
        session.flush()
        return record


def _changed(
    session: Session, record: CertificateRecord, after: CertificateState, entry: JournalEntry
) -> Change:
    change = Change(record, after, entry.at)
    if after == "revoked":
        reason = entry.reason if entry.reason in REASONS and entry.reason != HOLD else UNSPECIFIED
        change = Change(record, after, entry.at, reason, entry.invalidity_date)
    elif after == "on_hold":
        change = Change(record, after, entry.at, HOLD)
    columns: dict[str, str | bytes | datetime | None] = {}
    if after != "abandoned":
        columns = {
            "revoked_at": entry.at if after != "good" else None,
            "reason": change.reason,
            "invalidity_date": change.invalidity_date,
        }
    change_state(session, record.serial_number, (_state_of(record),), after, **columns)
    return change


def _state_of(record: CertificateRecord) -> CertificateState:
    return record.state  # type: ignore[return-value] # the table's constraint holds it to these


def _counted(changes: list[Change]) -> Reconciled:
    states = [change.state for change in changes]
    return Reconciled(
        revoked=states.count("revoked"),
        held=states.count("on_hold"),
        released=states.count("good"),
        abandoned=states.count("abandoned"),
        lost=sum(change.record.der is None for change in changes if change.state == "revoked"),
    )


def _end_of(session: Session, entry: JournalEntry) -> datetime | None:
    """Return when the certificate ends, or its issuer, which none of its certificates outlasts."""
    if entry.not_after is not None:
        return entry.not_after
    query = select(AuthorityRecord.certificate).where(AuthorityRecord.name == entry.issuer)
    der = session.scalar(query)
    return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
