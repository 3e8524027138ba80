"""Request identifier and access log, the outermost layer.

Logged are method, path, status, duration, address, and who: username, kind, and
the serial number of the certificate that was verified. Never a query string, a
header or a body, because download passwords and tokens travel there.
"""

from datetime import timedelta

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.clock import Clock
from foundation.randomness import Randomness
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import client_address, principal_or_none

REQUEST_ID_HEADER = "x-request-id"

_REQUEST_ID_OCTETS = 8
_log = structlog.get_logger("access")


class RequestContext:
    """Names each request, logs its outcome, and answers what nobody else caught."""

    def __init__(
        self, app: ASGIApp, *, refuse: Refuse, clock: Clock, randomness: Randomness
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._clock = clock
        self._randomness = randomness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        # An edge has named it already (`gateway.edge.link`); no client can.
        request_id = state.get("request_id") or self._randomness.token(_REQUEST_ID_OCTETS).hex()
        state["request_id"] = request_id
        started = self._clock.now()
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_named)
        except ClientDisconnect:
            _log.info("client-gone", method=scope["method"], path=scope["path"])
        except Exception as error:
            _log.exception("request-failed", method=scope["method"], path=scope["path"])
            if status == 0:
                await self._refuse(Request(scope), error)(scope, receive, send_named)
        _record(scope, status, self._clock.now() - started)


def _record(scope: Scope, status: int, taken: timedelta) -> None:
    request = Request(scope)
    principal = principal_or_none(request)
    _log.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(taken / timedelta(milliseconds=1), 1),
        address=client_address(request),
        username=principal.username if principal else None,
        kind=getattr(principal, "kind", None),
        # Also of a request that had a good certificate and no session.
        serial_number=getattr(getattr(request.state, "certificate", None), "serial_number", None),
    )
