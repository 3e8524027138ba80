"""Opening, finding and ending sessions.

A session is bound to the SHA-256 of the certificate it was opened with, ends
after `SessionLimits.idle` without a request and at the latest after
`SessionLimits.absolute` (NIST SP 800-63B 5.2, reauthentication).
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, CursorResult, or_, update
from sqlalchemy.orm import Session

from ca.verification import VerifiedCertificate
from foundation.base64url import base64url
from foundation.clock import Clock
from foundation.database import after_commit
from foundation.database.announcements import SESSIONS, announce
from foundation.errors import Denied
from foundation.randomness import Randomness
from gateway.sessions.model import SessionRecord
from gateway.sessions.records import BY_ID, SessionRow, session_in, token_digest

EndReason = Literal[
    "logout", "idle", "expired", "revoked", "held", "reissued", "password_changed", "suspended",
    "replaced", "superseded",
]  # fmt: skip

_TOKEN_OCTETS = 32
# How stale `last_seen_at` may be: it costs a write, so not on every request.
_TOUCH_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives without use, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True)
class LiveSession:
    """A session that was good when it was asked for."""

    id: int
    username: str
    serial_number: str
    certificate_digest: str
    started_at: datetime
    expires_at: datetime
    is_due_to_touch: bool = False


class Sessions:
    """The sessions of the portal."""

    def __init__(
        self,
        clock: Clock,
        randomness: Randomness,
        limits: SessionLimits,
        *,
        on_start: Callable[[Session, LiveSession], None] = lambda session, live: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_end` is called after each commit that ended a session which was alive.

        `on_start` is called in the transaction that opens one.
        """
        self._on_start = on_start
        self._on_end = on_end
        self._clock = clock
        self._randomness = randomness
        self._limits = limits

    def start(
        self, session: Session, username: str, certificate: VerifiedCertificate
    ) -> tuple[str, LiveSession]:
        """Open a session and return its token, which exists nowhere else."""
        now = self._clock.now()
        token = base64url(self._randomness.token(_TOKEN_OCTETS))
        record = SessionRecord(
            token_digest=token_digest(token),
            username=username,
            serial_number=certificate.serial_number,
            certificate_digest=certificate.fingerprint_sha256,
            started_at=now,
            last_seen_at=now,
            # A session never outlives the certificate it is bound to.
            expires_at=min(now + self._limits.absolute, certificate.not_after),
        )
        session.add(record)
        session.flush()
        live = _live(record)
        self._on_start(session, live)
        return token, live

    def require_live(
        self, found: SessionRow | None, certificate: VerifiedCertificate
    ) -> LiveSession:
        """Return the session that was `found` for a token presented together with `certificate`.

        Raises `Denied` with ``login-required`` when there is none or it has
        ended, and with ``certificate-mismatch`` when it belongs to another
        certificate. Does not look at the certificate's standing or the
        subscriber's: see `gateway.admission`.
        """
        if found is None or found.ended_at is not None:
            raise Denied("login-required")
        if not hmac.compare_digest(found.certificate_digest, certificate.fingerprint_sha256):
            raise Denied("certificate-mismatch")
        now = self._clock.now()
        if self._has_lapsed(found, now):
            raise Denied("login-required")
        return _live(found, touch=now - found.last_seen_at >= _TOUCH_AFTER)

    def get_live_by_id(
        self, session: Session, session_id: int, certificate: VerifiedCertificate
    ) -> LiveSession:
        """Return the session that something else than its token vouches for; raises as above.

        Knowing a number proves nothing: the caller has verified what vouches.
        """
        return self.require_live(_find(session, session_id), certificate)

    def find_live(self, session: Session, session_id: int) -> LiveSession | None:
        """Return the session if it is alive, whoever asks; it counts as no use of it."""
        found = _find(session, session_id)
        if found is None or found.ended_at is not None:
            return None
        return None if self._has_lapsed(found, self._clock.now()) else _live(found)

    def is_over(self) -> ColumnElement[bool]:
        """Return the condition on `SessionRecord` that a session has ended, also by itself."""
        now = self._clock.now()
        return or_(
            SessionRecord.ended_at.is_not(None),
            SessionRecord.expires_at <= now,
            SessionRecord.last_seen_at <= now - self._limits.idle,
        )

    def touch(self, session: Session, live: LiveSession) -> None:
        """Note that the session was used now, unless it has ended meanwhile."""
        session.execute(
            update(SessionRecord)
            .where(SessionRecord.id == live.id, SessionRecord.ended_at.is_(None))
            .values(last_seen_at=self._clock.now())
        )

    def end(self, session: Session, session_id: int, reason: EndReason) -> int:
        """End one session; return how many were alive (0 or 1)."""
        return self._end(session, SessionRecord.id == session_id, reason)

    def end_of_token(self, session: Session, unverified_token: str, reason: EndReason) -> int:
        """End the session of a token, whoever presents it; return 0 or 1."""
        return self._end(
            session, SessionRecord.token_digest == token_digest(unverified_token), reason
        )

    def end_all_of_subscriber(self, session: Session, username: str, reason: EndReason) -> int:
        """End every session of a subscriber; return how many were alive."""
        return self._end(session, SessionRecord.username == username, reason)

    def end_all_of_certificate(
        self, session: Session, serial_number: str, reason: EndReason
    ) -> int:
        """End every session opened with a certificate; return how many were alive."""
        return self._end(session, SessionRecord.serial_number == serial_number, reason)

    def _has_lapsed(self, found: SessionRow, now: datetime) -> bool:
        return now >= found.expires_at or now - found.last_seen_at >= self._limits.idle

    def _end(self, session: Session, which: ColumnElement[bool], reason: EndReason) -> int:
        result = session.execute(
            update(SessionRecord)
            .where(which, SessionRecord.ended_at.is_(None))
            .values(ended_at=self._clock.now(), end_reason=reason)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount:
            announce(session, SESSIONS)
            after_commit(session, self._on_end)
        return result.rowcount


def _find(session: Session, session_id: int) -> SessionRow | None:
    return session_in(session.execute(BY_ID, {"id": session_id}).one_or_none())


def _live(record: SessionRecord | SessionRow, *, touch: bool = False) -> LiveSession:
    return LiveSession(
        id=record.id,
        username=record.username,
        serial_number=record.serial_number,
        certificate_digest=record.certificate_digest,
        started_at=record.started_at,
        expires_at=record.expires_at,
        is_due_to_touch=touch,
    )
