"""HTTP through the doors: octets come and go unharmed, and nobody who leaves leaves anything."""

import http.client
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.listeners.head_limits import _HEAD_OCTETS
from tests.integration.gateway.listeners.credentials import issuing
from tests.integration.gateway.listeners.doors import (
    LARGE,
    Echo,
    OpenDoor,
    client_context,
    read_all,
    wait_until,
)

CLOSE = b"Host: localhost\r\nConnection: close\r\n\r\n"
UPLOAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(LARGE)


@pytest.fixture
def context(any_door: OpenDoor) -> ssl.SSLContext | None:
    """What a client of this door needs."""
    return None if any_door.tls is None else client_context()


@pytest.fixture
def credential(tmp_path: Path) -> Path:
    """The file of a client's certificate."""
    return issuing().issue("wh000123").write(tmp_path)


@pytest.mark.parametrize("path", ["/large", "/pieces"])
def test_a_large_answer_arrives_octet_by_octet(
    any_door: OpenDoor, context: ssl.SSLContext | None, path: str
) -> None:
    assert any_door.get(path, context) == LARGE


def test_a_large_upload_arrives_octet_by_octet(
    any_door: OpenDoor, context: ssl.SSLContext | None
) -> None:
    with any_door.client(context) as client:
        client.request("POST", "/echo", body=LARGE)
        assert client.getresponse().read() == LARGE


def test_an_upload_in_many_small_writes_arrives_octet_by_octet(
    any_door: OpenDoor, context: ssl.SSLContext | None
) -> None:
    pieces = [LARGE[start : start + 777] for start in range(0, 500_000, 777)]
    with any_door.client(context) as client:
        # An iterable goes out chunk by chunk (RFC 9112 section 7.1).
        client.request("POST", "/echo", body=iter(pieces), encode_chunked=True)
        assert client.getresponse().read() == b"".join(pieces)


def test_a_connection_serves_many_requests(
    any_door: OpenDoor, context: ssl.SSLContext | None, echo: Echo
) -> None:
    with any_door.client(context) as client:
        for count in range(20):
            client.request("POST", "/echo", body=b"x" * count)
            assert client.getresponse().read() == b"x" * count
            assert any_door.open_count == 1
    assert len({scope["client"] for scope in echo.scopes}) == 1


def test_requests_sent_ahead_are_answered_in_their_order(any_door: OpenDoor) -> None:
    ahead = [
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n%d" % number
        for number in range(5)
    ]
    with any_door.raw() as connection:
        connection.sendall(b"".join(ahead) + b"GET / HTTP/1.1\r\n" + CLOSE)
        answers = read_all(connection).split(b"\r\n\r\n")

    # Each part begins with the body of the answer whose head ended before it.
    assert [answer[:1] for answer in answers[1:6]] == [b"0", b"1", b"2", b"3", b"4"]
    assert answers[6] == b"hello"


