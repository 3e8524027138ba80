"""ID tokens (OpenID Connect Core section 2), added to the answer of the token endpoint."""

from datetime import timedelta
from typing import Any

from authlib.oidc.core import OpenIDCode
from joserfc.jwk import Key

from foundation.clock import Clock
from gateway.openid.keys import TokenSigner
from gateway.openid.provider.client import Client
from gateway.openid.provider.requests import ProviderRequest
from gateway.openid.subjects import SignedIn

ID_TOKEN_LIFETIME = timedelta(minutes=5)


class IdToken(OpenIDCode):  # type: ignore[misc]
    """Puts an ID token beside the access token; at_hash and nonce are authlib's part."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        super().__init__(require_nonce=False)
        self._signer = signer
        self._clock = clock

    def exists_nonce(self, nonce: str, request: ProviderRequest) -> bool:
        """Say no: whether a nonce came twice is for the application to know (Core 15.5.2)."""
        return False

    def get_client_algorithm(self, client: Client) -> str:
        """Return the algorithm that the application was registered with."""
        return client.application.signature_algorithm

    def resolve_client_private_key(self, client: Client) -> Key:
        """Return the key in use."""
        return self._signer.keys.signing_key(client.application.signature_algorithm).jose

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        """Return the header, naming the key in use."""
        return self._signer.keys.signing_key(client.application.signature_algorithm).header("JWT")

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Return the claims that do not depend on the subscriber."""
        now = int(self._clock.now().timestamp())
        return {
            "iss": self._signer.issuer,
            "aud": client.get_client_id(),
            "iat": now,
            "exp": now + int(ID_TOKEN_LIFETIME.total_seconds()),
        }

    def generate_user_info(self, user: SignedIn, scope: str) -> dict[str, Any]:
        """Return what the application learns of the subscriber."""
        return user.claims(scope)
