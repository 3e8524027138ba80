"""OCSP questions read beside the HTTP server: what is answered there is what the server reads.

Two readers of one connection must not see different messages (request smuggling,
RFC 9112 section 11.2). So whatever the short way takes is given to the server's
parser too, which must find one whole message there: the same method, path,
body, end, and whether the connection is kept.
"""

import base64
from collections.abc import Iterator
from urllib.parse import unquote

import httptools

from ca.ocsp.request import LONGEST_REQUEST
from ca.ocsp.transport import decode_path
from gateway.listeners.ocsp.messages import PartOfQuestion, Question, read_question
from tests.fuzzing.target import Target
from tests.fuzzing.targets import ocsp_request

_MOST_MESSAGES = 50


class _Message:
    """What the server's parser reads."""

    def __init__(self) -> None:
        self.url = b""
        self.body = b""
        self.complete = 0

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


def examine(data: bytes) -> None:
    for _ in range(_MOST_MESSAGES):
        try:
            question = read_question(data)
        except PartOfQuestion:
            return
        if question is None:
            return
        assert data.endswith(question.rest)
        assert len(question.rest) < len(data)
        _compare(question, data[: len(data) - len(question.rest)])
        data = question.rest


def _compare(question: Question, octets: bytes) -> None:
    message = _Message()
    parser = httptools.HttpRequestParser(message)
    parser.feed_data(octets)
    assert message.complete == 1
    assert parser.should_keep_alive() or not question.head.keeps_alive
    path = unquote(message.url.decode("ascii"))
    if parser.get_method() == b"POST":
        assert path == "/ocsp"
        assert question.request == message.body
        assert len(message.body) <= LONGEST_REQUEST
    else:
        assert parser.get_method() == b"GET"
        assert question.request == decode_path(path.removeprefix("/ocsp/"))
        assert message.body == b""


def seeds() -> Iterator[bytes]:
    request = next(iter(ocsp_request.seeds()))
    path = base64.b64encode(request).replace(b"/", b"%2F")
    get = b"GET /ocsp/%b HTTP/1.1\r\nHost: a\r\n" % path
    post = b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request\r\n"
    post += b"Content-Length: %d\r\n" % len(request)
    yield get + b"\r\n"
    yield post + b"\r\n" + request
    yield get + b"\r\n" + post + b"\r\n" + request + get + b"Connection: close\r\n\r\n"
    yield get.replace(b"1.1", b"1.0") + b"Connection: Keep-Alive\r\n\r\n" + get
    yield post + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield post + b"Content-Length: 0\r\n\r\n" + request
    yield get + b'If-None-Match: "a", W/"b"\r\n\r\n'
    yield get + b"Content-Length: 5\r\n\r\nhello"


TARGET = Target(
    examine,
    seeds,
    words=(
        b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"Content-Length: 0\r\n", b"Content-Length : 5\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: upgrade\r\n",
        b"\r\n folded", b"Host: b\r\n", b"HTTP/1.0", b"%2F", b"%00", b"\x0b", b"\x80",
        b"GET /ocsp/MA== HTTP/1.1\r\n", b"Keep-Alive: 1\r\n", b"Proxy-Connection: close\r\n",
    ),
)  # fmt: skip