def fill(head: bytes, filler: bytes, octets: int) -> bytes:
    return head + filler * (octets // len(filler))


HEADS = {
    "one header": fill(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"x", 33_000),
    "many headers": fill(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: xxxxxxxxxx\r\n", 45_000),
    "the target": fill(b"GET /", b"x", 33_000),
    "a header's name": fill(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"x", 33_000),
}
ENDS = {
    "one header": b"\r\n\r\n",
    "many headers": b"\r\n",
    "the target": b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header's name": b": x\r\n\r\n",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_of_more_than_32_kib_is_answered_400_and_the_connection_closed(
    any_door: OpenDoor, echo: Echo, what: str
) -> None:
    with any_door.raw() as connection:
        connection.sendall(HEADS[what] + ENDS[what])
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in answer
    assert echo.scopes == []
    any_door.wait_until_empty()


def is_cut_off(connection: socket.socket) -> bool:
    """Send much more than is allowed, but far from what a memory holds."""
    try:
        for _ in range(1_000):
            connection.sendall(b"x" * 20_000)
    except OSError:
        return True
    return False


@pytest.mark.parametrize("what", ["one header", "a header's name", "the target"])
def test_a_head_that_never_ends_is_not_collected_for_ever(
    any_door: OpenDoor, echo: Echo, what: str
) -> None:
    """The parser shows a header only when it has ended; this one does not."""
    with any_door.raw() as connection:
        connection.sendall(HEADS[what][:20_000])
        assert is_cut_off(connection)

    assert echo.scopes == []
    any_door.wait_until_empty()


def test_trailers_that_never_end_are_not_collected_either(any_door: OpenDoor) -> None:
    """RFC 9112 section 7.1.2."""
    with any_door.raw() as connection:
        connection.sendall(
            b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"1\r\nx\r\n0\r\nX-Trailer: "
        )
        assert is_cut_off(connection)

    any_door.wait_until_empty()


def test_a_head_just_below_the_limit_is_served_however_it_is_cut(
    any_door: OpenDoor, context: ssl.SSLContext | None
) -> None:
    head = b"GET / HTTP/1.1\r\nX: " + b"x" * (_HEAD_OCTETS - 100) + b"\r\n" + CLOSE
    with any_door.raw() as connection:
        for start in range(0, len(head), 1_000):
            connection.sendall(head[start : start + 1_000])
        assert read_all(connection).endswith(b"hello")


def test_the_limit_is_of_one_head_not_of_a_connection(
    any_door: OpenDoor, context: ssl.SSLContext | None
) -> None:
    with any_door.client(context) as client:
        for _ in range(5):
            client.request("POST", "/echo", body=LARGE[:100_000], headers={"X": "x" * 20_000})
            assert client.getresponse().read() == LARGE[:100_000]


@pytest.mark.parametrize(
    "request_text",
    [b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
     b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ids=["no request", "version", "header", "two lengths"],
)  # fmt: skip
def test_what_is_not_http_is_answered_400(
    any_door: OpenDoor, echo: Echo, request_text: bytes
) -> None:
    with any_door.raw() as connection:
        connection.sendall(request_text)
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")

    assert echo.scopes == []


def test_whoever_vanishes_during_an_upload_is_forgotten(
    portal: OpenDoor, echo: Echo, credential: Path
) -> None:
    with portal.connected(client_context(credential)) as connection:
        connection.sendall(UPLOAD + LARGE[:100_000])
        assert echo.arrived.wait(20)
        assert len(portal.connections.digests()) == 1
        vanish(connection)

    assert echo.disconnected.wait(20)
    portal.wait_until_empty()


def test_whoever_vanishes_during_an_answer_is_forgotten(portal: OpenDoor, credential: Path) -> None:
    with portal.connected(client_context(credential)) as connection:
        connection.sendall(b"GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1_000)
        vanish(connection)

    portal.wait_until_empty()


def vanish(connection: ssl.SSLSocket) -> None:
    """Go without close_notify and without FIN: the server gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()


def test_whoever_closes_the_sending_half_only_is_forgotten_too(
    tls_door: OpenDoor, echo: Echo
) -> None:
    """FIN without close_notify, in the middle of an upload."""
    with tls_door.connected(client_context(), ragged=True) as connection:
        connection.sendall(UPLOAD + LARGE[:1_000])
        assert echo.arrived.wait(20)
        # Not SSLSocket's own, which forgets TLS.
        socket.socket.shutdown(connection, socket.SHUT_WR)
        assert read_all(connection) == b""

    assert echo.disconnected.wait(20)
    tls_door.wait_until_empty()


def test_close_notify_is_answered_with_close_notify(tls_door: OpenDoor, credential: Path) -> None:
    """RFC 8446 section 6.1; `unwrap` raises when the server closes without it."""
    with tls_door.connected(client_context(credential)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.read() == b"hello"
        connection.unwrap().close()

    tls_door.wait_until_empty()


def test_the_server_says_close_notify_before_it_closes(tls_door: OpenDoor) -> None:
    """An answer that ends with the connection cannot be cut short unnoticed."""
    context = client_context()
    with tls_door.connected(context, ragged=False) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n" + CLOSE)
        assert read_all(connection).endswith(b"hello")

    tls_door.wait_until_empty()


def test_many_clients_at_once_are_served_and_leave_nothing(
    portal: OpenDoor, credential: Path
) -> None:
    context = client_context(credential)
    clients = [http.client.HTTPSConnection("localhost", portal.port, context=context)
               for _ in range(50)]  # fmt: skip
    for client in clients:
        client.request("GET", "/")
    assert [client.getresponse().read() for client in clients] == [b"hello"] * 50
    assert portal.open_count == 50
    assert len(portal.connections.digests()) == 1
    for client in clients:
        client.close()

    portal.wait_until_empty()


def test_an_upload_that_nobody_reads_is_held_back(tls_door: OpenDoor, echo: Echo) -> None:
    """The application answers slowly and does not read: the client's window fills up."""
    with tls_door.connected(client_context()) as connection:
        connection.sendall(UPLOAD.replace(b"/echo", b"/slow").replace(b"5120000", b"500000000"))
        assert echo.arrived.wait(20)
        connection.settimeout(1)
        # Buffers of the kernel on both sides, and what asyncio holds back.
        assert send_until_held_back(connection) < 50_000_000

    echo.released.set()
    wait_until(lambda: tls_door.open_count == 0)


def send_until_held_back(connection: ssl.SSLSocket) -> int:
    sent = 0
    with suppress(TimeoutError):
        while sent < 500_000_000:
            sent += connection.send(LARGE[:65_536])
    return sent
