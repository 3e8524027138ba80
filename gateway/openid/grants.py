"""Authorization codes and the tokens they are exchanged for.

A code is good once, for `CODE_LIFETIME`, for the client it was made for. The
first presentation uses it up, whatever comes of it: a code shown with a wrong
verifier has been seen by somebody. A second one also ends what the first was
given (RFC 6749 section 4.1.2, RFC 9700 section 4.5).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.base64url import base64url
from foundation.clock import Clock
from foundation.database import Database, one_row_or_conflict
from foundation.randomness import Randomness
from gateway.openid.models import Grant
from gateway.sessions import LiveSession

CODE_LIFETIME = timedelta(seconds=60)
# Short, because nothing renews a token but a new login or a living session.
TOKEN_LIFETIME = timedelta(minutes=5)
# A code that comes again after this is refused like one that never was.
KEPT = timedelta(days=1)
_OCTETS = 32


@dataclass(frozen=True)
class Authorized:
    """What an authorization was given for."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str


@dataclass(frozen=True)
class Granted:
    """A grant as it stands; `confirmation` is the digest its token is bound to."""

    id: int
    authorized: Authorized
    session_id: int
    username: str
    token_expires_at: datetime | None
    confirmation: str | None


class Grants:
    """Issues, redeems and finds grants."""

    def __init__(self, clock: Clock, randomness: Randomness, audit: AuditLog) -> None:
        self._clock = clock
        self._randomness = randomness
        self._audit = audit

    def issue(self, session: Session, authorized: Authorized, live: LiveSession, by: Actor) -> str:
        """Return a new code for this session, which exists nowhere else."""
        self._audit.lock_chain(session)
        code, now = self._draw(), self._clock.now()
        row = Grant(
            code_digest=_digest(code),
            session_id=live.id,
            username=live.username,
            issued_at=now,
            code_expires_at=now + CODE_LIFETIME,
            **vars(authorized),
        )
        session.add(row)
        session.flush()
        self._audit.record(
            session,
            "application.granted",
            by=by,
            subject=f"application:{authorized.client_id}",
            session_id=live.id,
            grant_id=row.id,
        )
        return code

    def redeem(
        self, database: Database, unverified_code: str, client_id: str, by: Actor
    ) -> Granted | None:
        """Return the grant of a code that `client_id` presents first and in time, else None.

        Takes transactions of its own: a code stays used whatever the rest of
        the request comes to. Does not check redirect URI and verifier.
        """
        digest, now = _digest(unverified_code), self._clock.now()
        with database.writing() as session:
            row = session.scalars(select(Grant).where(Grant.code_digest == digest)).first()
            if row is None or row.client_id != client_id:
                # Somebody else's code stays good: its client did nothing wrong.
                return None
            won = session.execute(
                update(Grant)
                .where(Grant.id == row.id, Grant.redeemed_at.is_(None))
                .values(redeemed_at=now)
            )
            assert isinstance(won, CursorResult)
            granted, in_time = _granted(row), now < row.code_expires_at
        if won.rowcount == 0:
            self._revoke_replayed(database, granted, by)
            return None
        return granted if in_time else None

    def hand_out(
        self, session: Session, granted: Granted, expires_at: datetime, confirmation: str | None
    ) -> str:
        """Return the access token of a redeemed grant; raises `Conflict` when it was replayed."""
        token = self._draw()
        result = session.execute(
            update(Grant)
            .where(Grant.id == granted.id, Grant.revoked_at.is_(None), Grant.token_digest.is_(None))
            .values(
                token_digest=_digest(token),
                token_expires_at=expires_at,
                confirmation=confirmation,
            )
        )
        one_row_or_conflict(result, "openid-grant-ended")
        return token

    def find_by_token(self, session: Session, unverified_token: str) -> Granted | None:
        """Return the grant of a token that has neither expired nor been revoked, or None.

        Does not ask whether its session lives, nor who presents it.
        """
        row = session.scalars(
            select(Grant).where(
                Grant.token_digest == _digest(unverified_token), Grant.revoked_at.is_(None)
            )
        ).first()
        if row is None or row.token_expires_at is None:
            return None
        return _granted(row) if self._clock.now() < row.token_expires_at else None

    def purge(self, session: Session) -> None:
        """Forget grants that have been over for long."""
        session.execute(delete(Grant).where(Grant.issued_at < self._clock.now() - KEPT))

    def _revoke_replayed(self, database: Database, granted: Granted, by: Actor) -> None:
        with database.writing() as session:
            self._audit.lock_chain(session)
            session.execute(
                update(Grant)
                .where(Grant.id == granted.id, Grant.revoked_at.is_(None))
                .values(revoked_at=self._clock.now())
            )
            self._audit.record(
                session,
                "application.code_replayed",
                by=by,
                subject=f"application:{granted.authorized.client_id}",
                outcome="refused",
                session_id=granted.session_id,
                grant_id=granted.id,
            )

    def _draw(self) -> str:
        return base64url(self._randomness.token(_OCTETS))


def _digest(unverified_secret: str) -> str:
    # "surrogatepass": a text from outside may hold half a character and is still no fault.
    return hashlib.sha256(unverified_secret.encode(errors="surrogatepass")).hexdigest()


def _granted(row: Grant) -> Granted:
    return Granted(
        id=row.id,
        authorized=Authorized(
            row.client_id, row.redirect_uri, row.scope, row.nonce, row.code_challenge
        ),
        session_id=row.session_id,
        username=row.username,
        token_expires_at=row.token_expires_at,
        confirmation=row.confirmation,
    )
