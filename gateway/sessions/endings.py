"""Sessions that have ended lately, for edges, which believe tokens without asking here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.sessions.model import SessionRecord


@dataclass(frozen=True)
class EndedSession:
    """A session that has ended: when, why, and the certificate it was opened with."""

    id: int
    serial_number: str
    ended_at: datetime
    reason: str


def find_ended_sessions(session: Session, since: datetime) -> Sequence[EndedSession]:
    """Return the sessions ended at `since` or later, by the clocks of the nodes that ended them.

    Those that ended by idleness or age alone are not in it: nothing was written.
    """
    rows = session.execute(
        select(
            SessionRecord.id,
            SessionRecord.serial_number,
            SessionRecord.ended_at,
            SessionRecord.end_reason,
        ).where(SessionRecord.ended_at >= since)
    )
    return [
        EndedSession(row.id, row.serial_number, row.ended_at, row.end_reason or "ended")
        for row in rows
    ]
