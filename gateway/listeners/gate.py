"""Asking who is there before a connection's first octet is read as HTTP.

The question may take a database, so it is asked in a thread while the
connection's octets wait in the socket. Whoever is not let in is cut off
without an answer.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from foundation.errors import Failure
from gateway.listeners.http_protocol import tls_extension

LetIn = Callable[[dict[str, Any] | None], object]
"""Takes a connection's TLS extension, unverified; raises for whom it does not let in."""

_LOG = structlog.get_logger(__name__)


def with_gate(protocol: type[HttpToolsProtocol], let_in: LetIn) -> type[HttpToolsProtocol]:
    """Return `protocol` for connections that `let_in` lets in, and for no others."""

    class GatedProtocol(protocol):  # type: ignore[valid-type, misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            # asyncio reads what came with the handshake only after this returns.
            transport.pause_reading()
            # Kept: the loop itself holds tasks weakly.
            self._asking = self.loop.create_task(_ask(transport, let_in))

        def connection_lost(self, exc: Exception | None) -> None:
            self._asking.cancel()
            super().connection_lost(exc)

    return GatedProtocol


async def _ask(transport: asyncio.Transport, let_in: LetIn) -> None:
    try:
        await asyncio.to_thread(let_in, tls_extension(transport))
    except Failure as refused:
        _LOG.warning("connection_refused", reason=refused.code)
        transport.abort()
    except Exception:
        # Nobody knows who it is: it fails closed.
        _LOG.exception("connection_not_asked")
        transport.abort()
    else:
        if not transport.is_closing():
            transport.resume_reading()
