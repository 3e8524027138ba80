"""uvicorn's HTTP protocol, extended by the ASGI TLS extension.

``scope["extensions"]["tls"]`` is filled as the ASGI specification says; its
``client_cert_chain`` is PEM, leaf first, and **unverified**: TLS has proven
possession of the leaf's key and nothing else.

Source: https://asgi.readthedocs.io/en/latest/specs/tls.html
"""

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.listeners.connections import OpenConnections
from gateway.listeners.tls_connection import TlsConnection

_HEAD_OCTETS = 32_768
_HEAD_SECONDS = 30
_GOODBYE_SECONDS = 1


def http_protocol(connections: OpenConnections) -> type[HttpToolsProtocol]:
    """Return the protocol class whose connections are known to `connections`."""

    class TlsAwareProtocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._tls_extension = tls_extension(transport)
            self._parser_moved = False
            self._unfinished_octets = 0
            self._head_octets = 0
            self._head_deadline: asyncio.TimerHandle | None = None
            self._expect_head()
            connections.opened(transport, self._tls_extension)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.transport)
            self._head_has_come()
            super().connection_lost(exc)

        def shutdown(self) -> None:
            super().shutdown()
            if self.transport.is_closing():
                # An idle client need not be there to answer close_notify, and
                # asyncio would wait for it longer than a drain may take.
                self.loop.call_later(_GOODBYE_SECONDS, self.transport.abort)

        def data_received(self, data: bytes) -> None:
            self._parser_moved = False
            super().data_received(data)
            self._limit_unfinished(0 if self._parser_moved else len(data))

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._parser_moved = True
            self._head_octets = 0
            self._expect_head()
            if self._tls_extension is not None:
                self.scope["extensions"] = {"tls": self._tls_extension}

        def on_url(self, url: bytes) -> None:
            self._count_head(len(url))
            super().on_url(url)

        def on_header(self, name: bytes, value: bytes) -> None:
            self._count_head(len(name) + len(value))
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._parser_moved = True
            self._head_has_come()
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._parser_moved = True
            super().on_body(body)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self._head_deadline is not None:
                # A head that was begun during the answer gets its full time now.
                self._head_has_come()
                self._expect_head()

        def _expect_head(self) -> None:
            # uvicorn waits for ever for a head that comes octet by octet.
            if self._head_deadline is None:
                self._head_deadline = self.loop.call_later(_HEAD_SECONDS, self._head_is_late)

        def _head_has_come(self) -> None:
            if self._head_deadline is not None:
                self._head_deadline.cancel()
                self._head_deadline = None

        def _head_is_late(self) -> None:
            self._head_deadline = None
            if self._is_answering():
                # Sent ahead; we do not read on before the answer is out.
                self._expect_head()
            else:
                self.transport.abort()

        def _is_answering(self) -> bool:
            cycle: RequestResponseCycle | None = self.cycle
            return cycle is not None and not cycle.response_complete

        def _limit_unfinished(self, octets: int) -> None:
            # The parser keeps a header (or a trailer) to itself until it ends,
            # and one that never does would fill the memory.
            self._unfinished_octets = self._unfinished_octets + octets if octets else 0
            if self._unfinished_octets <= _HEAD_OCTETS or self.transport.is_closing():
                return
            if self._is_answering():
                self.transport.abort()
            else:
                self.send_400_response("Invalid HTTP request received.")

        def _count_head(self, octets: int) -> None:
            self._parser_moved = True
            # The parser itself takes heads of any length. Raising in its
            # callback makes uvicorn answer 400 and close.
            self._head_octets += octets
            if self._head_octets > _HEAD_OCTETS:
                raise ValueError("the request's head is too long")

    return TlsAwareProtocol


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
