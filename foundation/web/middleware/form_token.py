"""Form tokens: a state change must come from a page that this browser was given.

The token is an HMAC-SHA256 keyed by the session cookie, or before login by a
random cookie of its own. Another site can make the browser send the cookies but
cannot read them, so it cannot know the token (OWASP: HMAC-based token pattern).
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.base64url import base64url
from foundation.errors import Denied, Invalid
from foundation.randomness import Randomness
from foundation.web.middleware.origin_check import SAFE_METHODS
from foundation.web.middleware.refusal import Refuse

FORM_TOKEN_FIELD = "form_token"  # noqa: S105  # a name
FORM_TOKEN_HEADER = "x-form-token"  # noqa: S105  # a name
ANONYMOUS_COOKIE = "__Host-certgate-form"
# Called by programs, which prove themselves without a cookie.
EXEMPT = ("/api/", "/.well-known/", "/ocsp", "/openid/token", "/openid/userinfo")

_COOKIE_OCTETS = 32
_PURPOSE = b"certgate form token v1"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class FormTokens:
    """The token of one request; the anonymous cookie is drawn only when a page asks."""

    randomness: Randomness
    secret: str | None
    drawn: str | None = field(default=None, init=False)

    def token(self) -> str:
        """Return the token to put into forms of this answer."""
        if self.secret is None:
            self.secret = self.drawn = base64url(self.randomness.token(_COOKIE_OCTETS))
        return base64url(hmac.digest(self.secret.encode(), _PURPOSE, "sha256"))

    def verify(self, unverified_token: str) -> None:
        """Raise `Denied` unless the token belongs to the cookie of this request."""
        if self.secret is None:
            raise Denied("form-token-invalid")
        if not hmac.compare_digest(self.token().encode(), unverified_token.encode()):
            raise Denied("form-token-invalid")


def form_token_of(request: Request) -> str:
    """Return the form token for `request`; empty where the layer is not in place."""
    tokens: FormTokens | None = getattr(request.state, "form_tokens", None)
    return tokens.token() if tokens else ""


class FormToken:
    """Checks the token of every state change, in a field or a header.

    Not where a path begins as one of `exempt` does, nor at one of `exempt_paths`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        randomness: Randomness,
        session_cookie: str,
        exempt: Collection[str] = EXEMPT,
        exempt_paths: Collection[str] = (),
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._randomness = randomness
        self._session_cookie = session_cookie
        self._exempt = tuple(exempt)
        self._exempt_paths = frozenset(exempt_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        cookies = request.cookies
        secret = cookies.get(self._session_cookie) or cookies.get(ANONYMOUS_COOKIE) or None
        tokens = FormTokens(self._randomness, secret)
        scope.setdefault("state", {})["form_tokens"] = tokens

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and tokens.drawn:
                MutableHeaders(scope=message).append("set-cookie", _cookie(tokens.drawn))
            await send(message)

        if scope["method"] not in SAFE_METHODS and not self._is_exempt(scope["path"]):
            try:
                unverified_token, receive = await _token_in(request)
                tokens.verify(unverified_token)
            except (Denied, Invalid) as failure:
                response = self._refuse(request, failure)
                await response(scope, receive, send_with_cookie)
                return
        await self._app(scope, receive, send_with_cookie)

    def _is_exempt(self, path: str) -> bool:
        return path.startswith(self._exempt) or path in self._exempt_paths


async def _token_in(request: Request) -> tuple[str, Receive]:
    """Return the token and a `receive` that yields the body again to the application."""
    header = request.headers.get(FORM_TOKEN_HEADER)
    if header is not None:
        return header, request.receive
    if not request.headers.get("content-type", "").lower().startswith(_FORMS):
        return "", request.receive
    body = await request.body()
    try:
        async with Request(request.scope, _replay(body, request.receive)).form() as form:
            value = form.get(FORM_TOKEN_FIELD)
    except (MultiPartException, HTTPException, ValueError) as error:
        raise Invalid("malformed-request") from error
    return value if isinstance(value, str) else "", _replay(body, request.receive)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` giving `body` once and then what the connection says."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _cookie(value: str) -> str:
    response = Response()
    response.set_cookie(
        ANONYMOUS_COOKIE, value, path="/", secure=True, httponly=True, samesite="strict"
    )
    return response.headers["set-cookie"]
