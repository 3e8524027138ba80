"""Comparing database and journal, and making them agree.

At every start, at a restore, and when an operator asks. What the journal
explains is done again. What nothing explains closes the gateway: nobody is let
in until an operator says what holds (docs/operations.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ca.crl.storing import pass_number
from ca.epoch import lock_epoch
from ca.journal.crl_source import ToldByCrl, read_crl
from ca.journal.difference import Unknown, find_unknown
from ca.journal.entry import JournalEntry
from ca.journal.errors import JournalUnreadable
from ca.journal.file import JournalFile
from ca.journal.journal import RevocationJournal, was_kept
from ca.journal.models import Standing
from ca.journal.reconciliation import Reconciled, Reconciliation
from ca.journal.unreconciled import (
    AUDIT_LOG_CUT,
    find_standing,
    find_unreconciled,
    set_aside,
    set_standing,
)
from foundation.audit import Actor, AuditLog
from foundation.audit.checkpoint import FORK_ACTION
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Failure

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Settled:
    """How a comparison ended; `problem` is the code of the failure that closed the gateway."""

    standing: Standing
    problem: str | None
    reconciled: Reconciled


class Settlement:
    """Brings the database up to what is known outside it."""

    def __init__(
        self,
        *,
        database: Database,
        journal: RevocationJournal,
        is_elsewhere: bool,
        reconciliation: Reconciliation,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`is_elsewhere`: an operator has named the journal's place, so it has to be there."""
        self._database = database
        self._journal = journal
        self._is_elsewhere = is_elsewhere
        self._reconciliation = reconciliation
        self._audit = audit
        self._clock = clock

    def settle(self, by: Actor) -> Settled:
        """Compare with the journal and do what the database lacks; closes when it cannot.

        Several transactions. When the acts cannot be done (a key is missing),
        the certificates in question stay refused, and it may be called again.
        """
        try:
            if not self._journal.file.exists():
                return self._settle_without_journal(by)
            with self._database.reading() as session:
                unknown = find_unknown(session, [self._journal.file])
                standing = find_standing(session)
                waiting = find_unreconciled(session)
            # A log that was cut is a question for people; no journal answers it.
            is_closed = standing.standing == "closed" and standing.problem != AUDIT_LOG_CUT
            if not unknown.lines and not waiting and not is_closed:
                return self._settled()
            unknown = self._set_aside_unknown()
            if not unknown.lines and not waiting and not is_closed:
                return self._settled()
            acts = [*unknown.acts(), *_acts_of(self._journal.file, waiting)]
        except (OSError, Failure) as problem:
            unreadable = "revocation-journal-unreadable"
            return self.close(problem.code if isinstance(problem, Failure) else unreadable, by)
        try:
            return self._settled(self._reconcile(acts, unknown.last_epoch, by, "journal"))
        except (OSError, Failure) as failed:
            _LOG.error("revocations_not_reconciled", problem=str(failed))
            return self._settled()

    def reconcile_with_journals(self, paths: Iterable[Path], by: Actor) -> Reconciled:
        """Do what these journals tell and the database lacks.

        Their epochs must leave no gap; several journals fill each other's.
        Raises `JournalUnreadable`, `JournalDamaged`, `JournalForeign`, `JournalGap`.
        """
        files = [JournalFile(path) for path in paths]
        with self._database.reading() as session:
            unknown = find_unknown(session, files)
            waiting = find_unreconciled(session)
        acts = [*unknown.acts(), *(act for file in files for act in _acts_of(file, waiting))]
        acts.sort(key=lambda act: act.epoch)
        return self._reconcile(acts, unknown.last_epoch, by, "journal")

    def reconcile_with_crl(self, unverified: bytes, by: Actor) -> tuple[ToldByCrl, Reconciled]:
        """Do what a CRL of ours tells and the database lacks. Raises `CrlRefused`.

        A delta or a shard is not the whole of it: the standing stays as it was.
        Lines of the journal that can be read are left for `settle`.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            told = read_crl(session, unverified, lock_epoch(session))
            if told.is_full:
                # The next CRL is newer than this one (RFC 5280 section 5.2.3).
                pass_number(session, told.issuer, told.crl_number)
                self._journal.renew(session)
            done = self._reconciliation.apply(
                session,
                told.entries,
                by,
                past_epoch=0,
                source=f"crl-{told.crl_number}",
                is_whole=told.is_full,
            )
        return told, done

    def confirm(self, by: Actor) -> None:
        """Take an operator's word that nothing was revoked that is not in the database.

        What the journal tells is not done. Raises `OSError`.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            newest = self._journal.newest_epoch()
            self._journal.renew(session)
            self._journal.settle(session)
            if find_standing(session).problem == AUDIT_LOG_CUT:
                # From here on the log is another one, with another origin.
                self._audit.record(session, FORK_ACTION, by=by, subject="backup:unknown")
            self._audit.record(
                session, "revocations.confirmed", by=by, subject="revocations:confirmed"
            )
            self._reconciliation.apply(session, (), by, past_epoch=newest, source="nothing")
            set_standing(session, "known")

    def close(self, problem: str, by: Actor) -> Settled:
        """Let nobody in from now on; `problem` is the code of the failure that says why."""
        _LOG.error("revocations_unknown", problem=problem, file=str(self._journal.file.path))
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            present = find_standing(session)
            if (present.standing, present.problem) != ("closed", problem):
                self._audit.record(
                    session,
                    "revocations.unknown",
                    by=by,
                    subject="revocations:journal",
                    outcome="refused",
                    problem=problem,
                )
            set_standing(session, "closed", since=self._clock.now(), problem=problem)
        return self._settled()

    def _set_aside_unknown(self) -> Unknown:
        """Refuse what the journal names, and return it as it is while no act is under way.

        An act writes its line before it commits and holds the epoch until then:
        with the epoch in hand, an unknown line is no act that is about to commit.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            lock_epoch(session)
            unknown = find_unknown(session, [self._journal.file])
            set_aside(session, unknown, self._clock.now())
        return unknown

    def _settle_without_journal(self, by: Actor) -> Settled:
        with self._database.reading() as session:
            lost = was_kept(session)
            present = find_standing(session)
            is_closed = present.standing == "closed" and present.problem != AUDIT_LOG_CUT
        if is_closed or (lost and self._is_elsewhere):
            raise JournalUnreadable(str(self._journal.file.path))
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            self._journal.begin(session)
            # On PostgreSQL a journal is missing where a node is new.
            if lost and self._database.is_sqlite and present.standing == "known":
                set_standing(session, "unconfirmed", since=self._clock.now())
                self._audit.record(
                    session, "revocations.unconfirmed", by=by, subject="revocations:journal"
                )
        return self._settled()

    def _reconcile(
        self, acts: list[JournalEntry], past_epoch: int, by: Actor, source: str
    ) -> Reconciled:
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            self._journal.renew(session)
            self._journal.settle(session)
            done = self._reconciliation.apply(
                session, acts, by, past_epoch=past_epoch, source=source
            )
        _LOG.warning("revocations_reconciled", source=source, changed=done.count)
        return done

    def _settled(self, reconciled: Reconciled | None = None) -> Settled:
        with self._database.reading() as session:
            standing = find_standing(session)
        return Settled(standing.standing, standing.problem, reconciled or Reconciled())


def _acts_of(file: JournalFile, serial_numbers: list[str]) -> list[JournalEntry]:
    """Return every act of the journal upon these certificates; reads the whole file."""
    if not serial_numbers:
        return []
    asked = frozenset(serial_numbers)
    lines = tuple(file.lines_from_the_end())[::-1]
    return [act for act in Unknown((lines,)).acts() if act.serial_number in asked]
