"""HEAD wherever there is GET (RFC 9110 section 9.3.2): what GET says, without its content."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """Ends the making of content that nobody is sent; never leaves this module."""


class HeadRequests:
    """Asks the routes as for a GET, and stops them when the head of the answer is there.

    Content that is made while it is sent (a CRL, an export) is not made at all.
    The paths of `refused` have a GET that changes something: a link is followed
    once, and what only looks at links would use it up. Their HEAD stays one, which
    no route of theirs takes.

    It stands next to the routes: every other layer sees a HEAD.
    """

    def __init__(self, app: ASGIApp, *, refused: Collection[str] = ()) -> None:
        self._app = app
        self._refused = frozenset(refused)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in self._refused:
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                raise _Answered

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send_head)
        except* _Answered:  # in a group, when a task of the answer's met it
            pass
        finally:
            # Logs and numbers go by the route that was taken.
            if "route" in asked:
                scope["route"] = asked["route"]
