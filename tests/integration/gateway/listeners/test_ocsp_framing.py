"""The same octets mean the same to OCSP's entrance and to the HTTP server behind it.

Two readings of one request are what request smuggling lives on (RFC 9112
section 11.2). Each case is sent to a door with the entrance and to one without.
"""

import base64
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPResponseStatus
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response

from ca.ocsp import FreshEpoch
from ca.ocsp.router import ocsp_router
from foundation.database import Database
from gateway.listeners.ocsp.desk import OcspDesk
from tests.integration.gateway.listeners.doors import Knocker, open_door, read_all
from tests.support.revocation import make_revocable, request_for

Answers = list[tuple[bytes, bytes]]
LAST = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass
class Doors:
    """The same application behind both kinds of door; `question` is one that is answered good."""

    entrance: Knocker
    server: Knocker
    question: bytes


@pytest.fixture(scope="module")
def doors(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("framing")
    copy = shutil.copy(sqlite_template, folder / "certgate.sqlite3")
    database = Database(f"sqlite:///{copy}")
    revocable = make_revocable(database, folder)
    desk = OcspDesk(revocable.responder, FreshEpoch(database))
    app = FastAPI()
    app.include_router(ocsp_router(revocable.responder))
    app.add_route("/{path:path}", _show, methods=["GET", "POST"])
    issuer = revocable.ca.hierarchy.issuing.certificate
    question = request_for(issuer, revocable.issue().serial_number)
    with open_door(app, None, desk) as entrance, open_door(app, None) as server:
        yield Doors(entrance, server, question)
    desk.close()
    database.dispose()


async def _show(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.url.path}")


def _post(question: bytes, *headers: bytes, line: bytes = b"POST /ocsp HTTP/1.1") -> bytes:
    head = b"\r\n".join([line, b"Host: a", *headers])
    return head + b"\r\n\r\n" + question


def _exchange(door: Knocker, octets: bytes) -> Answers:
    """Send `octets` at once and return status and body of each answer until the end."""
    received = b""
    with door.connect() as connection:
        connection.sendall(octets)
        try:
            while data := connection.recv(65_536):
                received += data
        except ConnectionResetError:
            pass  # what had not been read when it closed
    answers = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answers.append((head.split(b" ")[1], received[:length]))
        received = received[length:]
    return answers


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n"

# What stands for the length of the question is put in, and the question itself is the body.
HEADERS = {
    "plain": [b"Content-Length: LENGTH"],
    "zeros in front": [b"Content-Length: 00LENGTH"],
    "the same length twice": [b"Content-Length: LENGTH", b"Content-Length: LENGTH"],
    "two lengths": [b"Content-Length: LENGTH", b"Content-Length: 0"],
    "two lengths, the lesser first": [b"Content-Length: 0", b"Content-Length: LENGTH"],
    "a list of lengths": [b"Content-Length: LENGTH, LENGTH"],
    "negative": [b"Content-Length: -LENGTH"],
    "with a plus sign": [b"Content-Length: +LENGTH"],
    "hexadecimal": [b"Content-Length: 0x10"],
    "more than any integer": [b"Content-Length: 18446744073709551617"],
    "empty length": [b"Content-Length:"],
    "blank in the length": [b"Content-Length: 1 0"],
    "blanks around the length": [b"Content-Length: \t LENGTH \t"],
    "blank before the colon": [b"Content-Length : LENGTH"],
    "length and chunked": [b"Content-Length: LENGTH", b"Transfer-Encoding: chunked"],
    "chunked and length": [b"Transfer-Encoding: chunked", b"Content-Length: LENGTH"],
    "identity": [b"Content-Length: LENGTH", b"Transfer-Encoding: identity"],
    "unknown coding": [b"Content-Length: LENGTH", b"Transfer-Encoding: xchunked"],
    "odd case of a coding": [b"Content-Length: LENGTH", b"tRANSFER-eNCODING: cHUNKED"],
    "folded coding": [b"Content-Length: LENGTH", b"Transfer-Encoding:\r\n chunked"],
    "coding after a bare line feed": [b"Content-Length: LENGTH\nTransfer-Encoding: chunked"],
    "coding after a bare return": [b"Content-Length: LENGTH\rTransfer-Encoding: chunked"],
    "length after a bare line feed": [b"X: y\nContent-Length: 0", b"Content-Length: LENGTH"],
    "NUL in a value": [b"Content-Length: LENGTH", b"X: a\x00b"],
    "NUL in a name": [b"Content-Length: LENGTH", b"X\x00: a"],
    "bare return in a value": [b"Content-Length: LENGTH", b"X: a\rb"],
    "bare line feed in a value": [b"Content-Length: LENGTH", b"X: a\nb"],
    "underscore in a name": [b"Content_Length: 0", b"Content-Length: LENGTH"],
    "two hosts": [b"Content-Length: LENGTH", b"Host: b"],
    "odd case of closing": [b"Content-Length: LENGTH", b"cOnnEction: cLoSe"],
    "a list with closing": [b"Content-Length: LENGTH", b"Connection: x, close"],
    "closing twice": [b"Content-Length: LENGTH", b"Connection: keep-alive", b"Connection: close"],
    "the proxy's closing": [b"Content-Length: LENGTH", b"Proxy-Connection: close"],
    "a trailer announced": [b"Content-Length: LENGTH", b"Trailer: Content-Length"],
    "upgrade not asked for": [b"Content-Length: LENGTH", b"Upgrade: h2c"],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_headers_are_read_alike(doors: Doors, headers: list[bytes]) -> None:
    """RFC 9112 sections 2.2, 5, 6.1 and 6.3."""
    length = b"%d" % len(doors.question)
    octets = _post(doors.question, *(one.replace(b"LENGTH", length) for one in headers))
    _assert_read_alike(doors, octets + SMUGGLED + LAST)


LINES = [
    b"POST /ocsp HTTP/1.1", b"POST /ocsp HTTP/1.0", b"POST /ocsp HTTP/0.9", b"POST /ocsp HTTP/2.0",
    b"POST /ocsp HTTP/1.1 ", b"POST  /ocsp HTTP/1.1", b"POST /ocsp  HTTP/1.1",
    b"post /ocsp HTTP/1.1",
    b"POST http://a/ocsp HTTP/1.1", b"POST /ocsp?x HTTP/1.1", b"POST /ocsp# HTTP/1.1",
    b"POST //ocsp HTTP/1.1", b"POST /ocsp\x00 HTTP/1.1", b"POST /ocsp\t HTTP/1.1",
    b"POST /ocsp\rHTTP/1.1", b"\r\nPOST /ocsp HTTP/1.1", b"\nPOST /ocsp HTTP/1.1",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_request_lines_are_read_alike(doors: Doors, line: bytes) -> None:
    """RFC 9112 sections 2.3, 3 and 3.2.2."""
    octets = _post(doors.question, b"Content-Length: %d" % len(doors.question), line=line)
    _assert_read_alike(doors, octets + SMUGGLED + LAST)


@pytest.mark.parametrize(
    "path",
    ["", "/", "%2F", "%00", "%zz", "%", "=", "====", "MEIw%0A", "%FF", "a+b", "%4d", "QUESTION"],
)
@pytest.mark.parametrize("headers", [[], [b"Content-Length: 0"], [b"Content-Length: 35"]])
def test_gets_are_read_alike(doors: Doors, path: str, headers: list[bytes]) -> None:
    """RFC 6960 appendix A.1; a GET's body is not the next request (RFC 9110 section 9.3.1)."""
    path = path.replace("QUESTION", base64.b64encode(doors.question).decode().replace("/", "%2F"))
    line = f"GET /ocsp/{path} HTTP/1.1".encode()
    assert len(SMUGGLED) == 35
    _assert_read_alike(doors, _post(SMUGGLED, *headers, line=line) + LAST)


def test_chunks_are_the_servers_and_the_next_question_is_a_question(doors: Doors) -> None:
    chunked = _post(CHUNKED % (len(doors.question), doors.question), b"Transfer-Encoding: chunked")
    plain = _post(doors.question, b"Content-Length: %d" % len(doors.question))
    octets = plain + chunked + plain + SMUGGLED + plain + LAST
    statuses = [_meaning(body) for _, body in _assert_read_alike(doors, octets)]
    good = OCSPResponseStatus.SUCCESSFUL
    assert statuses == [good, good, good, b"GET /smuggled", good, b"GET /last"]


@pytest.mark.parametrize("cut", [1, 20, 60, 90, -150, -3])
def test_where_the_octets_are_cut_makes_no_difference(doors: Doors, cut: int) -> None:
    """A body may come with the next request, and a head in two parts."""
    plain = _post(doors.question, b"Content-Length: %d" % len(doors.question))
    octets = plain + SMUGGLED + plain
    with doors.entrance.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in (octets[:cut], octets[cut:], LAST):
            connection.sendall(part)
        received = read_all(connection)
    positions = [received.index(one) for one in (b"ocsp-response", b"GET /smuggled", b"GET /last")]
    assert positions == sorted(positions)
    assert received.count(b"HTTP/1.1 200 OK") == 4


def _assert_read_alike(doors: Doors, octets: bytes) -> Answers:
    here, there = _exchange(doors.entrance, octets), _exchange(doors.server, octets)
    assert [status for status, _ in here] == [status for status, _ in there]
    assert [_meaning(body) for _, body in here] == [_meaning(body) for _, body in there]
    assert here, "an answer of some kind"
    return here


def _meaning(body: bytes) -> object:
    try:
        return ocsp.load_der_ocsp_response(body).response_status
    except ValueError:
        return body
