"""Things that stay open at an edge: an upgraded connection, an upload, a stream of HTTP/2.

Each is open when it is returned, and `wait_until_closed` says whether the edge
ended it. Raw sockets, since libraries connect again by themselves.
"""

import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset

from tests.support.edge_client import WAIT_SECONDS, Client

Kind = Literal["websocket", "upload", "http2", "keep-alive"]
KINDS: tuple[Kind, ...] = ("websocket", "upload", "http2", "keep-alive")


class Holder(Protocol):
    """Whoever may use an application at `/apps/app` (tests/support/long_upstream.py)."""

    @property
    def client(self) -> Client:
        """How they reach the portal."""
        ...

    def cookies(self) -> Mapping[str, str]:
        """What lets them in."""
        ...


@dataclass
class Transfer:
    """Something open; of HTTP/2 one stream."""

    kind: Kind
    connection: ssl.SSLSocket
    h2: H2Connection | None = None

    def wait_until_closed(self) -> bool:
        """Return whether the edge ended it; False when it is open for too long."""
        self.connection.settimeout(WAIT_SECONDS)
        try:
            while True:
                data = self.connection.recv(65_536)
                if not data:
                    return True
                if self.h2 is not None and self._has_ended(data):
                    return True
        except TimeoutError:
            return False
        except (OSError, ssl.SSLError):
            return True
        finally:
            self.connection.close()

    def ask_again(self) -> bytes:
        """Return the first line of the answer to another request on a keep-alive connection."""
        self.connection.settimeout(WAIT_SECONDS)
        try:
            self.connection.sendall(self._request)
            return _head(self.connection).partition(b"\r\n")[0]
        finally:
            self.connection.close()

    _request: bytes = b""

    def _has_ended(self, data: bytes) -> bool:
        assert self.h2 is not None
        events = self.h2.receive_data(data)
        return any(
            isinstance(event, StreamReset | StreamEnded | ConnectionTerminated) for event in events
        )


def open_transfer(holder: Holder, kind: Kind) -> Transfer:
    """Begin something that lasts; return when it is under way at the upstream."""
    if kind == "http2":
        return _stream(holder)
    connection = _connect(holder, "http/1.1")
    if kind == "websocket":
        connection.sendall(
            _request(
                holder,
                "GET /apps/app/ws",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
            )
        )
        assert b" 101 " in _head(connection)
    elif kind == "upload":
        connection.sendall(_request(holder, "POST /apps/app/up", "Content-Length: 100000000"))
        threading.Thread(target=_fill, args=(connection,), daemon=True).start()
    else:
        request = _request(holder, "GET /apps/app/x")
        connection.sendall(request)
        assert b" 200 " in _head(connection)
        return Transfer(kind, connection, _request=request)
    return Transfer(kind, connection)


def _stream(holder: Holder) -> Transfer:
    connection = _connect(holder, "h2")
    session = H2Connection(H2Configuration())
    session.initiate_connection()
    cookies = "; ".join(f"{name}={value}" for name, value in holder.cookies().items())
    session.send_headers(
        1,
        [
            (":method", "GET"),
            (":path", "/apps/app/slow"),
            (":scheme", "https"),
            (":authority", f"{holder.client.host}:{holder.client.port}"),
            ("cookie", cookies),
        ],
        end_stream=True,
    )
    connection.sendall(session.data_to_send())
    while True:
        events = session.receive_data(connection.recv(65_536))
        connection.sendall(session.data_to_send())
        answers = [one for one in events if isinstance(one, ResponseReceived)]
        if answers:
            assert (b":status", b"200") in answers[0].headers
            return Transfer("http2", connection, session)


def _connect(holder: Holder, protocol: str) -> ssl.SSLSocket:
    context = holder.client.context()
    context.set_alpn_protocols([protocol])
    plain = socket.create_connection((holder.client.address, holder.client.port), WAIT_SECONDS)
    return context.wrap_socket(plain, server_hostname=holder.client.host)


def _request(holder: Holder, line: str, *headers: str) -> bytes:
    cookies = "; ".join(f"{name}={value}" for name, value in holder.cookies().items())
    lines = [
        f"{line} HTTP/1.1",
        f"Host: {holder.client.host}:{holder.client.port}",
        f"Cookie: {cookies}",
    ]
    return ("\r\n".join([*lines, *headers]) + "\r\n\r\n").encode()


def _head(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65_536)
        if not data:
            break
        received += data
    return received


def _fill(connection: ssl.SSLSocket) -> None:
    """Send a body slowly until the connection ends."""
    pause = threading.Event()
    try:
        while True:
            connection.sendall(b"x" * 100)
            pause.wait(0.05)
    except (OSError, ValueError):
        return
