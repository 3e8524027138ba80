"""Which sessions an edge must refuse: those that ended while a token of theirs may be good.

A session's row says when it ended by the clock of the node that ended it, a
little before that could be read. So the last moments are read again each time,
and the whole window now and then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from foundation.clock import Clock
from gateway.sessions.endings import EndedSession, find_ended_sessions

# How long a transaction that ends sessions takes, and clocks differ, at most.
_OVERLAP: Final = timedelta(seconds=30)
_WHOLE_EVERY: Final = timedelta(seconds=60)
# Clocks differ: a token is denied a little longer than it can be good.
_SLACK: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class SessionChange:
    """What became known at `at`: sessions that have ended, and those nobody need refuse."""

    at: datetime
    ended: Sequence[EndedSession]
    expired: frozenset[int]
    was_whole: bool


class SessionDenials:
    """The sessions that HAProxy was told to refuse."""

    def __init__(self, clock: Clock, token_life: timedelta) -> None:
        """`token_life` is how long a session token is good at most."""
        self._clock = clock
        self._window = token_life + _SLACK
        self._known: dict[int, datetime] = {}
        self._looked_at: datetime | None = None
        self._whole_at: datetime | None = None

    def load(self, session: Session) -> Mapping[int, str]:
        """Return every session to be refused, with why it ended, and forget what was told."""
        self._looked_at = self._whole_at = None
        self._known = {}
        change = self.find_change(session)
        self.applied(change)
        return {one.id: one.reason for one in change.ended}

    def find_change(self, session: Session) -> SessionChange:
        """Return what has changed since the last look; call `applied` when it is in force."""
        now = self._clock.now()
        since = now - self._window
        is_whole = (
            self._looked_at is None or self._whole_at is None or now - self._whole_at > _WHOLE_EVERY
        )
        if not is_whole and self._looked_at is not None:
            since = max(since, self._looked_at - _OVERLAP)
        ended = [one for one in find_ended_sessions(session, since) if one.id not in self._known]
        expired = frozenset(number for number, at in self._known.items() if at < now - self._window)
        return SessionChange(now, ended, expired, is_whole)

    def applied(self, change: SessionChange) -> None:
        """Go on from `change`: HAProxy has it."""
        self._known |= {one.id: one.ended_at for one in change.ended}
        for number in change.expired:
            del self._known[number]
        self._looked_at = change.at
        if change.was_whole:
            self._whole_at = change.at
