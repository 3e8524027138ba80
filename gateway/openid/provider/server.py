"""The authorization server: authlib's, with the house's storage behind it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidGrantError,
    OAuth2Error,
)
from starlette.responses import JSONResponse, Response

from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict
from gateway.openid.addresses import Addresses
from gateway.openid.grants import TOKEN_LIFETIME, Authorized, Grants
from gateway.openid.keys import TokenSigner
from gateway.openid.logout.participations import Participations
from gateway.openid.provider.client import Client
from gateway.openid.provider.client_authentication import PrivateKeyJwt, tls_client_auth
from gateway.openid.provider.code_grant import CodeGrant, PlainRequestsOnly, S256Challenge
from gateway.openid.provider.id_token import IdToken
from gateway.openid.provider.redeemed import Redeemed
from gateway.openid.provider.requests import ProviderRequest
from gateway.openid.provider.used_assertions import UsedAssertions
from gateway.openid.registration import RelyingParties
from gateway.openid.subjects import SignedIn, Subjects


class Storage(NamedTuple):
    """Where the provider keeps what it must remember."""

    database: Database
    parties: RelyingParties
    grants: Grants
    subjects: Subjects
    participations: Participations
    used_assertions: UsedAssertions


class ProviderServer(AuthorizationServer):  # type: ignore[misc]
    """One per process and safe for many threads: what belongs to a request is in its grant."""

    def __init__(
        self,
        storage: Storage,
        addresses: Addresses,
        signer: TokenSigner,
        clock: Clock,
        on_client_refused: Callable[[Actor], None],
    ) -> None:
        super().__init__()
        self._storage = storage
        self._on_client_refused = on_client_refused
        self._issuer = addresses.issuer
        self._clock = clock
        assertion = PrivateKeyJwt(addresses.audiences, clock, storage.used_assertions)
        self.register_client_auth_method("private_key_jwt", assertion)
        self.register_client_auth_method("tls_client_auth", tls_client_auth)
        self.register_grant(
            CodeGrant, [S256Challenge(required=True), PlainRequestsOnly(), IdToken(signer, clock)]
        )

    # -- what authlib asks for ------------------------------------------------

    def query_client(self, client_id: str) -> Client | None:
        """Return the client of this identifier, or None."""
        with self._storage.database.reading() as session:
            application = self._storage.parties.find(session, client_id)
        return None if application is None else Client(application)

    def generate_token(
        self, grant_type: str, client: Client, *, user: SignedIn, scope: str, **_: object
    ) -> dict[str, Any]:
        """Return the answer of the token endpoint; `save_token` puts the token in."""
        expires_at = self._token_ends(user)
        left = int((expires_at - self._clock.now()).total_seconds())
        return {"token_type": "Bearer", "expires_in": max(0, left), "scope": scope}

    def save_token(self, token: dict[str, Any], request: ProviderRequest) -> None:
        """Draw and keep the access token, bound to the certificate of the connection, if any."""
        redeemed: Redeemed = request.authorization_code
        confirmation = request.presented.digest if request.presented else None
        expires_at = self._token_ends(request.user)
        try:
            with self._storage.database.writing() as session:
                token["access_token"] = self._storage.grants.hand_out(
                    session, redeemed.granted, expires_at, confirmation
                )
        except Conflict as replayed:
            raise InvalidGrantError("The code was presented twice.") from replayed

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: ProviderRequest) -> ProviderRequest:
        """Return the request: routes make them in authlib's form."""
        return request

    def handle_response(
        self, status: int, body: dict[str, Any] | str, headers: list[tuple[str, str]]
    ) -> Response:
        """Return the answer; what leads back to the application names us (RFC 9207 section 2)."""
        given = dict(headers)
        location = given.pop("Location", None)
        if location is not None:
            separator = "&" if urlsplit(location).query else "?"
            iss = urlencode({"iss": self._issuer})
            return Response(status_code=303, headers={"location": f"{location}{separator}{iss}"})
        return JSONResponse(body, status, given)

    def handle_error_response(self, request: ProviderRequest, error: OAuth2Error) -> Response:
        """Return the error; one who cannot prove to be an application is put on record."""
        if isinstance(error, InvalidClientError):
            self._on_client_refused(request.by)
        answer: Response = super().handle_error_response(request, error)
        return answer

    # -- what the grant asks for ----------------------------------------------

    def issue_code(self, authorized: Authorized, signed_in: SignedIn, by: Actor) -> str:
        """Return a new code; from now on the application hears when the session ends."""
        with self._storage.database.writing() as session:
            code = self._storage.grants.issue(session, authorized, signed_in.session, by)
            self._storage.participations.join(session, signed_in.session, authorized.client_id)
        return code

    def redeem_code(self, unverified_code: str, client: Client, by: Actor) -> Redeemed | None:
        """Use up a code; return what it stands for, or None when it is worth nothing."""
        storage = self._storage
        granted = storage.grants.redeem(
            storage.database, unverified_code, client.get_client_id(), by
        )
        if granted is None:
            return None
        with storage.database.reading() as session:
            signed_in = storage.subjects.find(session, granted.session_id, client.application)
        return Redeemed(granted, signed_in)

    def refuse(self, request: ProviderRequest, error: OAuth2Error, redirect_uri: str) -> Response:
        """Return the error to the application, at its validated redirect URI."""
        error.state = request.payload.state
        error.redirect_uri = redirect_uri
        return self.handle_error_response(request, error)

    def _token_ends(self, signed_in: SignedIn) -> datetime:
        return min(self._clock.now() + TOKEN_LIFETIME, signed_in.session.expires_at)
