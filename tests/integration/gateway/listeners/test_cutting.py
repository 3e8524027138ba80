"""A certificate that falls takes its open connections with it (design section 3, Revocation)."""

import hashlib
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.listeners.standing_watch import StandingWatch
from tests.integration.gateway.listeners.credentials import issuing
from tests.integration.gateway.listeners.doors import Echo, OpenDoor, client_context, read_all
from tests.support.tls_credentials import Credential

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
UPLOAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000000\r\n\r\n"


@dataclass
class Standing:
    """What the database knows; may fail to answer a few times."""

    epoch: int = 7
    fallen: set[str] = field(default_factory=set)
    failures: int = 0
    failed: threading.Event = field(default_factory=threading.Event)

    def read_epoch(self) -> int:
        if self.failures:
            self.failures -= 1
            self.failed.set()
            raise ConnectionError("the database is away")
        return self.epoch

    def find_fallen(self, digests: Iterable[str]) -> frozenset[str]:
        return frozenset(digests) & frozenset(self.fallen)

    def fall(self, credential: Credential) -> None:
        self.fallen.add(hashlib.sha256(credential.der).hexdigest().upper())
        self.epoch += 1


@pytest.fixture
def standing(watched: tuple[Standing, StandingWatch]) -> Standing:
    return watched[0]


@pytest.fixture
def watched(portal: OpenDoor) -> tuple[Standing, StandingWatch]:
    standing = Standing()
    watch = StandingWatch(portal.connections, standing.read_epoch, standing.find_fallen)
    portal.run(watch.run())
    return standing, watch


@pytest.fixture
def fallen() -> Credential:
    return issuing().issue("wh000123")


def is_cut(connection: ssl.SSLSocket) -> bool:
    """Wait for the end of the connection."""
    with suppress(ConnectionResetError):
        assert read_all(connection) == b""
    return True


def ask(connection: ssl.SSLSocket) -> None:
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(b"hello"):
        answer += connection.recv(65_536)


def test_an_idle_connection_of_a_fallen_certificate_is_cut_and_others_are_not(
    portal: OpenDoor, standing: Standing, fallen: Credential, tmp_path: Path
) -> None:
    good = issuing().issue("wh000124")
    with (
        portal.connected(client_context(fallen.write(tmp_path))) as first,
        portal.connected(client_context(fallen.write(tmp_path))) as second,
        portal.connected(client_context(good.write(tmp_path))) as other,
        portal.connected(client_context()) as nobody,
    ):
        for connection in (first, second, other, nobody):
            ask(connection)
        standing.fall(fallen)
        assert is_cut(first)
        assert is_cut(second)
        ask(other)
        ask(nobody)


def test_an_upload_in_flight_is_cut(
    portal: OpenDoor, standing: Standing, echo: Echo, fallen: Credential, tmp_path: Path
) -> None:
    with portal.connected(client_context(fallen.write(tmp_path))) as connection:
        connection.sendall(UPLOAD + b"x" * 1_000)
        assert echo.arrived.wait(20)
        standing.fall(fallen)
        with pytest.raises(OSError, match=r"."):
            go_on_uploading(connection)

    assert echo.disconnected.wait(20)
    portal.wait_until_empty()


def go_on_uploading(connection: ssl.SSLSocket) -> None:
    for _ in range(2_000):
        connection.sendall(b"x" * 1_000)
        time.sleep(0.01)


def test_an_answer_in_flight_is_cut(
    portal: OpenDoor, standing: Standing, echo: Echo, fallen: Credential, tmp_path: Path
) -> None:
    with portal.connected(client_context(fallen.write(tmp_path))) as connection:
        connection.sendall(REQUEST.replace(b"/ ", b"/slow "))
        assert echo.arrived.wait(20)
        standing.fall(fallen)
        assert is_cut(connection)

    portal.wait_until_empty()
    echo.released.set()


def test_the_watch_outlives_a_database_that_is_away(
    portal: OpenDoor,
    standing: Standing,
    fallen: Credential,
    tmp_path: Path,
) -> None:
    with portal.connected(client_context(fallen.write(tmp_path))) as connection:
        ask(connection)
        standing.failures = 2
        assert standing.failed.wait(20)
        standing.fall(fallen)
        assert is_cut(connection)
