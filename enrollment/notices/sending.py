"""Sending notices, each once.

1. claim    the notice, in a transaction of its own: of two runs at the same
            moment one gets it
2. send     the letter, outside any transaction
3. settle   the notice as sent or refused, and audit it

A crash between 2 and 3 leaves a claim that the next run takes up half an hour
later; the letter then goes out again with the same Message-ID, by which mail
systems know it. A server that does not answer ends the run: whoever is left
has the same server.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from enrollment.conditional_updates import changed_one
from enrollment.models import ExpiryNotice
from enrollment.notices.due import DueNotice, find_due
from enrollment.notices.letters import NoticeLetters
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import Conflict, Invalid, Unavailable
from foundation.mail import Mailer

_AT_ONCE = 500
_STALE_AFTER = timedelta(minutes=30)

_LOG = structlog.get_logger(__name__)


class ExpiryNotices:
    """The periodic job; opens its own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        mailer: Mailer | None,
        letters: NoticeLetters,
        days: Sequence[int],
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """Without a `mailer` nothing is sent: the portal shows the notice by itself."""
        self._database = database
        self._mailer = mailer
        self._letters = letters
        self._days = tuple(days)
        self._audit = audit
        self._clock = clock

    def send_due(self) -> int:
        """Send what is due and return how many letters went out.

        Safe to run on several nodes and to be interrupted anywhere.
        """
        if self._mailer is None:
            return 0
        now = self._clock.now()
        with self._database.reading() as session:
            due = find_due(session, self._days, now, now - _STALE_AFTER, _AT_ONCE)
        sent = 0
        try:
            for notice in due:
                sent += self._send(self._mailer, notice)
        except Unavailable as failure:
            _LOG.warning("notices-interrupted", reason=failure.code, sent=sent, due=len(due))
        return sent

    def _send(self, mailer: Mailer, notice: DueNotice) -> bool:
        # 1. claim
        with self._database.writing() as session:
            if not self._claim(session, notice):
                return False
        # 2. send
        reason = None
        try:
            mailer.send(self._letters.write(notice, self._clock.now()))
        except Invalid as refused:
            reason = refused.code
        # 3. settle
        with self._database.writing() as session:
            self._settle(session, notice, reason)
        return reason is None

    def _claim(self, session: Session, notice: DueNotice) -> bool:
        now = self._clock.now()
        fresh = ExpiryNotice(
            serial_number=notice.serial_number,
            days=notice.days,
            state="claimed",
            claimed_at=now,
            attempts=1,
        )
        try:
            insert_or_conflict(session, fresh, Conflict("claimed-meanwhile"))
        except Conflict:
            statement = (
                update(ExpiryNotice)
                .where(
                    ExpiryNotice.serial_number == notice.serial_number,
                    ExpiryNotice.days == notice.days,
                    ExpiryNotice.state == "claimed",
                    ExpiryNotice.claimed_at <= now - _STALE_AFTER,
                )
                .values(claimed_at=now, attempts=ExpiryNotice.attempts + 1)
            )
            return changed_one(session, statement)
        return True

    def _settle(self, session: Session, notice: DueNotice, reason: str | None) -> None:
        state = "sent" if reason is None else "refused"
        self._audit.lock_chain(session)
        statement = (
            update(ExpiryNotice)
            .where(
                ExpiryNotice.serial_number == notice.serial_number,
                ExpiryNotice.days == notice.days,
                ExpiryNotice.state == "claimed",
            )
            .values(state=state, settled_at=self._clock.now())
        )
        if changed_one(session, statement):
            # The address stays out: the log is kept for ever.
            self._audit.record(
                session,
                f"notice.{state}",
                by=Actor.system(),
                subject=f"unit:{notice.username}",
                outcome="done" if reason is None else "refused",
                serial_number=notice.serial_number,
                days=notice.days,
                reason=reason,
            )
