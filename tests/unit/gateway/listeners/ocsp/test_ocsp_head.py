"""Which heads are read here and which are left to the HTTP server (RFC 9112)."""

import pytest

from ca.ocsp.request import LONGEST_REQUEST
from gateway.listeners.ocsp.head import OcspHead, read_head
from gateway.listeners.ocsp.messages import PartOfQuestion, read_question


def _post(*headers: bytes, line: bytes = b"POST /ocsp HTTP/1.1") -> bytes:
    return b"\r\n".join([line, b"Host: pki.example.org", *headers])


def _get(*headers: bytes, target: bytes = b"/ocsp/MEIw") -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: pki.example.org", *headers])


def test_a_post() -> None:
    head = read_head(_post(b"Content-Length: 71", b"Content-Type: application/ocsp-request"))
    assert head == OcspHead(request=None, length=71, keeps_alive=True, if_none_match=None)


def test_a_get_carries_the_request_in_base64() -> None:
    head = read_head(_get(b'If-None-Match: "abc"', target=b"/ocsp/MEIwQDA%2BMDww"))
    assert head is not None
    assert head.request == bytes.fromhex("30423040303e303c30")
    assert (head.length, head.if_none_match) == (0, '"abc"')


@pytest.mark.parametrize(
    ("line", "connection", "keeps_alive"),
    [
        (b"POST /ocsp HTTP/1.1", b"Connection: keep-alive", True),
        (b"POST /ocsp HTTP/1.1", b"Connection: Close", False),
        (b"POST /ocsp HTTP/1.0", b"X-Nothing: ", False),
        (b"POST /ocsp HTTP/1.0", b"Connection: keep-alive", False),
    ],
)
def test_whether_the_connection_stays(line: bytes, connection: bytes, keeps_alive: bool) -> None:
    head = read_head(_post(b"Content-Length: 1", connection, line=line))
    assert head is not None
    assert head.keeps_alive == keeps_alive


LEFT_TO_THE_SERVER = {
    "another path": _post(b"Content-Length: 1", line=b"POST /ocsp/ HTTP/1.1"),
    "a query": _get(target=b"/ocsp/MEIw?lang=en"),
    "another method": _get().replace(b"GET", b"HEAD"),
    "absolute form": _get(target=b"http://x/ocsp/MEIw"),
    "no version": _get().replace(b" HTTP/1.1", b""),
    "version 2": _get().replace(b"HTTP/1.1", b"HTTP/2.0"),
    "chunked": _post(b"Transfer-Encoding: chunked"),
    "chunked and long": _post(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "no length": _post(),
    "two lengths": _post(b"Content-Length: 5", b"Content-Length: 5"),
    "a list of lengths": _post(b"Content-Length: 5, 5"),
    "signed length": _post(b"Content-Length: +5"),
    "negative length": _post(b"Content-Length: -5"),
    "length in other digits": _post("Content-Length: ٥".encode()),
    "too long a body": _post(b"Content-Length: %d" % (LONGEST_REQUEST + 1)),
    "a GET with a body": _get(b"Content-Length: 5"),
    "expects to be told": _post(b"Content-Length: 5", b"Expect: 100-continue"),
    "upgrade": _post(b"Content-Length: 5", b"Upgrade: h2c"),
    "connection of options": _post(b"Content-Length: 5", b"Connection: keep-alive, te"),
    "the proxy's connection": _post(b"Content-Length: 5", b"Proxy-Connection: close"),
    "from a page": _post(b"Content-Length: 5", b"Origin: https://evil.example"),
    "from another site": _post(b"Content-Length: 5", b"Sec-Fetch-Site: cross-site"),
    "two hosts": _post(b"Content-Length: 5", b"Host: b"),
    "no host": b"POST /ocsp HTTP/1.1\r\nContent-Length: 5",
    "folded": _post(b"Content-Length: 5", b"X-A: b\r\n c"),
    "space before the colon": _post(b"Content-Length : 5"),
    "bare line feed": _post(b"Content-Length: 5\nTransfer-Encoding: chunked"),
    "bare carriage return": _post(b"Content-Length: 5\rX: y"),
    "nothing before the colon": _post(b"Content-Length: 5", b": x"),
    "no colon": _post(b"Content-Length: 5", b"hello"),
    "control character": _post(b"Content-Length: 5", b"X-A: \x00"),
    "not ASCII": _post(b"Content-Length: 5", b"X-A: \xe8\xaf\x81"),
    "too long": _post(b"Content-Length: 5", b"X-A: " + b"a" * 9_000),
    "empty": b"",
}


@pytest.mark.parametrize("head", LEFT_TO_THE_SERVER.values(), ids=LEFT_TO_THE_SERVER.keys())
def test_left_to_the_server(head: bytes) -> None:
    assert read_head(head) is None


def test_a_question_ends_where_its_body_ends() -> None:
    octets = _post(b"Content-Length: 3") + b"\r\n\r\nabcPOST"
    question = read_question(octets)
    assert question is not None
    assert (question.request, question.rest) == (b"abc", b"POST")


@pytest.mark.parametrize("length", [1, 5, 11, 30, 60])
def test_the_rest_may_come_later(length: int) -> None:
    octets = _post(b"Content-Length: 30") + b"\r\n\r\n" + bytes(30)
    with pytest.raises(PartOfQuestion):
        read_question(octets[:length])


@pytest.mark.parametrize(
    "begun", [b"X", b"POST /x", b"GET /crl/", b"\r\n", b"POST /ocsp " + b"x" * 9_000]
)
def test_what_becomes_something_else_is_the_servers(begun: bytes) -> None:
    assert read_question(begun) is None
