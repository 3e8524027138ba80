"""Refuses bodies that are too large, by what they say and by what they turn out to be."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Invalid
from foundation.web.middleware.refusal import Refuse

DEFAULT_LIMIT = 64 * 1024

_MOST_DIGITS = 18


class _TooLarge(Exception):
    """Stops whoever is reading the body; never leaves this module."""


class BodyLimit:
    """Allows `limit` octets, or what `larger` says for the longest path prefix that fits.

    A body of unknown length is counted while it is read: the application sees
    an error at the limit, and whatever it answers is replaced by the refusal.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        limit: int = DEFAULT_LIMIT,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._limit = limit
        self._larger = dict(sorted((larger or {}).items(), key=lambda item: -len(item[0])))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_for(scope["path"])
        if _declared_length(scope) > limit:
            await self._answer(scope, receive, send, limit)
            return

        seen, exceeded, started = 0, False, False

        async def receive_counted() -> Message:
            nonlocal seen, exceeded
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                exceeded = True
                raise _TooLarge
            return message

        async def send_unless_exceeded(message: Message) -> None:
            nonlocal started
            if not exceeded or started:
                started = True
                await send(message)

        try:
            await self._app(scope, receive_counted, send_unless_exceeded)
        except _TooLarge:
            if started:
                raise
        if exceeded and not started:
            await self._answer(scope, receive, send, limit)

    def _limit_for(self, path: str) -> int:
        return next(
            (limit for prefix, limit in self._larger.items() if path.startswith(prefix)),
            self._limit,
        )

    async def _answer(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        failure = Invalid("payload-too-large", kilobytes=limit // 1024)
        response = self._refuse(Request(scope), failure)
        response.headers["connection"] = "close"  # the rest of the body stays unread
        await response(scope, receive, send)


def _declared_length(scope: Scope) -> int:
    value = Request(scope).headers.get("content-length", "")
    if not (value.isascii() and value.isdigit()):
        return 0  # the server has refused it already, or the body is counted
    return int(value[:_MOST_DIGITS])
