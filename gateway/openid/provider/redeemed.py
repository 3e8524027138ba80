"""A redeemed code with the answers that authlib asks an authorization code for."""

from dataclasses import dataclass

from authlib.oidc.core import AuthorizationCodeMixin

from gateway.openid.addresses import CONTEXT_CLASS
from gateway.openid.grants import Granted
from gateway.openid.subjects import AUTHENTICATION_METHODS, SignedIn


@dataclass(frozen=True)
class Redeemed(AuthorizationCodeMixin):  # type: ignore[misc]
    """The grant, and who stands behind it now; nobody when the session has ended."""

    granted: Granted
    signed_in: SignedIn | None

    code_challenge_method = "S256"

    @property
    def code_challenge(self) -> str:
        """The challenge that the verifier must meet."""
        return self.granted.authorized.code_challenge

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the authorization request."""
        return self.granted.authorized.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.granted.authorized.scope

    def get_nonce(self) -> str | None:
        """Return the nonce of the authorization request."""
        return self.granted.authorized.nonce

    def get_auth_time(self) -> int | None:
        """Return when the subscriber authenticated, as a Unix second."""
        return self.signed_in.authenticated_at if self.signed_in else None

    def get_acr(self) -> str:
        """Return the authentication context class; there is one."""
        return CONTEXT_CLASS

    def get_amr(self) -> list[str]:
        """Return the authentication methods (RFC 8176); always these."""
        return list(AUTHENTICATION_METHODS)
