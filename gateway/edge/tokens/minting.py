"""Minting a session token and its assertion from a live session."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from joserfc import jwt
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.errors import Denied
from gateway.edge.tokens.claims import (
    ASSERTION_TYPE,
    SESSION_TOKEN_TYPE,
    Bearer,
    Validity,
    assertion_claims,
    session_token_claims,
)
from gateway.sessions import LiveSession
from gateway.signing_keys import KeyPurpose, SigningKey, SigningKeys
from policies.principal import Principal


@dataclass(frozen=True)
class Minted:
    """A pair that belongs together; each goes into a cookie of its own."""

    session_token: str = field(repr=False)
    assertion: str = field(repr=False)
    expires_at: datetime


class Minting:
    """Signs what edges and applications believe."""

    def __init__(
        self,
        clock: Clock,
        keys: SigningKeys,
        *,
        session_tokens: KeyPurpose,
        assertions: KeyPurpose,
        issuer: str,
        lifetime: timedelta,
    ) -> None:
        """`issuer` is the portal's URL, `lifetime` that of both tokens."""
        self._clock = clock
        self._keys = keys
        self._session_tokens = session_tokens
        self._assertions = assertions
        self._issuer = issuer
        self._lifetime = lifetime

    def mint(
        self,
        session: Session,
        live: LiveSession,
        principal: Principal,
        host: str,
        *,
        must_change_password: bool,
    ) -> Minted:
        """Return tokens of `live` for one host; they never outlive the session.

        Raises `Denied` ("password-change-required") before the password reset,
        and `Unavailable` as `SigningKeys.signing_key` does. That the session is
        alive and the principal its subscriber has been asked for this very
        request: see `gateway.admission`.
        """
        if must_change_password:
            raise Denied("password-change-required")
        now = self._clock.now()
        expires_at = min(now + self._lifetime, live.expires_at)
        bearer = Bearer(principal, live.id, live.certificate_digest)
        validity = Validity(self._issuer, host, now, expires_at)
        assertion = _sign(
            self._keys.signing_key(session, self._assertions),
            ASSERTION_TYPE,
            assertion_claims(bearer, validity),
        )
        session_token = _sign(
            self._keys.signing_key(session, self._session_tokens),
            SESSION_TOKEN_TYPE,
            session_token_claims(bearer, validity, assertion),
        )
        return Minted(session_token, assertion, expires_at)


def _sign(key: SigningKey, typ: str, claims: dict[str, object]) -> str:
    return jwt.encode(key.header(typ), claims, key.jose, algorithms=[key.algorithm])
