"""Starting several doors and draining them (contract, section Start)."""

import errno
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.listeners.connections import OpenConnections
from gateway.listeners.draining import Drain
from gateway.listeners.servers import Door, open_first_of_shared, open_socket, serve
from tests.integration.gateway.listeners import serving
from tests.integration.gateway.listeners.doors import Echo, Knocker, trusting_context
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[4]
WAIT_SECONDS = 60
REQUEST = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class Serving:
    """The process and the addresses of its doors."""

    process: subprocess.Popen[str]
    plain: Knocker
    tls: Knocker

    def line(self) -> str:
        """Return the next line it says."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, str]:
        """Wait for the end and return the status and everything it complained about."""
        _, errors = self.process.communicate(timeout=WAIT_SECONDS)
        return self.process.returncode, errors


@pytest.fixture
def served() -> Iterator[Serving]:
    with running() as served:
        assert served.line() == serving.READY
        yield served


@contextmanager
def running() -> Iterator[Serving]:
    ports = free_ports()
    process = subprocess.Popen(
        [sys.executable, "-m", serving.__name__, str(ports.pki), str(ports.portal)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Serving(process, Knocker(ports.pki), Knocker(ports.portal))
        finally:
            process.kill()


@contextmanager
def waiting(
    knocker: Knocker, context: ssl.SSLContext | None, path: bytes
) -> Iterator[socket.socket]:
    with knocker.connect() as plain:
        if context is None:
            plain.sendall(REQUEST % path)
            yield plain
            return
        with context.wrap_socket(plain) as secured:
            secured.sendall(REQUEST % path)
            yield secured


@pytest.mark.parametrize("context", [None, trusting_context()], ids=["plain", "TLS"])
def test_sigterm_lets_a_request_in_flight_end_and_refuses_new_connections(
    served: Serving, context: ssl.SSLContext | None
) -> None:
    door = served.plain if context is None else served.tls
    with waiting(door, context, b"slow") as client:
        assert served.line() == serving.BEGUN
        served.ask_to_stop()
        assert is_refused(door)
        answer = client.recv(65_536)
        while not answer.endswith(b"hello"):
            more = client.recv(65_536)
            assert more, "the answer was cut short"
            answer += more

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer
    assert served.ended() == (0, "")


def is_refused(door: Knocker) -> bool:
    """Say whether connections are refused, soon, while the slow request goes on."""
    while True:
        try:
            door.connect().close()
        except ConnectionResetError:
            continue  # taken from the queue as the door closed
        except ConnectionRefusedError:
            return True


@pytest.mark.parametrize("context", [None, trusting_context()], ids=["plain", "TLS"])
def test_an_idle_connection_does_not_hold_the_end_up(
    served: Serving, context: ssl.SSLContext | None
) -> None:
    """A client of a pool reads nothing between requests, and answers no close_notify."""
    door = served.plain if context is None else served.tls
    with waiting(door, context, b"") as client:
        while not client.recv(65_536).endswith(b"hello"):
            pass
        served.ask_to_stop()
        # The drain's time limit would complain.
        assert served.ended() == (0, "")


def test_background_work_is_ended_with_the_doors(served: Serving) -> None:
    served.ask_to_stop()

    output, errors = served.process.communicate(timeout=WAIT_SECONDS)
    assert (served.process.returncode, output, errors) == (0, f"{serving.ENDED}\n", "")


def test_a_taken_port_is_an_error_that_names_the_listener() -> None:
    """And the doors before it are closed again."""
    free = free_ports()
    with socket.create_server(("127.0.0.1", free.portal)):
        doors = [
            Door(name, Echo(), "127.0.0.1", port, None, OpenConnections())
            for name, port in (("pki", free.pki), ("portal", free.portal))
        ]
        with pytest.raises(OSError, match=rf"portal listener: 127\.0\.0\.1:{free.portal}") as taken:
            serve(doors, [], lambda: pytest.fail("nothing is ready"), Drain())

    assert taken.value.errno == errno.EADDRINUSE
    socket.create_server(("127.0.0.1", free.pki)).close()


def test_a_shared_port_is_shared_with_those_who_share_it_alone() -> None:
    """Another installation that is given the same port hears of it."""
    door = Door("pki", Echo(), "127.0.0.1", free_ports().pki, None, OpenConnections())
    with open_first_of_shared(door) as first, open_socket(door, shared=True) as second:
        for opened in (first, second):
            opened.listen()
        for open_another in (open_socket, open_first_of_shared):
            with pytest.raises(OSError, match="pki listener") as taken:
                open_another(door)
            assert taken.value.errno == errno.EADDRINUSE
