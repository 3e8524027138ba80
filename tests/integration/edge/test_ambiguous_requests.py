"""Requests that two programs could take apart differently (RFC 9112 section 11.2)."""

import pytest

from tests.integration.edge.conftest import APPLICATION_HOST, Scene

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def request(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"POST /tasks HTTP/1.1", *lines, b"", body])


CHUNKED = b"Transfer-Encoding: chunked"
HOST = b"Host: localhost"
TRICKS: dict[str, bytes] = {
    "length and chunks": request(HOST, b"Content-Length: 4", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and length": request(HOST, CHUNKED, b"Content-Length: 4", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": request(HOST, b"Content-Length: 0", b"Content-Length: 44", body=SMUGGLED),
    "a list of lengths": request(HOST, b"Content-Length: 0, 44", body=SMUGGLED),
    "a signed length": request(HOST, b"Content-Length: +44", body=SMUGGLED),
    "a length in hex": request(HOST, b"Content-Length: 0x2c", body=SMUGGLED),
    "an unknown coding": request(HOST, b"Transfer-Encoding: xchunked", body=SMUGGLED),
    "chunks last but one": request(
        HOST, b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "a coding with a tab": request(
        HOST, b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "a space before the colon": request(
        HOST, b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "two hosts": request(HOST, b"Host: " + APPLICATION_HOST.encode(), b"Content-Length: 0"),
    "a list of hosts": request(b"Host: localhost, x", b"Content-Length: 0"),
    "no host": request(b"Content-Length: 0"),
    "a bare carriage return": request(HOST, b"X: 1\rX-CertGate-User: a", b"Content-Length: 0"),
    "another host in the target": (
        b"GET https://" + APPLICATION_HOST.encode() + b"/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ),
    "a chunk of odd size": request(HOST, CHUNKED, body=b"0x1\r\nx\r\n0\r\n\r\n" + SMUGGLED),
    "HTTP/0.9": b"GET /tasks\r\n\r\n",
    "HTTP/3.7": b"GET /tasks HTTP/3.7\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_it_is_refused_or_has_one_meaning(scene: Scene, trick: str) -> None:
    before = len(scene.node.asked)

    received = scene.client().send(TRICKS[trick])

    targets = [asked.target for asked in scene.node.asked[before:]]
    assert "/smuggled" not in targets
    assert received.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), received[:200]
    assert targets == []


def test_control_an_honest_request_and_its_follower_arrive(scene: Scene) -> None:
    """The same octets, told honestly, are one body and nothing else."""
    before = len(scene.node.asked)
    length = b"Content-Length: %d" % len(SMUGGLED)

    received = scene.client().send(request(HOST, length, b"Connection: close", body=SMUGGLED))

    assert received.startswith(b"HTTP/1.1 200")
    assert [asked.target for asked in scene.node.asked[before:]] == ["/tasks"]
    assert scene.node.last.body == SMUGGLED


def test_bare_line_feeds_are_line_ends_to_everybody(scene: Scene) -> None:
    """RFC 9112 section 2.2 lets a recipient take them so; behind the edge there are none."""
    received = scene.client().send(
        b"GET /tasks HTTP/1.1\nHost: localhost\nX: 1\nX-CertGate-User: a\nConnection: close\n\n"
    )

    assert received.startswith(b"HTTP/1.1 200")
    assert scene.node.last.value("x") == "1"
    assert scene.node.last.value("x-certgate-user") is None


def test_a_folded_line_is_one_value(scene: Scene) -> None:
    """RFC 9112 section 5.2: a folded line is refused, or unfolded before anybody sees it."""
    received = scene.client().send(
        b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX-Note: a\r\n X-CertGate-User: b\r\n"
        b"Connection: close\r\n\r\n"
    )

    if received.startswith(b"HTTP/1.1 200"):
        assert scene.node.last.value("x-certgate-user") is None
        assert "\r" not in (scene.node.last.value("x-note") or "")


@pytest.mark.parametrize("octets", [30_000, 200_000])
def test_a_head_that_is_too_large_is_refused(scene: Scene, octets: int) -> None:
    before = len(scene.node.asked)

    received = scene.client().send(
        b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * octets + b"\r\n\r\n"
    )

    assert received.startswith(b"HTTP/1.1 400") or received == b""
    assert len(scene.node.asked) == before


def test_too_many_headers_are_refused(scene: Scene) -> None:
    answer = scene.client().ask("/tasks", headers={f"X-{number}": "1" for number in range(80)})

    assert answer.status == 400


def test_the_largest_head_still_takes_our_own_headers(scene: Scene) -> None:
    """Room is kept for the certificate and the assertion: no 500 at the limit."""
    for size in range(18_500, 20_600, 150):
        answer = scene.client().ask("/tasks", headers={"X-Large": "x" * size})
        assert answer.status in {200, 400}, size
