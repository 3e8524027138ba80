"""Settles the language of a request and remembers a wish made with ``?lang=``."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.i18n import (
    LANGUAGE_COOKIE,
    LANGUAGE_PARAMETER,
    LANGUAGES,
    negotiate_language,
)

_ONE_YEAR = 365 * 24 * 3600


class Language:
    """Puts ``language`` into the request's state; `remembers` a wish in a cookie."""

    def __init__(self, app: ASGIApp, *, remembers: bool = True) -> None:
        self._app = app
        self._remembers = remembers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        wanted = request.query_params.get(LANGUAGE_PARAMETER)
        language = negotiate_language(
            wanted=wanted,
            remembered=request.cookies.get(LANGUAGE_COOKIE),
            accept_language=request.headers.get("accept-language", ""),
        )
        scope.setdefault("state", {})["language"] = language

        async def send_remembering(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", _cookie(language))
            await send(message)

        remembering = self._remembers and wanted in LANGUAGES
        await self._app(scope, receive, send_remembering if remembering else send)


def _cookie(language: str) -> str:
    response = Response()
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_ONE_YEAR, secure=True, httponly=True, samesite="lax"
    )
    return response.headers["set-cookie"]
