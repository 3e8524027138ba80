"""A registered application as authlib asks for it."""

from authlib.oauth2.rfc6749 import ClientMixin

from gateway.openid.registration import Application

_SCOPES = ("openid", "profile")


class Client(ClientMixin):  # type: ignore[misc]
    """Confidential, with one way to authenticate and exact redirect URIs."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def get_client_id(self) -> str:
        """Return the client identifier."""
        return self.application.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: a request names its redirect URI (OpenID Connect Core 3.1.2.1)."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what is granted of the scopes asked for; None without "openid".

        Others are ignored, as Core section 3.1.2.1 says.
        """
        asked = (scope or "").split()
        granted = [known for known in _SCOPES if known in asked]
        return " ".join(granted) if "openid" in granted else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare character by character (RFC 9700 section 2.1)."""
        return redirect_uri in self.application.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Nobody has a secret here that a reader of the database could use."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Say whether `method` is the one that was registered."""
        return endpoint == "token" and method == self.application.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Only the code flow."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Only codes; no refresh tokens (docs/decisions/0025-openid-provider.md)."""
        return grant_type == "authorization_code"
