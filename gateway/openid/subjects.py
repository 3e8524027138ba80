"""Who is signed in, as applications hear of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from enrollment.subscribers.principals import Principals
from foundation.base64url import base64url
from foundation.errors import Failure
from gateway.openid.registration import Application
from gateway.sessions import LiveSession, Sessions
from policies.principal import Principal

# A certificate, whose key TLS saw used, and a password (RFC 8176 section 2).
AUTHENTICATION_METHODS = ("pwd", "pop", "mfa")


@dataclass(frozen=True)
class SignedIn:
    """A subscriber in a living session."""

    principal: Principal
    session: LiveSession

    @property
    def authenticated_at(self) -> int:
        """When certificate and password were last asked for, as a Unix second."""
        return int(self.session.started_at.timestamp())

    def claims(self, scope: str) -> dict[str, Any]:
        """Return what an application may know; the name only with the scope "profile"."""
        principal = self.principal
        claims: dict[str, Any] = {
            "sub": principal.username,
            "sid": str(self.session.id),
            "kind": principal.kind,
            "unit_class": principal.unit_class,
            "roles": sorted(principal.roles),
            "certificate": {"x5t#S256": base64url(bytes.fromhex(self.session.certificate_digest))},
        }
        if "profile" in scope.split():
            claims |= {"name": principal.display_name, "preferred_username": principal.username}
        return {name: value for name, value in claims.items() if value is not None}


class Subjects:
    """Finds who stands behind a grant, as they are now."""

    def __init__(self, sessions: Sessions, principals: Principals) -> None:
        self._sessions = sessions
        self._principals = principals

    def find(self, session: Session, session_id: int, application: Application) -> SignedIn | None:
        """Return the subscriber of a session, or None when it ended or may not use this.

        Sessions end in the transaction that revokes or holds their certificate
        or suspends the subscriber, so no certificate is looked at here.
        """
        live = self._sessions.find_live(session, session_id)
        if live is None:
            return None
        try:
            principal = self._principals.principal_for(session, live.username)
        except Failure:
            return None
        return SignedIn(principal, live) if application.audience.includes(principal) else None
