"""The authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636), S256 only."""

import re
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeGrant, InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge

from gateway.openid.grants import Authorized
from gateway.openid.provider.client import Client
from gateway.openid.provider.redeemed import Redeemed
from gateway.openid.provider.requests import ProviderRequest
from gateway.openid.subjects import SignedIn

# BASE64URL(SHA-256), RFC 7636 section 4.2.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_NONCE = 255


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes that the house keeps (`gateway.openid.grants`)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("private_key_jwt", "tls_client_auth")

    def generate_authorization_code(self) -> str:
        """Return a new code; it is stored in the same step."""
        request: ProviderRequest = self.request
        signed_in: SignedIn = request.user
        authorized = Authorized(
            client_id=request.client.get_client_id(),
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            nonce=request.payload.data.get("nonce"),
            code_challenge=request.payload.data["code_challenge"],
        )
        return str(self.server.issue_code(authorized, signed_in, request.by))

    def save_authorization_code(self, code: str, request: ProviderRequest) -> None:
        """Nothing: `generate_authorization_code` has stored it."""

    def query_authorization_code(self, code: str, client: Client) -> Redeemed | None:
        """Use the code up and return what it stands for, or None."""
        return self.server.redeem_code(code, client, self.request.by)  # type: ignore[no-any-return]

    def delete_authorization_code(self, authorization_code: Redeemed) -> None:
        """Nothing: a code is used up before anything is asked of it."""

    def authenticate_user(self, authorization_code: Redeemed) -> SignedIn | None:
        """Return who stands behind the code now, or None."""
        return authorization_code.signed_in


class S256Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE for every client: RFC 9700 section 2.1.1 asks it of confidential ones too."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Raise `InvalidRequestError` unless there is a challenge by S256."""
        data: dict[str, str] = grant.request.payload.data
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256.")
        if _CHALLENGE.fullmatch(data.get("code_challenge", "")) is None:
            raise InvalidRequestError("code_challenge must be 43 characters of base64url.")


class PlainRequestsOnly:
    """Refuses what the provider does not do, by the codes of OpenID Connect Core 3.1.2.6."""

    def __call__(self, grant: CodeGrant) -> None:
        """Join a grant."""
        grant.register_hook("after_validate_authorization_request_payload", self.validate)

    @staticmethod
    def validate(grant: CodeGrant, redirect_uri: str) -> None:
        """Raise an `OAuth2Error`; the grant sends it to the validated redirect URI."""
        data: dict[str, Any] = grant.request.payload.data
        for parameter in ("request", "request_uri", "registration"):
            if parameter in data:
                raise InvalidRequestError(
                    f"{parameter} is not supported.", error=f"{parameter}_not_supported"
                )
        if data.get("response_mode", "query") != "query":
            raise InvalidRequestError("response_mode must be query.")
        nonce = data.get("nonce", "")
        if len(nonce) > _LONGEST_NONCE or not nonce.isprintable():
            raise InvalidRequestError("nonce is too long or not printable.")
