"""The signer's own log: what it signed and what it refused, written before it signs.

A database of its own with one table, the hash chain of `foundation.audit`. The
gateway cannot reach it, so that it shows what a stolen gateway had signed.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Table, select

from foundation.audit import Actor, AuditEntry, AuditLog, verify_chain
from foundation.clock import Clock
from foundation.database import Database

# Answers of OCSP are counted, not listed: they are many and live for minutes.
_COUNTED_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Signed:
    """An entry about an earlier signature for the same subject."""

    digest: str
    facts: dict[str, object]


class SignatureLog:
    """Writes and reads the log; safe for many threads."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the log at `path`, a SQLite file that is made when it is missing."""
        self._database = Database(f"sqlite:///{path.absolute()}")
        table = AuditEntry.__table__
        assert isinstance(table, Table)
        table.create(self._database.engine, checkfirst=True)
        self._audit = AuditLog(clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._answers = 0
        self._counted_since = clock.now()

    def intend(self, act: str, subject: str, content: bytes, by: Actor, **facts: str | int) -> None:
        """Write down what is about to be signed; on disk when this returns."""
        with self._database.writing() as session:
            self._audit.record(
                session,
                f"signer.{act}",
                by=by,
                subject=subject,
                outcome="done",
                sha256=digest_of(content),
                **facts,
            )

    def refuse(self, act: str, subject: str, reason: str, by: Actor) -> None:
        """Write down what was not signed, and why."""
        with self._database.writing() as session:
            self._audit.record(
                session,
                f"signer.{act}",
                by=by,
                subject=subject,
                outcome="refused",
                reason=reason[:200],
            )

    def count_answer(self, by: Actor) -> None:
        """Count an OCSP answer; a minute's worth becomes one entry."""
        with self._lock:
            self._answers += 1
            due = self._clock.now() - self._counted_since >= _COUNTED_FOR
        if due:
            self.write_count(by)

    def write_count(self, by: Actor) -> None:
        """Write down the answers counted so far."""
        with self._lock:
            answers, since = self._answers, self._counted_since
            self._answers, self._counted_since = 0, self._clock.now()
        if answers:
            with self._database.writing() as session:
                self._audit.record(
                    session,
                    "signer.sign_ocsp",
                    by=by,
                    subject="ocsp",
                    answers=answers,
                    since=_spell(since),
                )

    def find(self, act: str, subject: str) -> Signed | None:
        """Return the newest entry of `act` for `subject` that was not a refusal."""
        query = (
            select(AuditEntry.facts)
            .where(AuditEntry.subject == subject)
            .where(AuditEntry.action == f"signer.{act}")
            .where(AuditEntry.outcome == "done")
            .order_by(AuditEntry.sequence.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            found = session.scalar(query)
        if found is None:
            return None
        facts = json.loads(found)
        return Signed(str(facts.get("sha256", "")), facts)

    def verify(self) -> int:
        """Walk the chain and return the number of entries; raises `BrokenChain`."""
        with self._database.reading() as session:
            return verify_chain(session)

    def close(self) -> None:
        """Let go of the file."""
        self._database.dispose()


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of what is signed, as the log has it."""
    return hashlib.sha256(content).hexdigest().upper()


def _spell(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
