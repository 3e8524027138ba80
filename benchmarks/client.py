"""A keep-alive HTTP/1.1 client that costs next to nothing beside what it measures."""

import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any, Self

HOST = "localhost"

_ADDRESS = "127.0.0.1"
_SECONDS = 30
_CHUNK = 65_536


class ConnectionOver(Exception):
    """The server has closed or cut the connection."""


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    head: bytes
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        return _header(self.head, name.lower().encode())


class Connection:
    """One connection, kept open between exchanges."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Connect, and shake hands when `tls` is given."""
        plain = socket.create_connection((_ADDRESS, port), timeout=_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = tls.wrap_socket(plain, server_hostname=HOST) if tls else plain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def exchange(self, request: bytes) -> Answer:
        """Send a request and return its answer; raises `ConnectionOver`."""
        try:
            self._socket.sendall(request)
            return self._read_answer()
        except OSError as gone:
            raise ConnectionOver from gone

    def wait_until_closed(self) -> None:
        """Return when the server has closed or cut the connection."""
        try:
            while self._socket.recv(_CHUNK):
                pass
        except TimeoutError:
            raise
        except OSError:
            return

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _read_answer(self) -> Answer:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._read_some()
        head, body = data[:end], data[end + 4 :]
        if _header(head, b"transfer-encoding") == "chunked":
            return Answer(int(head[9:12]), head, self._read_chunks(body))
        length = int(_header(head, b"content-length") or 0)
        while len(body) < length:
            body += self._read_some()
        return Answer(int(head[9:12]), head, body)

    def _read_chunks(self, data: bytes) -> bytes:
        """Return the body that begins with `data` (RFC 9112 section 7.1), trailers left out."""
        body = b""
        while True:
            while (end := data.find(b"\r\n")) < 0:
                data += self._read_some()
            length = int(data[:end].partition(b";")[0], 16)
            while len(data) < end + length + 4:
                data += self._read_some()
            if length == 0:
                return body
            body += data[end + 2 : end + 2 + length]
            data = data[end + length + 4 :]

    def _read_some(self) -> bytes:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionOver
        return data


def get(port: int, path: str, cookie: str | None = None) -> bytes:
    """Return the octets of a GET request."""
    return _request("GET", port, path, cookie, b"", None)


def post(port: int, path: str, document: object, cookie: str | None = None) -> bytes:
    """Return the octets of a POST request with a JSON body."""
    return _request("POST", port, path, cookie, json.dumps(document).encode(), "application/json")


def put(port: int, path: str, document: object, cookie: str | None = None) -> bytes:
    """Return the octets of a PUT request with a JSON body."""
    return _request("PUT", port, path, cookie, json.dumps(document).encode(), "application/json")


def post_octets(port: int, path: str, body: bytes, media_type: str) -> bytes:
    """Return the octets of a POST request."""
    return _request("POST", port, path, None, body, media_type)


def _request(
    method: str, port: int, path: str, cookie: str | None, body: bytes, media_type: str | None
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}", "Accept: application/json"]
    if cookie is not None:
        lines.append(f"Cookie: {cookie}")
    if media_type is not None:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _header(head: bytes, name: bytes) -> str | None:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip().decode()
    return None
