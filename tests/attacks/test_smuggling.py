"""Requests whose end one parser sees elsewhere than the next (request smuggling)."""

from typing import Final

import pytest

from tests.attacks.target import Target
from tests.support.edge_client import Client
from tests.support.guest import Guest

pytestmark = pytest.mark.slow

# What is to be answered in place of the next one's request. No other answer has its type.
HIDDEN: Final = b"GET /root.cer HTTP/1.1\r\nHost: HOST\r\nX-Rest: "
MARK: Final = b"pkix-cert"
_SILENCE_SECONDS: Final = 1.0
_BODY: Final = b'{"serial_number": "1"}'


def head(*headers: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    """Return the head of a request with a body."""
    kept = (b"POST /api/v1/pickup " + version, b"Host: HOST", b"Content-Type: application/json")
    return b"\r\n".join([*kept, *headers, b"", b""])


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    """Return one chunk."""
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


END: Final = b"0\r\n\r\n"
_LENGTH: Final = b"Content-Length: %d"
_CHUNKED: Final = b"Transfer-Encoding: chunked"

ATTACKS: Final = {
    "CL.TE": head(_LENGTH % len(END + HIDDEN), _CHUNKED) + END + HIDDEN,
    "TE.CL": head(b"Content-Length: 4", _CHUNKED) + chunk(HIDDEN + b"x") + END,
    "TE.TE": head(b"Content-Length: 4", _CHUNKED, b"Transfer-Encoding: identity")
    + chunk(HIDDEN)
    + END,
    "TE with a tab": head(_LENGTH % len(END + HIDDEN), b"Transfer-Encoding:\tchunked")
    + END
    + HIDDEN,
    "TE xchunked": head(_LENGTH % 5, b"Transfer-Encoding: xchunked") + END + HIDDEN,
    "TE before the colon": head(_LENGTH % 5, b"Transfer-Encoding : chunked") + END + HIDDEN,
    "TE with a vertical tab": head(_LENGTH % 5, b"Transfer-Encoding: \x0bchunked") + END + HIDDEN,
    "TE in two lines": head(_LENGTH % 5, b"Transfer-Encoding:\r\n chunked") + END + HIDDEN,
    "TE with an underscore": head(_LENGTH % 5, b"Transfer_Encoding: chunked") + END + HIDDEN,
    "two lengths": head(_LENGTH % 0, _LENGTH % len(HIDDEN)) + HIDDEN,
    "a list of lengths": head(b"Content-Length: 0, %d" % len(HIDDEN)) + HIDDEN,
    "a signed length": head(b"Content-Length: +0") + HIDDEN,
    "a hexadecimal length": head(b"Content-Length: 0x0") + HIDDEN,
    "obs-fold": head(b"X-Fold: a\r\n Content-Length: 0", _LENGTH % 5) + END + HIDDEN,
    "a bare LF in a value": head(b"X-A: b\nContent-Length: 0", _LENGTH % 5) + END + HIDDEN,
    "a bare CR in a value": head(b"X-A: b\rContent-Length: 0", _LENGTH % 5) + END + HIDDEN,
    "bare LFs": head(_LENGTH % 5, _CHUNKED).replace(b"\r\n", b"\n") + END + HIDDEN,
    "a chunk extension with LF": head(_CHUNKED) + chunk(b"x", b";a\nb") + END + HIDDEN,
    "a chunk too large": head(_CHUNKED) + b"FFFFFFFFFFFFFFFF1\r\n" + HIDDEN,
    "a negative chunk": head(_CHUNKED) + b"-1\r\n" + HIDDEN,
    "a chunk of 0x": head(_CHUNKED) + b"0x0\r\n\r\n" + HIDDEN,
    "TE in HTTP/1.0": head(_LENGTH % 5, _CHUNKED, b"Connection: keep-alive", version=b"HTTP/1.0")
    + END
    + HIDDEN,
}


def exchange(client: Client, data: bytes) -> bytes:
    """Send octets and return what comes, until the end or until nothing comes any more."""
    connection = client.connect()
    assert connection.sock is not None
    received = b""
    try:
        connection.sock.sendall(data.replace(b"HOST", f"{client.host}:{client.port}".encode()))
        connection.sock.settimeout(_SILENCE_SECONDS)
        while piece := connection.sock.recv(65_536):
            received += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        connection.close()
    return received


def healthy(target: Target, resident: Guest) -> None:
    """Ask as others do who come next, over the same connections behind; each gets his own."""
    follower = target.doors.public().connect()
    for _ in range(4):
        follower.request("GET", "/healthz")
        answer = follower.getresponse()
        assert (answer.status, MARK.decode() in answer.headers["content-type"]) == (200, False)
        answer.read()
    follower.close()
    assert resident.ask("/api/v1/session").document["username"] == resident.username


@pytest.mark.parametrize("name", ATTACKS)
def test_no_request_hides_in_another(target: Target, resident: Guest, name: str) -> None:
    """The attacker's second request is to be answered to whoever comes next."""
    for client in (target.doors.public(), resident.client):
        answer = exchange(client, ATTACKS[name])
        assert MARK not in answer
        assert b"HTTP/1.1 5" not in answer
        healthy(target, resident)
