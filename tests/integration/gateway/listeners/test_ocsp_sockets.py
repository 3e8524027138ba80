"""What clients do to the sockets of OCSP's entrance: half-closing, resetting, not reading."""

import asyncio
import errno
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus

from ca.ocsp import FreshEpoch
from foundation.database import Database
from gateway.listeners.ocsp import entrance as ocsp_entrance
from gateway.listeners.ocsp import protocol as ocsp_protocol
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.ocsp.protocol import OcspHttpProtocol
from tests.integration.gateway.listeners.doors import (
    WAIT_SECONDS,
    Echo,
    OpenDoor,
    open_door,
    read_all,
    wait_until,
)
from tests.support.revocation import RevocableCa, make_revocable, request_for

HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK"


@dataclass
class Responder:
    """A CA whose answers all doors of this module give."""

    revocable: RevocableCa
    desk: OcspDesk
    number: str

    def question(self, nonce: bytes | None = None) -> bytes:
        """Return the octets of a POST; with a nonce its answer is signed for it."""
        issuer = self.revocable.ca.hierarchy.issuing.certificate
        body = request_for(issuer, self.number, nonce=nonce)
        return b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.fixture(scope="module")
def responder(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Responder]:
    folder = tmp_path_factory.mktemp("sockets")
    copy = shutil.copy(sqlite_template, folder / "certgate.sqlite3")
    database = Database(f"sqlite:///{copy}")
    revocable = make_revocable(database, folder)
    desk = OcspDesk(revocable.responder, FreshEpoch(database))
    yield Responder(revocable, desk, revocable.issue().serial_number)
    desk.close()
    database.dispose()


@pytest.fixture(scope="module")
def served() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def shared(responder: Responder, served: Echo) -> Iterator[OpenDoor]:
    with open_door(served, None, responder.desk) as door:
        yield door


@pytest.fixture
def door(shared: OpenDoor, nothing_logged: None) -> Iterator[OpenDoor]:
    """The module's door, with nobody connected before and after."""
    yield shared
    shared.wait_until_empty()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_client_that_has_said_all_gets_all_answers(door: OpenDoor, responder: Responder) -> None:
    """More than are answered in a row, some out of memory and some signed (RFC 9112 9.6)."""
    nonces = [None if turn % 3 else bytes([turn]) * 16 for turn in range(50)]
    with door.connect() as connection:
        connection.sendall(b"".join(map(responder.question, nonces)))
        connection.shutdown(socket.SHUT_WR)
        received = read_all(connection)
    assert received.count(OK) == len(nonces)
    positions = [received.index(nonce) for nonce in nonces if nonce is not None]
    assert positions == sorted(positions)


def test_many_connections_that_ask_at_once(door: OpenDoor, responder: Responder) -> None:
    question = responder.question()
    connections = [door.connect() for _ in range(100)]
    for _ in range(3):
        for connection in connections:
            connection.sendall(question)
        for connection in connections:
            assert _status(connection.recv(65_536)) is OCSPCertStatus.GOOD
    for connection in connections:
        connection.close()


def test_resetting_in_the_middle_of_answers(door: OpenDoor, responder: Responder) -> None:
    octets = responder.question() * 40 + responder.question(b"n" * 16) * 5
    for end in (0, -20):  # whole questions, and half a question at the end
        for _ in range(10):
            connection = door.connect()
            connection.sendall(octets[: len(octets) + end])
            _reset(connection)
    with door.connect() as connection:
        connection.sendall(responder.question())
        assert _status(connection.recv(65_536)) is OCSPCertStatus.GOOD


def test_whoever_resets_after_a_request_keeps_the_name(door: OpenDoor, served: Echo) -> None:
    """The audit log and the throttles go by the address; a reset socket no longer tells it."""
    before = len(served.scopes)
    with _standing_still(door):
        connection = door.connect()
        address = connection.getsockname()
        connection.sendall(HELLO)
        _reset(connection)
    wait_until(lambda: len(served.scopes) > before)
    assert served.scopes[before]["client"] == address


def test_whoever_reads_nothing_is_closed_in_time(
    door: OpenDoor, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocsp_protocol, "_IDLE_SECONDS", 0.3)
    octets = responder.question() * 1_000
    with door.connect() as connection, pytest.raises(ConnectionError):
        _send_for_ever(connection, octets)


