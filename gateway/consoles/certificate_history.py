"""What became of one certificate, from the audit log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import AuditEntry

_MOST = 200


@dataclass(frozen=True)
class Event:
    """One act on a certificate. Addresses and facts are for auditors (REV-07)."""

    at: datetime
    action: str
    actor: str
    done: bool

    def as_document(self) -> dict[str, object]:
        """Return the JSON form; see `ca.inventory` for how times are written."""
        at = self.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"at": at, "action": self.action, "actor": self.actor, "done": self.done}


def history_of(session: Session, serial_number: str) -> tuple[Event, ...]:
    """Return the acts on a certificate, oldest first, the latest 200 at most."""
    query = (
        select(AuditEntry.at, AuditEntry.action, AuditEntry.actor, AuditEntry.outcome)
        .where(AuditEntry.subject == f"certificate:{serial_number}")
        .order_by(AuditEntry.sequence.desc())
        .limit(_MOST)
    )
    rows = session.execute(query).all()
    return tuple(Event(at, action, actor, end == "done") for at, action, actor, end in rows[::-1])
