"""Visits: how a login at the portal reaches the other hosts of the same edge.

A ``__Host-`` cookie belongs to one host (RFC 6265bis section 4.1.3.2). So the
portal hands the visitor a ticket, and the other host gives a token for it. A
ticket is good once, for a minute, for one host, and for the certificate alone
that the session is bound to: one that is overheard, guessed, or pressed upon
somebody else opens nothing (login CSRF).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ca.verification import VerifiedCertificate
from foundation.base64url import base64url
from foundation.clock import Clock
from foundation.errors import Denied
from foundation.randomness import Randomness
from gateway.edge.tokens.models import VisitTicket
from gateway.sessions import LiveSession

_LIFETIME = timedelta(seconds=60)
_OCTETS = 32


@dataclass(frozen=True)
class Visit:
    """A redeemed ticket: of which session, and where on the host it leads."""

    session_id: int
    path: str


class Visits:
    """Issues and redeems tickets."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self._clock = clock
        self._randomness = randomness

    def issue(self, session: Session, live: LiveSession, host: str, path: str) -> str:
        """Return the text of a new ticket of a live session; it exists nowhere else."""
        text = base64url(self._randomness.token(_OCTETS))
        session.add(
            VisitTicket(
                digest=_digest(text),
                session_id=live.id,
                certificate_digest=live.certificate_digest,
                host=host,
                path=path,
                expires_at=self._clock.now() + _LIFETIME,
            )
        )
        return text

    def redeem(
        self, session: Session, unverified_text: str, host: str, certificate: VerifiedCertificate
    ) -> Visit:
        """Return the visit of a ticket and use it up, whoever else tries at the same time.

        Raises `Denied` ("visit-ended") for a ticket that is unknown, used,
        expired, or of another host or certificate, and does not say which. Does
        not ask whether the session is still alive: `Sessions.get_live_by_id`.
        """
        # One statement decides: of two at once, one deletes the row.
        used = session.execute(
            delete(VisitTicket)
            .where(
                VisitTicket.digest == _digest(unverified_text),
                VisitTicket.host == host,
                VisitTicket.certificate_digest == certificate.fingerprint_sha256,
                VisitTicket.expires_at > self._clock.now(),
            )
            .returning(VisitTicket.session_id, VisitTicket.path)
        ).one_or_none()
        if used is None:
            raise Denied("visit-ended")
        return Visit(used.session_id, used.path)

    def forget_expired(self, session: Session) -> None:
        """Delete the tickets that nobody came with."""
        session.execute(delete(VisitTicket).where(VisitTicket.expires_at <= self._clock.now()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
