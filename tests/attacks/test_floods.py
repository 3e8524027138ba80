"""Too much, too long, too slow: whoever does it is bounded, and nobody else notices."""

import socket
import ssl

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, StreamReset
from h2.exceptions import ProtocolError

from tests.attacks.target import Target
from tests.support.edge_client import Client
from tests.support.guest import Guest

pytestmark = pytest.mark.slow
SESSION = "/api/v1/session"
SLOW = 40


def is_served(guest: Guest) -> bool:
    """Return whether somebody who does nothing wrong gets what he asks for."""
    return guest.ask(SESSION).status == 200


def start_of_answer(client: Client, data: bytes) -> bytes:
    """Send as much as is taken; return how the answer begins, nothing when there is none."""
    connection = client.connect()
    assert connection.sock is not None
    try:
        for at in range(0, len(data), 16_384):
            connection.sock.sendall(data[at : at + 16_384])
        return connection.sock.recv(4_096)
    except OSError:
        return b""
    finally:
        connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"X-Many: 1\r\n" * 5_000 + b"\r\n",
        b"POST /api/v1/pickup HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
        b"Content-Length: 90000000000\r\n\r\n" + b"a" * 3_000_000,
        b"POST /api/v1/pickup HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
        b"Content-Length: 400002\r\n\r\n" + b"[" * 200_001 + b"]" * 200_001,
    ],
    ids=["path", "header", "headers", "body", "depth"],
)
def test_what_is_too_large_is_refused(target: Target, resident: Guest, sent: bytes) -> None:
    """Memory and time are to be used up by one request."""
    for client in (target.doors.public(), resident.client):
        host = f"{client.host}:{client.port}".encode()
        answer = start_of_answer(client, sent.replace(b"HOST", host))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:80]
    assert is_served(resident)


def test_slow_requests_are_cut_and_keep_nobody_waiting(target: Target, resident: Guest) -> None:
    """Connections are held with heads that never end (slowloris)."""
    kept = [target.doors.public().connect() for _ in range(SLOW)]
    for one in kept:
        assert one.sock is not None
        one.sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    assert is_served(resident)
    assert target.doors.public().ask("/healthz").status == 200
    for one in kept:
        assert one.sock is not None
        one.sock.settimeout(60)
        # Cut without a word, or with 408.
        assert one.sock.recv(4_096)[:12] in {b"", b"HTTP/1.1 408", b"HTTP/1.1 400"}
        one.close()


def http2(client: Client) -> tuple[ssl.SSLSocket, H2Connection] | None:
    """Return a connection of HTTP/2, None where it is not spoken."""
    context = client.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection((client.address, client.port), 20)
    tls = context.wrap_socket(plain, server_hostname=client.host)
    if tls.selected_alpn_protocol() != "h2":
        tls.close()
        return None
    # The attacker's side does not keep the rules.
    h2 = H2Connection(H2Configuration(validate_outbound_headers=False))
    h2.initiate_connection()
    tls.sendall(h2.data_to_send())
    return tls, h2


def head(client: Client, path: str) -> list[tuple[str, str]]:
    return [
        (":method", "GET"),
        (":path", path),
        (":scheme", "https"),
        (":authority", f"{client.host}:{client.port}"),
    ]


@pytest.mark.parametrize("reset", [True, False], ids=["rapid reset", "streams"])
def test_streams_of_http2_are_bounded(target: Target, resident: Guest, reset: bool) -> None:
    """Thousands of requests are begun and taken back at once (CVE-2023-44487), or left open."""
    for client in (target.doors.public(), resident.client):
        opened = http2(client)
        if opened is None:
            continue
        tls, h2 = opened
        refused = False
        try:
            for number in range(1_000):
                stream = 2 * number + 1
                # Without an end: the streams stay.
                h2.send_headers(stream, head(client, "/"), end_stream=reset)
                if reset:
                    h2.reset_stream(stream, ErrorCodes.CANCEL)
                tls.sendall(h2.data_to_send())
        except (OSError, ProtocolError):
            refused = True
        assert reset or refused or says_no(tls, h2)
        tls.close()
    assert is_served(resident)


def says_no(tls: ssl.SSLSocket, h2: H2Connection) -> bool:
    """Return whether streams are refused, or the connection is ended."""
    try:
        while data := tls.recv(65_536):
            events = h2.receive_data(data)
            if any(isinstance(one, StreamReset | ConnectionTerminated) for one in events):
                return True
    except TimeoutError:
        return False
    return True
