"""Leaving without a failed request.

A node that is asked to end first says so: readiness becomes false, so that
whoever spreads requests over nodes sends no more, and every answer closes its
connection, so that clients come back elsewhere. After `seconds` of that the
listeners close and what is still in flight ends. A second signal ends the
waiting.
"""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Drain:
    """Whether this process is leaving. Changed in the event loop, read anywhere."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self._is_draining = False

    @property
    def is_draining(self) -> bool:
        """Whether new requests had better go to another node."""
        return self._is_draining

    def begin(
        self, call_later: Callable[[float, Callable[[], None]], object], end: Callable[[], None]
    ) -> None:
        """Begin to leave and call `end` when the time is over; now, when this is said again."""
        if self._is_draining or not self.seconds:
            end()
        else:
            call_later(self.seconds, end)
        self._is_draining = True

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return `app`, whose answers close their connections from the beginning of the drain."""

        async def closing(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_closing(message: Message) -> None:
                if message["type"] == "http.response.start" and self._is_draining:
                    # RFC 9112 section 9.6; HTTP/1.1 is all that is spoken here.
                    MutableHeaders(scope=message)["connection"] = "close"
                await send(message)

            await app(scope, receive, send_closing)

        return closing
