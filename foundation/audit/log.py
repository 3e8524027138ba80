"""Writing the audit log, inside the transaction of the act it records."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from foundation.audit.actor import Actor
from foundation.audit.chain import GENESIS_HASH, EntryText, hash_text, written_time
from foundation.audit.draft import AuditDraft, Fact, Outcome
from foundation.audit.facts import write_facts
from foundation.audit.held_chain import Newest, held_chain
from foundation.audit.model import AuditEntry
from foundation.clock import Clock
from foundation.database import Statement, execute_for_each

# Any constant will do as long as nothing else in this database uses it.
_CHAIN_LOCK = 0x6365727467617465  # "certgate"
_LOCK: Final = Statement(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
# Every act writes here: the table itself, because objects that nobody looks at
# again cost more than the entry.
_TABLE: Final = cast(Table, AuditEntry.__table__)
_INSERT: Final = insert(_TABLE)
_INSERT_ONE: Final = Statement(_INSERT, *_TABLE.c.keys())
_NEWEST: Final = Statement(
    select(_TABLE.c.sequence, _TABLE.c.entry_hash).order_by(_TABLE.c.sequence.desc()).limit(1)
)


class AuditLog:
    """Appends entries to the chain."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def record(
        self,
        session: Session,
        action: str,
        *,
        by: Actor,
        subject: str,
        outcome: Outcome = "done",
        **facts: Fact,
    ) -> None:
        """Append one entry; it stands or falls with the caller's transaction.

        `action` is ``<thing>.<what happened>``, `subject` is ``<kind>:<key>``.
        `facts` are kept for ever and read by auditors: never a secret.
        """
        self.record_all(session, [AuditDraft(action, by, subject, outcome, facts)])

    def record_all(self, session: Session, drafts: Sequence[AuditDraft]) -> None:
        """Append many entries in their order, as `record` does one by one and much faster.

        All carry the same time. Nothing is written for an empty sequence.
        """
        if drafts:
            # What was done is written before it is said to be done.
            session.flush()
            entries = list(self._chained(session, drafts))
            if len(entries) == 1:
                _INSERT_ONE.change(session, **entries[0])
            else:
                execute_for_each(session, _INSERT, entries)
            held_chain(session).newest = (entries[-1]["sequence"], entries[-1]["entry_hash"])

    def _chained(self, session: Session, drafts: Sequence[AuditDraft]) -> Iterator[dict[str, Any]]:
        """Yield the columns of the entries that follow the newest one."""
        self.lock_chain(session)
        newest, previous_hash = held_chain(session).newest or self._read_newest(session)
        at = self._clock.now()
        written_at = written_time(at)
        for place, draft in enumerate(drafts, start=newest + 1):
            entry = EntryText(
                action=draft.action,
                actor=draft.by.name,
                address=draft.by.address,
                at=written_at,
                facts=write_facts(draft.facts),
                outcome=draft.outcome,
                previous_hash=previous_hash,
                request_id=draft.by.request_id,
                sequence=place,
                subject=draft.subject,
            )
            previous_hash = hash_text(entry)
            yield {**entry._asdict(), "at": at, "entry_hash": previous_hash}

    @staticmethod
    def _read_newest(session: Session) -> Newest:
        found = _NEWEST.find(session)
        return (found.sequence, found.entry_hash) if found else (0, GENESIS_HASH)

    @staticmethod
    def lock_chain(session: Session) -> None:
        """Wait for the chain; everybody else waits until this transaction ends.

        `record` does it by itself. An act that locks other rows before its
        first entry calls this first, so that no two acts wait for one another.
        """
        # Two writers must not chain to the same predecessor. SQLite has one
        # writer at a time anyway (Database.writing begins IMMEDIATE).
        held = held_chain(session)
        if not held.is_locked and session.get_bind().dialect.name == "postgresql":
            _LOCK.rows(session)
        held.is_locked = True
