"""OCSP questions answered in the connection, on both databases, and what goes the usual way."""

import base64
import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from ca.ocsp import FreshEpoch, OcspResponder
from ca.ocsp.answers import Answer
from foundation.database import Database
from gateway.listeners.ocsp import desk as ocsp_desk
from gateway.listeners.ocsp import entrance as ocsp_entrance
from gateway.listeners.ocsp.desk import OcspDesk
from tests.integration.gateway.listeners.doors import (
    WAIT_SECONDS,
    Echo,
    OpenDoor,
    open_door,
    read_all,
    wait_until,
)
from tests.support.revocation import RevocableCa, make_revocable, request_for

NEVER_ISSUED = "41424344454647484950"


class Desk:
    """A door with a CA behind it, and the responder's slow path to hold up."""

    def __init__(self, revocable: RevocableCa, door: OpenDoor, echo: Echo) -> None:
        self.revocable = revocable
        self.door = door
        self.echo = echo

    def request(self, serial_number: str, nonce: bytes | None = None) -> bytes:
        issuer = self.revocable.ca.hierarchy.issuing.certificate
        return request_for(issuer, serial_number, nonce=nonce)

    def issue(self) -> str:
        return self.revocable.issue().serial_number

    def ask(self, client: http.client.HTTPConnection, request: bytes) -> ocsp.OCSPResponse:
        client.request("POST", "/ocsp", body=request)
        response = client.getresponse()
        assert (response.status, response.headers["cache-control"]) == (200, "no-store")
        assert response.headers["content-type"] == "application/ocsp-response"
        assert response.headers["date"]
        return ocsp.load_der_ocsp_response(response.read())


@pytest.fixture
def desk(database: Database, tmp_path: Path, echo: Echo, nothing_logged: None) -> Iterator[Desk]:
    with _desk(database, tmp_path, echo) as desk:
        yield desk


@contextmanager
def _desk(database: Database, folder: Path, echo: Echo) -> Iterator[Desk]:
    revocable = make_revocable(database, folder)
    inner = OcspDesk(revocable.responder, FreshEpoch(database))
    with open_door(echo, None, inner) as door:
        yield Desk(revocable, door, echo)
    inner.close()


def test_many_questions_on_one_connection(desk: Desk) -> None:
    good, revoked = desk.issue(), desk.issue()
    desk.revocable.revoke(revoked)
    expected = {
        good: OCSPCertStatus.GOOD,
        revoked: OCSPCertStatus.REVOKED,
        NEVER_ISSUED: OCSPCertStatus.UNKNOWN,
    }
    with desk.door.client(None) as client:
        for nonce in (None, b"n" * 32, None):
            for number, status in expected.items():
                answer = desk.ask(client, desk.request(number, nonce))
                assert answer.certificate_status is status
                assert answer.serial_number == int(number, 16)
    assert desk.echo.scopes == []  # the application was never asked


def test_a_revocation_shows_in_the_next_answer_of_an_open_connection(desk: Desk) -> None:
    number = desk.issue()
    request = desk.request(number)
    with desk.door.client(None) as client:
        for _ in range(3):
            assert desk.ask(client, request).certificate_status is OCSPCertStatus.GOOD
        desk.revocable.hold(number)
        assert desk.ask(client, request).certificate_status is OCSPCertStatus.REVOKED
        desk.revocable.release(number)
        assert desk.ask(client, request).certificate_status is OCSPCertStatus.GOOD
        desk.revocable.revoke(number)
        assert desk.ask(client, request).certificate_status is OCSPCertStatus.REVOKED


def test_a_get_is_cacheable_and_asked_for_again(desk: Desk) -> None:
    """RFC 5019 section 6.2: the fields a responder gives to HTTP caches."""
    number = desk.issue()
    path = "/ocsp/" + quote(base64.b64encode(desk.request(number)), safe="")
    with desk.door.client(None) as client:
        client.request("GET", path)
        response = client.getresponse()
        good = ocsp.load_der_ocsp_response(response.read())
        assert response.headers["cache-control"].startswith("public, max-age=0, must-revalidate")
        known = {"If-None-Match": response.headers["etag"]}

        client.request("GET", path, headers=known)
        response = client.getresponse()
        assert (response.status, response.read()) == (304, b"")
        assert response.headers["etag"] == known["If-None-Match"]

        desk.revocable.revoke(number)
        client.request("GET", path, headers=known)
        response = client.getresponse()
        revoked = ocsp.load_der_ocsp_response(response.read())
        assert (response.status, revoked.certificate_status) == (200, OCSPCertStatus.REVOKED)
    assert good.certificate_status is OCSPCertStatus.GOOD


