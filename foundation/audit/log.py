"""Writing the audit log, inside the transaction of the act it records."""

import json
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from foundation.audit.actor import Actor
from foundation.audit.chain import GENESIS_HASH, hash_entry
from foundation.audit.model import AuditEntry
from foundation.clock import Clock

Outcome = Literal["done", "refused"]
Fact = str | int | bool | None | list[str]

# Any constant will do as long as nothing else in this database uses it.
_CHAIN_LOCK = 0x6365727467617465  # "certgate"


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
    ) -> AuditEntry:
        """Append one entry; it stands or falls with the caller's transaction.

        `action` is ``<thing>.<what happened>``, `subject` is ``<kind>:<key>``.
        `facts` are kept for ever and read by auditors: never a secret.
        """
        self.lock_chain(session)
        newest = session.scalars(
            select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)
        ).first()
        entry = AuditEntry(
            sequence=newest.sequence + 1 if newest else 1,
            at=self._clock.now(),
            actor=by.name,
            address=by.address,
            request_id=by.request_id,
            action=action,
            subject=subject,
            outcome=outcome,
            facts=json.dumps(facts, sort_keys=True, ensure_ascii=False),
            previous_hash=newest.entry_hash if newest else GENESIS_HASH,
        )
        entry.entry_hash = hash_entry(entry)
        session.add(entry)
        session.flush()
        return entry

    @staticmethod
    def lock_chain(session: Session) -> None:
        """Wait for the chain; everybody else waits until this transaction ends.

        `record` does it by itself. An act that locks other rows before its
        first entry calls this first, so that no two acts wait for one another.
        """
        # Two writers must not chain to the same predecessor. SQLite has one
        # writer at a time anyway (Database.writing begins IMMEDIATE).
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
