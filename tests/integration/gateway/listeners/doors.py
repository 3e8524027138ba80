"""One door in a thread of its own, an application behind it, and clients before it."""

import asyncio
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.listeners import servers
from gateway.listeners.connections import OpenConnections
from gateway.listeners.door_server import DoorServer
from gateway.listeners.draining import Drain
from gateway.listeners.gate import LetIn
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.servers import Door
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.credentials import issuing, our_root, server
from tests.support.tls_credentials import HOST

WAIT_SECONDS = 20
LARGE = bytes(range(256)) * 20_000  # 5,120,000 octets
PIECE = 1_000


@dataclass
class Echo:
    """An application that shows what reached it."""

    scopes: list[Scope] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    disconnected: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        act: Callable[[Scope, Receive], Coroutine[Any, Any, bytes | None]]
        act = getattr(self, f"_{scope['path'].strip('/') or 'hello'}")
        body = await act(scope, receive)
        if body is None:
            return
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        step = PIECE if scope["path"] == "/pieces" else len(body) or 1
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _hello(self, scope: Scope, receive: Receive) -> bytes:
        return b"hello"

    async def _large(self, scope: Scope, receive: Receive) -> bytes:
        return LARGE

    _pieces = _large

    async def _tls(self, scope: Scope, receive: Receive) -> bytes:
        shown = dict(scope.get("extensions", {}).get("tls", {}))
        shown.pop("certgate_unverified_chain", None)
        return json.dumps(shown).encode()

    async def _echo(self, scope: Scope, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            self.arrived.set()
            if message["type"] == "http.disconnect":
                self.disconnected.set()
                return None
            body += message["body"]
            if not message["more_body"]:
                return bytes(body)

    async def _slow(self, scope: Scope, receive: Receive) -> bytes:
        self.arrived.set()
        await asyncio.to_thread(self.released.wait, WAIT_SECONDS)
        return b"at last"


@dataclass
class Knocker:
    """Clients of whatever serves at a port of this machine."""

    port: int
    tls: TlsContext | None = None

    def connect(self) -> socket.socket:
        """Return a TCP connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_SECONDS)

    @contextmanager
    def connected(
        self,
        context: ssl.SSLContext,
        session: ssl.SSLSession | None = None,
        *,
        ragged: bool = True,
    ) -> Iterator[ssl.SSLSocket]:
        """Return a TLS connection; unless `ragged`, an end without close_notify is an error."""
        with (
            self.connect() as plain,
            context.wrap_socket(
                plain, server_hostname=HOST, session=session, suppress_ragged_eofs=ragged
            ) as secured,
        ):
            yield secured

    @contextmanager
    def raw(self) -> Iterator[socket.socket]:
        """Return a connection as this door wants it, for requests no library would send."""
        if self.tls is None:
            with self.connect() as plain:
                yield plain
        else:
            with self.connected(client_context()) as secured:
                yield secured

    def get(self, path: str, context: ssl.SSLContext | None) -> bytes:
        """Ask for `path` on a connection of its own."""
        with self.client(context) as client:
            client.request("GET", path)
            return client.getresponse().read()

    @contextmanager
    def client(self, context: ssl.SSLContext | None) -> Iterator[http.client.HTTPConnection]:
        """Return an HTTP client that keeps its connection."""
        client = (
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
            if context is None
            else http.client.HTTPSConnection(HOST, self.port, timeout=WAIT_SECONDS, context=context)
        )
        try:
            yield client
        finally:
            client.close()


@dataclass
class OpenDoor(Knocker):
    """A door that serves now."""

    connections: OpenConnections = field(kw_only=True)
    _uvicorn: DoorServer = field(kw_only=True)
    _loop: asyncio.AbstractEventLoop = field(kw_only=True)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the door's event loop until the door closes."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    @property
    def open_count(self) -> int:
        """How many connections the HTTP server knows."""
        return len(self._uvicorn.server_state.connections)

    def wait_until_empty(self) -> None:
        """Wait until nobody is connected, and nobody is remembered to be."""
        wait_until(lambda: self.open_count == 0 and not self.connections.digests())


def public_tls() -> TlsContext:
    """Return the context of the public door."""
    return TlsContext(server().chain, server().private_key)


def portal_tls() -> TlsContext:
    """Return the context of the door that asks for a certificate."""
    return TlsContext(
        server().chain,
        server().private_key,
        ask_for_certificate_of=[issuing().certificate],
    )


@contextmanager
def open_door(
    app: ASGIApp,
    tls: TlsContext | None,
    ocsp: OcspDesk | None = None,
    let_in: LetIn | None = None,
) -> Iterator[OpenDoor]:
    """Serve `app` while the block runs."""
    connections = OpenConnections()
    door = Door("test", app, "127.0.0.1", 0, tls, connections, ocsp, let_in)
    opened = servers.open_socket(door)
    port = opened.getsockname()[1]
    uvicorn = servers._server(door, Drain())
    loop = asyncio.new_event_loop()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(uvicorn.serve(sockets=[opened]))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        wait_until(lambda: uvicorn.started)
        yield OpenDoor(port, tls, connections=connections, _uvicorn=uvicorn, _loop=loop)
    finally:
        uvicorn.should_exit = True
        thread.join(WAIT_SECONDS)
    assert not thread.is_alive()


def client_context(credential: Path | None = None) -> ssl.SSLContext:
    """Return the context of a client that trusts our root, with a certificate if named."""
    root = our_root().certificate.public_bytes(Encoding.PEM).decode()
    context = ssl.create_default_context(cadata=root)
    if credential is not None:
        context.load_cert_chain(credential)
    return context


def trusting_context() -> ssl.SSLContext:
    """Return the context of a client that takes any server's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    received = b""
    while data := connection.recv(65_536):
        received += data
    return received
