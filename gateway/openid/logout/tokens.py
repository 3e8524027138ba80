"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4)."""

from datetime import timedelta

from foundation.base64url import base64url
from foundation.clock import Clock
from foundation.randomness import Randomness
from gateway.openid.keys import TokenAlgorithm, TokenSigner

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Section 2.4 recommends two minutes at most: a token that lies about is worth nothing.
_LIFETIME = timedelta(minutes=2)
_JTI_OCTETS = 16


class LogoutTokens:
    """Makes the token that tells one application of one session."""

    def __init__(self, signer: TokenSigner, clock: Clock, randomness: Randomness) -> None:
        self._signer = signer
        self._clock = clock
        self._randomness = randomness

    def make(
        self, *, audience: str, username: str, session_id: int, algorithm: TokenAlgorithm
    ) -> str:
        """Return a signed token with ``sub`` and ``sid``; never a nonce, which it MUST NOT have.

        `algorithm` is that of the application's ID tokens (section 2.6).
        """
        now = int(self._clock.now().timestamp())
        jti = base64url(self._randomness.token(_JTI_OCTETS))
        claims = {
            "aud": audience,
            "sub": username,
            "sid": str(session_id),
            "iat": now,
            "exp": now + int(_LIFETIME.total_seconds()),
            "jti": jti,
            "events": {EVENT: {}},
        }
        return self._signer.sign(claims, algorithm, kind="logout+jwt")
