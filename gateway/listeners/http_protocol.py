"""uvicorn's HTTP protocol, extended by the ASGI TLS extension.

``scope["extensions"]["tls"]`` is filled as the ASGI specification says; its
``client_cert_chain`` is PEM, leaf first, and **unverified**: TLS has proven
possession of the leaf's key and nothing else.

Source: https://asgi.readthedocs.io/en/latest/specs/tls.html
"""

import asyncio
import ssl
from typing import Any

from gateway.listeners.connections import OpenConnections
from gateway.listeners.head_limits import HeadLimits
from gateway.listeners.tls_connection import TlsConnection

_GOODBYE_SECONDS = 1


class HttpProtocol(HeadLimits):
    """One connection of a door; `open_connections` are those of the door."""

    open_connections: OpenConnections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection and its certificate."""
        super().connection_made(transport)
        self._tls_extension = tls_extension(transport)
        self.open_connections.opened(transport, self._tls_extension)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.open_connections.closed(self.transport)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Leave, with an answer that is under way."""
        super().shutdown()
        if self.transport.is_closing():
            # An idle client need not be there to answer close_notify, and
            # asyncio would wait for it longer than a drain may take.
            self.loop.call_later(_GOODBYE_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        """Begin a scope, with the extension."""
        super().on_message_begin()
        if self._tls_extension is not None:
            self.scope["extensions"] = {"tls": self._tls_extension}


def http_protocol(connections: OpenConnections) -> type[HttpProtocol]:
    """Return the protocol class whose connections are known to `connections`."""

    class KnownProtocol(HttpProtocol):
        open_connections = connections

    return KnownProtocol


def tls_extension(transport: asyncio.BaseTransport) -> dict[Any, Any] | None:
    """Return the extension's dict for a TLS connection, None for a plain one."""
    connection = transport.get_extra_info("ssl_object")
    if not isinstance(connection, TlsConnection):
        return None
    chain = connection.unverified_client_chain()
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(der) for der in chain],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": connection.protocol_version(),
        "cipher_suite": None,
        # Ours: the same chain in DER, so that no request parses PEM again.
        "certgate_unverified_chain": tuple(chain),
    }
