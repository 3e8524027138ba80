"""Which applications know which session, and which of them have yet to hear of its end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict
from gateway.openid.models import Participation
from gateway.sessions import LiveSession, SessionRecord, Sessions

Settled = Literal["delivered", "settled", "abandoned"]

# 1, 2, 4, ... minutes: the last of eight attempts comes two hours after the first.
FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 8
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class DueNotice:
    """One application to be told of one session; `attempts` counts the present one."""

    id: int
    session_id: int
    party: str
    username: str
    attempts: int


class Participations:
    """The list of who has to be told; sessions themselves say whether they are over."""

    def __init__(self, clock: Clock, sessions: Sessions) -> None:
        self._clock = clock
        self._sessions = sessions

    def join(self, session: Session, live: LiveSession, party: str) -> None:
        """Note that an application knows this session; once is enough."""
        known = select(Participation.id).where(
            Participation.session_id == live.id, Participation.party == party
        )
        if session.scalar(known) is not None:
            return
        row = Participation(
            session_id=live.id,
            party=party,
            username=live.username,
            state="open",
            attempts=0,
            joined_at=self._clock.now(),
        )
        try:
            insert_or_conflict(session, row, Conflict("openid-participation-known"))
        except Conflict:
            # Another request of the same session joined in this moment.
            return

    def mark_due(self, session: Session) -> int:
        """Find the sessions that are over, however they ended; return how many notices are due.

        Not only those that somebody ended: also the idle and the expired, and
        those that a restored backup or another process ended.
        """
        over = (
            select(Participation.id)
            .outerjoin(SessionRecord, SessionRecord.id == Participation.session_id)
            .where(Participation.state == "open")
            .where(or_(SessionRecord.id.is_(None), self._sessions.is_over()))
        )
        result = session.execute(
            update(Participation)
            .where(Participation.id.in_(over))
            .values(state="due", due_at=self._clock.now())
        )
        assert isinstance(result, CursorResult)
        return result.rowcount

    def due(self, session: Session, most: int) -> list[int]:
        """Return which notices are due, the oldest first."""
        query = (
            select(Participation.id)
            .where(Participation.state == "due", Participation.due_at <= self._clock.now())
            .order_by(Participation.due_at)
            .limit(most)
        )
        return list(session.scalars(query))

    def claim(
        self, session: Session, notice_id: int, *, besides: Collection[str] = ()
    ) -> DueNotice | None:
        """Return a due notice for one attempt, or None when somebody else has it.

        Also None for those of the parties in `besides`.

        Until its next attempt is due nobody else takes it; a process that dies
        over it has only lost this attempt.
        """
        now = self._clock.now()
        row = session.get(Participation, notice_id)
        if row is None or row.party in besides:
            return None
        # The update changes the row in memory too.
        before = row.attempts
        result = session.execute(
            update(Participation)
            .where(
                Participation.id == notice_id,
                Participation.state == "due",
                Participation.due_at <= now,
                Participation.attempts == before,
            )
            .values(attempts=before + 1, due_at=_next_attempt(now, before))
        )
        assert isinstance(result, CursorResult)
        if result.rowcount != 1:
            return None
        return DueNotice(row.id, row.session_id, row.party, row.username, before + 1)

    def settle(self, session: Session, notice: DueNotice, state: Settled) -> None:
        """Write down that nothing more is to be done."""
        session.execute(
            update(Participation).where(Participation.id == notice.id).values(state=state)
        )

    def purge(self, session: Session) -> None:
        """Forget what was settled long ago."""
        session.execute(
            delete(Participation)
            .where(Participation.state.not_in(("open", "due")))
            .where(Participation.joined_at < self._clock.now() - _KEPT)
        )


def _next_attempt(now: datetime, attempts_before: int) -> datetime:
    return now + FIRST_PAUSE * (1 << attempts_before)
