"""The ASGI application of the link: from what an edge says to the doors' applications.

Of each request

1. the connection is an edge's, in good standing now,
2. what the edge says of it is there exactly once and well formed,
3. the application of its door sees it as if the client had come by itself: its
   address, the TLS extension with its **unverified** certificate, and none of
   the headers that only an edge may write.
"""

import ssl
from collections.abc import Mapping
from typing import Any

import structlog
from anyio import to_thread
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.database.failures import find_unavailability
from foundation.errors import Failure, Invalid
from gateway.edge.link.arrival import Arrival, DoorName, read_arrival, without_private
from gateway.edge.link.edges import Edges

_LOG = structlog.get_logger(__name__)
_CLOSE = {"connection": "close"}
_SCHEMES: Mapping[DoorName, str] = {"pki": "http", "public": "https", "portal": "https"}


class LinkApplication:
    """Dispatches what comes over links to the applications of the doors."""

    def __init__(self, edges: Edges, doors: Mapping[DoorName, ASGIApp], outage: ASGIApp) -> None:
        """`outage` answers when nobody can say whose the link is, and lets nobody further."""
        self._edges = edges
        self._outage = outage
        self._doors = dict(doors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            # No door speaks anything else; uvicorn does not offer it either.
            raise ValueError(scope["type"])
        # 1. The connection was let in by the same question (`gateway.listeners.gate`);
        # since then it may have expired, or the watch may not have come round yet.
        door: ASGIApp | None = None
        try:
            await to_thread.run_sync(self._edges.verify, scope.get("extensions", {}).get("tls"))
        except Failure as failure:
            _LOG.warning("edge_refused", reason=failure.code)
            await PlainTextResponse("", 403, _CLOSE)(scope, receive, send)
            return
        except Exception as error:
            if find_unavailability(error) is None:
                raise
            _LOG.warning("edge_unverified", reason="database-unavailable")
            door = self._outage
        # 2.
        try:
            arrival = read_arrival(scope["headers"])
        except Invalid:
            _LOG.warning("link_request_refused")
            await PlainTextResponse("400\n", 400, _CLOSE)(scope, receive, send)
            return
        # 3.
        await (door or self._doors[arrival.door])(_as_from_client(scope, arrival), receive, send)


def _as_from_client(scope: Scope, arrival: Arrival) -> Scope:
    extensions = {**scope.get("extensions", {})}
    extensions.pop("tls", None)
    if arrival.door != "pki":
        extensions["tls"] = _tls_extension(arrival.unverified_certificate)
    state = {**scope.get("state", {})}
    if arrival.request_id is not None:
        state["request_id"] = arrival.request_id
    return {
        **scope,
        "scheme": _SCHEMES[arrival.door],
        "client": arrival.client,
        "headers": without_private(scope["headers"]),
        "extensions": extensions,
        "state": state,
    }


def _tls_extension(unverified_certificate: bytes | None) -> dict[str, Any]:
    chain = () if unverified_certificate is None else (unverified_certificate,)
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(der) for der in chain],
        "client_cert_name": None,
        "client_cert_error": None,
        # The edge's business with the client, and not told.
        "tls_version": None,
        "cipher_suite": None,
        "certgate_unverified_chain": chain,
    }
