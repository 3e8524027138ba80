"""The authorization endpoint (OpenID Connect Core section 3.1.2).

1. Which application, and where would an answer go? Until both are known and
   registered, whatever is wrong is told on a page here and nowhere else: no
   open redirect (RFC 9700 section 4.11).
2. Is the request one that we answer? From here on errors go to the application.
3. Is somebody signed in, long enough ago to be told (prompt, max_age, hint)?
4. May this subscriber use this application?
5. A code.

There is no consent page: applications are registered by the administrator of
the same house, and what they learn is told in docs/applications.md.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidRequestError,
    OAuth2Error,
    UnsupportedResponseTypeError,
)
from authlib.oidc.core.errors import (
    AccountSelectionRequiredError,
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)
from starlette.responses import Response

from foundation.audit import AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Invalid
from gateway.admission import Admitted
from gateway.openid.addresses import AUTHORIZE, Addresses
from gateway.openid.keys import TokenSigner
from gateway.openid.provider.client import Client
from gateway.openid.provider.requests import ProviderRequest
from gateway.openid.provider.server import ProviderServer
from gateway.openid.subjects import SignedIn

# A session can be this many seconds old at most; larger numbers mean nothing.
_LARGEST_AGE = 10**9

Step = Literal["login", "again", "reset"]


@dataclass(frozen=True)
class SignInFirst:
    """The subscriber has something to do before `continuation` is asked again.

    `step` is "login" with nobody signed in, "again" when somebody has to show
    certificate and password anew, "reset" before the password reset.
    """

    step: Step
    continuation: str


class Authorization:
    """Answers authorization requests of a verified certificate's holder."""

    def __init__(
        self,
        *,
        database: Database,
        audit: AuditLog,
        clock: Clock,
        addresses: Addresses,
        signer: TokenSigner,
        server: ProviderServer,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._addresses = addresses
        self._signer = signer
        self._server = server

    def answer(self, request: ProviderRequest, admitted: Admitted | None) -> Response | SignInFirst:
        """Return the answer for the application, or what comes first.

        Raises `Invalid` for what is told on a page of our own. `admitted` was
        admitted with its certificate for this very request, or is None.
        """
        # 1.
        client, redirect_uri = self._find_destination(request)
        try:
            # 2.
            _require_answerable(request)
            signed_in = None if admitted is None else SignedIn(admitted.principal, admitted.session)
            grant = self._server.get_consent_grant(request, signed_in)
            # 3.
            first = self._find_first(request, admitted, signed_in, wants_login=grant.prompt)
            if first is not None:
                return first
            assert signed_in is not None
            # 4.
            if not client.application.audience.includes(signed_in.principal):
                self._record_refusal(request, client, signed_in)
                raise AccessDeniedError
            # 5.
            answer: Response = self._server.create_authorization_response(
                request, grant_user=signed_in, grant=grant
            )
        except OAuth2Error as error:
            return self._server.refuse(request, error, redirect_uri)
        return answer

    def _find_destination(self, request: ProviderRequest) -> tuple[Client, str]:
        ids = request.payload.datalist["client_id"]
        client = self._server.query_client(ids[0]) if len(ids) == 1 else None
        if client is None:
            raise Invalid("openid-client-unknown")
        uris = request.payload.datalist["redirect_uri"]
        if len(uris) != 1 or not client.check_redirect_uri(uris[0]):
            raise Invalid("openid-redirect-refused", application=client.application.name)
        return client, uris[0]

    def _find_first(
        self,
        request: ProviderRequest,
        admitted: Admitted | None,
        signed_in: SignedIn | None,
        *,
        wants_login: str | None,
    ) -> SignInFirst | None:
        data: dict[str, str] = request.payload.data
        may_ask = data.get("prompt") != "none"
        step: Step | None = None
        if admitted is None or signed_in is None:
            step = "login"
        elif admitted.must_change_password:
            step = "reset"
        elif wants_login == "login" or self._is_too_long_ago(data, signed_in):
            step = "again"
        elif not self._is_hinted(data, signed_in):
            # Whoever the application thinks of is not here; the certificate says who is.
            raise LoginRequiredError
        if step is None:
            return None
        if not may_ask:
            raise InteractionRequiredError if step == "reset" else LoginRequiredError
        return SignInFirst(step, _continuation(request))

    def _is_too_long_ago(self, data: dict[str, str], signed_in: SignedIn) -> bool:
        max_age = data.get("max_age")
        if max_age is None:
            return False
        if not (max_age.isascii() and max_age.isdigit() and int(max_age[:10]) <= _LARGEST_AGE):
            raise InvalidRequestError("max_age must be a number of seconds.")
        ago = int(self._clock.now().timestamp()) - signed_in.authenticated_at
        return ago > int(max_age[:10])

    def _is_hinted(self, data: dict[str, str], signed_in: SignedIn) -> bool:
        hint = data.get("id_token_hint")
        if hint is None:
            return True
        claims = self._signer.find_own_id_token(hint)
        return claims is not None and claims.get("sub") == signed_in.principal.username

    def _record_refusal(
        self, request: ProviderRequest, client: Client, signed_in: SignedIn
    ) -> None:
        with self._database.writing() as session:
            self._audit.record(
                session,
                "application.refused",
                by=request.by,
                subject=f"application:{client.get_client_id()}",
                outcome="refused",
                session_id=signed_in.session.id,
            )


def _require_answerable(request: ProviderRequest) -> None:
    """Raise an `OAuth2Error` for a request that no grant has to look at."""
    data: dict[str, str] = request.payload.data
    if request.payload.repeated:
        raise InvalidRequestError("A parameter is repeated.")
    if "response_type" not in data:
        raise InvalidRequestError("response_type is missing.")
    if data["response_type"] != "code":
        # Nothing of theirs in it: descriptions take few characters (RFC 6749 section 5.2).
        raise UnsupportedResponseTypeError("")
    prompts = data.get("prompt", "").split()
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt none stands alone.")
    if "consent" in prompts:
        raise ConsentRequiredError
    if "select_account" in prompts:
        # A certificate is one account's.
        raise AccountSelectionRequiredError


def _continuation(request: ProviderRequest) -> str:
    """Return the request to be asked again after the login that it asked for.

    Without the wish for one, or it would be asked for ever. The application
    sees in ``auth_time`` when the login was.
    """
    pairs = [
        (name, value)
        for name, values in request.payload.datalist.items()
        for value in values
        if name not in {"prompt", "max_age"}
    ]
    return f"{AUTHORIZE}?{urlencode(pairs)}"
