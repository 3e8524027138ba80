"""A small HTTP server behind an edge: it answers with what it was asked."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.edge_pki import EdgePki
from tests.support.tls_credentials import pem_of

WAIT_SECONDS = 20


@dataclass
class Asked:
    """One request as the upstream saw it; header names in lower case, in their order."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for each, value in self.headers if each == name]

    def value(self, name: str) -> str | None:
        """Return the only value of a header, or None; several are an error."""
        values = self.values(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None


@dataclass
class Upstream:
    """A server that remembers its requests, and does with them as their headers say.

    `X-Test-Wait`: holds it until `release`. `X-Test-Hang-Up`: closes instead of
    answering. `X-Test-Status`: answers with this status.
    """

    port: int
    asked: list[Asked] = field(default_factory=list)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    release: threading.Event = field(default_factory=threading.Event)
    is_ready: bool = True
    set_cookie: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def last(self) -> Asked:
        """The request that came last."""
        return self.asked[-1]


@contextmanager
def running_upstream(pki: EdgePki | None = None) -> Iterator[Upstream]:
    """Serve while the block runs; with `pki` as a node's link: only the edge may come in."""
    upstream = Upstream(0)
    server = _Server(("127.0.0.1", 0), _handler(upstream))
    if pki is not None:
        server.socket = _link_context(pki).wrap_socket(server.socket, server_side=True)
    upstream.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield upstream
    finally:
        upstream.release.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the edge hangs up on whom it does not need."""


def _link_context(pki: EdgePki) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=pem_of(pki.root.certificate).decode())
    context.load_cert_chain(_written(pki))
    return context


def _written(pki: EdgePki) -> Path:
    file = pki.folder / "node.pem"
    file.write_bytes(pki.server.pem)
    return file


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = WAIT_SECONDS
        wbufsize = -1  # an answer leaves in one piece
        disable_nagle_algorithm = True

        def answer(self) -> None:
            if self.path == "/readyz":
                self._send(200 if upstream.is_ready else 503, {})
                return
            length = int(self.headers.get("content-length") or 0)
            headers = [(name.lower(), value) for name, value in self.headers.items()]
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            upstream.asked.append(asked)
            if self.headers.get("x-test-wait"):
                upstream.waiting.release()
                upstream.release.wait(WAIT_SECONDS)
            if self.headers.get("x-test-hang-up"):
                self.close_connection = True
                return
            status = int(self.headers.get("x-test-status") or 200)
            self._send(status, {"target": self.path, "headers": headers})

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # of any method
                return self.answer
            raise AttributeError(name)

        def _send(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            for cookie in upstream.set_cookie:
                self.send_header("Set-Cookie", cookie)
            self.send_header("X-CertGate-User", "whoever I say")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