def test_a_server_that_leaves_during_a_hand_over_answers_first(
    door: OpenDoor, responder: Responder
) -> None:
    asked: list[OcspHttpProtocol] = []

    async def ask_to_leave_between() -> None:
        known = door._uvicorn.server_state.connections
        while not asked:
            for one in list(known):
                if isinstance(one, OcspHttpProtocol) and one._legacy is not None:
                    one.shutdown()
                    asked.append(one)
            await asyncio.sleep(0)

    door.run(ask_to_leave_between())
    with door.connect() as connection:
        connection.sendall(responder.question() + HELLO)
        received = b""
        while not received.endswith(b"hello"):
            data = connection.recv(65_536)
            assert data, "closed without an answer"
            received += data
    assert asked
    assert received.count(OK) == 2


def test_a_door_that_closes_leaves_nobody_behind(
    responder: Responder, echo: Echo, nothing_logged: None
) -> None:
    kept = []
    with open_door(echo, None, responder.desk) as door:
        for octets in (b"", responder.question(), responder.question()[:-1], HELLO, HELLO[:-1]):
            connection = door.connect()
            connection.sendall(octets)
            kept.append(connection)
        asking = door.connect()
        asking.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        assert echo.arrived.wait(WAIT_SECONDS)
        door._uvicorn.should_exit = True
        for connection in kept:
            connection.settimeout(WAIT_SECONDS)
            _read_to_the_end(connection)
            connection.close()
        echo.released.set()
        assert read_all(asking).endswith(b"at last")
        asking.close()
        door.wait_until_empty()


def test_out_of_descriptors_it_waits_and_goes_on(
    responder: Responder, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []
    accept = socket.socket.accept
    has_room = threading.Event()

    def accept_when_there_is_room(listening: socket.socket) -> tuple[socket.socket, object]:
        if not has_room.is_set():
            attempts.append(1)
            raise OSError(errno.EMFILE, "no room")
        return accept(listening)

    with open_door(echo, None, responder.desk) as door, door.connect() as kept:
        kept.sendall(responder.question())
        assert _status(kept.recv(65_536)) is OCSPCertStatus.GOOD
        again: list[Callable[[], object]] = []
        monkeypatch.setattr(
            door._loop,
            "call_later",
            _noting_waits(door._loop.call_later, ocsp_entrance._NO_ROOM_SECONDS, again),
        )
        monkeypatch.setattr(socket.socket, "accept", accept_when_there_is_room)
        with door.connect() as waiting:
            wait_until(lambda: len(again) == 1)
            for _ in range(20):  # turns of the loop in which it does not try
                kept.sendall(responder.question())
                assert _status(kept.recv(65_536)) is OCSPCertStatus.GOOD
            assert len(attempts) == 1
            door._loop.call_soon_threadsafe(again[0])
            wait_until(lambda: len(again) == 2)
            has_room.set()
            door._loop.call_soon_threadsafe(again[1])
            waiting.sendall(responder.question())
            assert _status(waiting.recv(65_536)) is OCSPCertStatus.GOOD
    assert len(attempts) == 2


def _noting_waits(
    call_later: Callable[..., asyncio.TimerHandle],
    seconds: float,
    noted: list[Callable[[], object]],
) -> Callable[..., object]:
    """Return `call_later` that keeps to itself, in `noted`, what is to wait for `seconds`."""

    def noting(delay: float, callback: Callable[..., object], *arguments: object) -> object:
        if delay == seconds and callback.__name__ == "_accept_again":
            noted.append(callback)
            return None
        return call_later(delay, callback, *arguments)

    return noting


@contextmanager
def _standing_still(door: OpenDoor) -> Iterator[None]:
    """Have the door's loop do nothing while the block runs."""
    begun, over = threading.Event(), threading.Event()

    def stand() -> None:
        begun.set()
        over.wait(WAIT_SECONDS)

    door._loop.call_soon_threadsafe(stand)
    assert begun.wait(WAIT_SECONDS)
    yield
    over.set()


def _send_for_ever(connection: socket.socket, octets: bytes) -> None:
    # The other side takes no more when its buffers, ours and the system's are full.
    while True:
        connection.sendall(octets)


def _status(received: bytes) -> OCSPCertStatus:
    assert received.startswith(OK)
    return ocsp.load_der_ocsp_response(received.partition(b"\r\n\r\n")[2]).certificate_status


def _read_to_the_end(connection: socket.socket) -> None:
    try:
        read_all(connection)
    except ConnectionResetError:
        return
