"""Counts what passes one door: the outermost layer of its application."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.web.requests import method_of, route_of
from gateway.metrics.node import NodeMetrics


class RequestLayer:
    """Tells `metrics` of each request how it was answered."""

    def __init__(self, app: ASGIApp, metrics: NodeMetrics, door: str) -> None:
        self._app = app
        self._metrics = metrics
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            self._metrics.request_answered(
                self._door, method_of(scope), route_of(scope), status, perf_counter() - started
            )