def test_questions_sent_ahead_are_answered_in_their_order(desk: Desk) -> None:
    numbers = [desk.issue() for _ in range(3)] * 4
    nonces = [bytes([position]) * 16 for position in range(len(numbers))]
    octets = b"".join(
        _post(desk.request(number, nonce)) for number, nonce in zip(numbers, nonces, strict=True)
    )
    with desk.door.connect() as connection:
        connection.sendall(octets + _post(desk.request(numbers[0]), b"Connection: close"))
        answers = _bodies(read_all(connection))
    assert len(answers) == len(numbers) + 1
    for der, number, nonce in zip(answers, numbers, nonces, strict=False):
        answer = ocsp.load_der_ocsp_response(der)
        assert answer.serial_number == int(number, 16)
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_other_requests_between_questions_go_the_usual_way(desk: Desk) -> None:
    request = _post(desk.request(desk.issue()))
    plain = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with desk.door.connect() as connection:
        for octets, expected in ((request, b"ocsp-response"), (plain, b"hello")) * 3:
            connection.sendall(octets)
            assert expected in _one_answer(connection)
        # Ahead: the question comes first, and what is behind it is the server's.
        connection.sendall(request + plain)
        received = b""
        while not received.endswith(b"hello"):
            received += _some(connection)
        assert received.index(b"ocsp-response") < received.index(b"hello")
    assert [scope["path"] for scope in desk.echo.scopes] == ["/hello"] * 4


def test_a_question_may_come_octet_by_octet(desk: Desk) -> None:
    octets = _post(desk.request(desk.issue()))
    with desk.door.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in octets:
            connection.sendall(bytes([octet]))
        received = connection.recv(65_536)
    assert b"application/ocsp-response" in received
    assert desk.echo.scopes == []


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_connection_that_is_to_close_closes(desk: Desk, version: bytes) -> None:
    request = _post(desk.request(desk.issue()), b"Connection: close")
    with desk.door.connect() as connection:
        connection.sendall(request.replace(b"HTTP/1.1", b"HTTP/" + version))
        received = read_all(connection)
    assert b"connection: close\r\n" in received
    (der,) = _bodies(received)
    assert ocsp.load_der_ocsp_response(der).certificate_status is OCSPCertStatus.GOOD
    desk.door.wait_until_empty()


def test_bad_questions_get_their_status(desk: Desk) -> None:
    root = desk.revocable.ca.hierarchy.root.certificate
    with desk.door.client(None) as client:
        for request, status in (
            (b"not a request", OCSPResponseStatus.MALFORMED_REQUEST),
            (b"", OCSPResponseStatus.MALFORMED_REQUEST),
            (request_for(root, NEVER_ISSUED), OCSPResponseStatus.UNAUTHORIZED),
        ):
            assert desk.ask(client, request).response_status is status


def test_whoever_reads_no_answers_gets_no_questions_read(desk: Desk) -> None:
    """Else the answers of one client would fill the memory."""
    # Long ones, since the system's buffers take megabytes before anything stops.
    request = _post(desk.request(desk.issue()), b"X-Padding: " + b"x" * 7_000)
    with desk.door.connect() as connection:
        connection.settimeout(1)
        sent = _send_until_stuck(connection, request * 10)
        (protocol,) = desk.door._uvicorn.server_state.connections
        assert protocol.transport is not None
        assert protocol.transport.get_write_buffer_size() < 2_000_000
        # When he does read, he gets them all.
        connection.settimeout(WAIT_SECONDS)
        with ThreadPoolExecutor(1) as reader:
            reading = reader.submit(read_all, connection)
            connection.sendall(request[sent % len(request) :])
            connection.shutdown(socket.SHUT_WR)
            received = reading.result()
    assert received.count(b"HTTP/1.1 200 OK") == sent // len(request) + 1


