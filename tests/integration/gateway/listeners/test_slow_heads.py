"""Whoever keeps a connection without finishing a request loses it; slow bodies do not matter."""

import socket
import threading
import time

import pytest

from gateway.listeners import head_limits
from tests.integration.gateway.listeners.doors import Echo, OpenDoor, read_all

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SOON = 1.0


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_limits, "_HEAD_SECONDS", SOON)


def is_cut_off_while_dripping(connection: socket.socket) -> bool:
    try:
        for _ in range(2_000):
            connection.sendall(b"x")
            time.sleep(0.01)
    except OSError:
        return True
    return False


def is_ended(connection: socket.socket) -> bool:
    try:
        return read_all(connection) == b""
    except ConnectionResetError:
        return True


def test_a_silent_connection_ends(any_door: OpenDoor) -> None:
    with any_door.raw() as connection:
        assert is_ended(connection)

    any_door.wait_until_empty()


def test_a_dripping_head_ends(any_door: OpenDoor, echo: Echo) -> None:
    with any_door.raw() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert is_cut_off_while_dripping(connection)

    assert echo.scopes == []
    any_door.wait_until_empty()


def test_a_dripping_second_head_ends_too(any_door: OpenDoor, echo: Echo) -> None:
    with any_door.raw() as connection:
        connection.sendall(HEAD + b"GET / HTTP/1.1\r\nX: ")
        assert is_cut_off_while_dripping(connection)

    assert len(echo.scopes) == 1


def test_a_slow_body_and_a_slow_answer_are_waited_for(any_door: OpenDoor, echo: Echo) -> None:
    with any_door.raw() as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"x")
            time.sleep(SOON / 10)
        assert receive(connection, b"x" * 20)
        # Another head begins while the answer before it is not out.
        connection.sendall(HEAD.replace(b"/ ", b"/slow ") + HEAD[:10])
        threading.Timer(SOON * 2, echo.released.set).start()
        assert receive(connection, b"at last")
        connection.sendall(HEAD[10:])
        assert receive(connection, b"hello")


def receive(connection: socket.socket, end: bytes) -> bool:
    received = b""
    while not received.endswith(end):
        data = connection.recv(65_536)
        if not data:
            return False
        received += data
    return True