def _send_until_stuck(connection: socket.socket, octets: bytes) -> int:
    """Send until the other side takes no more; return how many octets it took, in their order."""
    sent = 0
    try:
        while True:
            sent += connection.send(octets[sent % len(octets) :])
    except TimeoutError:
        return sent


class _HeldUp(OcspResponder):
    """A responder whose database has stopped answering until it is released."""

    released: threading.Event

    def answer(self, unverified_request: bytes) -> Answer:
        self.released.wait(WAIT_SECONDS)
        return super().answer(unverified_request)


def test_a_flood_is_told_to_try_later_and_others_are_served(
    database: Database, tmp_path: Path, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocsp_desk, "_MOST_WAITING", 3)
    revocable = make_revocable(database, tmp_path)
    responder = _HeldUp(
        database=database, hierarchy=revocable.ca.hierarchy, clock=revocable.ca.clock
    )
    responder.released = threading.Event()
    inner = OcspDesk(responder, FreshEpoch(database))
    issuer = revocable.ca.hierarchy.issuing.certificate
    request = _post(request_for(issuer, NEVER_ISSUED))
    with open_door(echo, None, inner) as door:
        waiting = [door.connect() for _ in range(3)]
        for connection in waiting:
            connection.sendall(request)
        wait_until(lambda: inner._waiting == 3)
        with door.connect() as late:
            late.sendall(request)
            (told,) = _bodies(late.recv(65_536))
        assert ocsp.load_der_ocsp_response(told).response_status is OCSPResponseStatus.TRY_LATER
        assert door.get("/hello", None) == b"hello"
        responder.released.set()
        for connection in waiting:
            (der,) = _bodies(connection.recv(65_536))
            status = ocsp.load_der_ocsp_response(der).certificate_status
            assert status is OCSPCertStatus.UNKNOWN
            connection.close()
        wait_until(lambda: inner._waiting == 0)
    inner.close()


def test_idle_connections_are_closed_and_busy_ones_are_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocsp_entrance, "_IDLE_SECONDS", 0.3)
    request = _post(desk.request(desk.issue()))
    with desk.door.connect() as connection:
        for _ in range(8):  # longer than the limit in all
            connection.sendall(request)
            assert connection.recv(65_536)
            threading.Event().wait(0.1)
        _closes(connection)


def test_half_a_question_is_not_waited_for_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocsp_entrance, "_IDLE_SECONDS", 0.3)
    request = _post(desk.request(desk.issue()))
    with desk.door.connect() as connection:
        connection.sendall(request[:-5])
        _closes(connection)
    desk.door.wait_until_empty()


def test_connections_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocsp_entrance, "_MOST_CONNECTIONS", 2)
    first, second = desk.door.connect(), desk.door.connect()
    wait_until(lambda: desk.door.open_count == 2)
    with desk.door.connect() as third:
        _closes(third)
    first.close()
    second.close()
    desk.door.wait_until_empty()
    with desk.door.client(None) as client:
        answer = desk.ask(client, desk.request(NEVER_ISSUED))
        assert answer.certificate_status is OCSPCertStatus.UNKNOWN


def test_whoever_leaves_before_the_answer_leaves_nothing_behind(desk: Desk) -> None:
    for _ in range(20):
        with desk.door.connect() as connection:
            connection.sendall(_post(desk.request(NEVER_ISSUED, b"n" * 32)))
    desk.door.wait_until_empty()
    with desk.door.client(None) as client:
        assert desk.ask(client, desk.request(desk.issue())).certificate_status is not None


def _post(request: bytes, *headers: bytes) -> bytes:
    lines = [
        b"POST /ocsp HTTP/1.1", b"Host: localhost", b"Content-Length: %d" % len(request), *headers,
    ]  # fmt: skip
    return b"\r\n".join([*lines, b"", request])


def _one_answer(connection: socket.socket) -> bytes:
    """Return head and body of one answer, when no other is on its way."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    length = int(received.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(received) < end + 4 + length:
        received += _some(connection)
    return received


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(1_000_000)
    assert data, "closed"
    return data


def _bodies(received: bytes) -> list[bytes]:
    bodies = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        bodies.append(received[:length])
        received = received[length:]
    return bodies


def _closes(connection: socket.socket) -> None:
    try:
        assert connection.recv(65_536) == b""
    except ConnectionResetError:
        return
