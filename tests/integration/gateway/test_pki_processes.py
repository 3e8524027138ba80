"""More than one process at the PKI door: all say the same, and none outlives the first."""

import base64
import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy import select

from ca.models import CertificateRecord
from foundation.database import Database
from tests.support.revocation import request_for
from tests.support.server import Server, running_server

# A busy machine takes its time to start another process.
_WAIT_SECONDS = 90
_PAUSE = 0.2
_CONNECTIONS = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("processes") / "data"
    with running_server(data, CERTGATE_PKI_PROCESSES="2") as server:
        yield server


def test_they_answer_alike_and_hear_of_a_revocation_at_once(server: Server) -> None:
    """With a nonce or without: what a process remembers ends with the epoch in all of them."""
    path, serial_number = _question(server)
    with_nonce, _ = _question(server, b"n" * 32)
    with _connections_to_both(server, path) as connections:
        for _ in range(2):  # looked up, and out of memory
            assert _statuses(connections, path, with_nonce) == {OCSPCertStatus.GOOD}
        server.cli("revoke", serial_number, "--reason", "superseded")
        assert _statuses(connections, path, with_nonce) == {OCSPCertStatus.REVOKED}


def test_one_that_ends_is_started_again_and_all_end_with_the_first(server: Server) -> None:
    path, _ = _question(server)
    (killed,) = _siblings(server)
    os.kill(killed, signal.SIGKILL)
    _wait_until(lambda: _siblings(server) not in ([], [killed]))
    with _connections_to_both(server, path):
        pass
    (left,) = _siblings(server)

    server.kill()

    _wait_until(lambda: not Path(f"/proc/{left}").exists())


def _question(server: Server, nonce: bytes | None = None) -> tuple[str, str]:
    """Return the path that asks about some certificate, and its serial number."""
    database = Database(f"sqlite:///{server.data / 'certgate.db'}")
    with database.reading() as session:
        columns = select(CertificateRecord.der, CertificateRecord.serial_number)
        issuer, _ = session.execute(columns.where(CertificateRecord.profile == "issuing")).one()
        _, serial_number = session.execute(
            columns.where(CertificateRecord.profile == "server")
        ).one()
    database.dispose()
    assert issuer is not None
    request = request_for(x509.load_der_x509_certificate(issuer), serial_number, nonce=nonce)
    return "/ocsp/" + quote(base64.b64encode(request), safe=""), serial_number


@contextmanager
def _connections_to_both(server: Server, path: str) -> Iterator[list[http.client.HTTPConnection]]:
    """Keep connections of which some are to the one process and some to the other.

    Each signs for itself, so there are two answers to one question.
    """
    with ExitStack() as stack:

        def connect() -> list[http.client.HTTPConnection]:
            stack.pop_all().close()
            opened = [
                http.client.HTTPConnection("127.0.0.1", server.ports.pki, timeout=_WAIT_SECONDS)
                for _ in range(_CONNECTIONS)
            ]
            for one in opened:
                stack.callback(one.close)
            return opened

        connections: list[http.client.HTTPConnection] = []

        def reach_both() -> bool:
            connections[:] = connect()
            return len({_ask(one, path) for one in connections}) > 1

        _wait_until(reach_both)
        yield connections


def _ask(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


def _statuses(connections: list[http.client.HTTPConnection], *paths: str) -> set[OCSPCertStatus]:
    return {
        ocsp.load_der_ocsp_response(_ask(one, path)).certificate_status
        for one in connections
        for path in paths
    }


def _siblings(server: Server) -> list[int]:
    """Return the processes that the serving process has started for the door."""
    children = [
        child
        for thread in Path(f"/proc/{server.pid}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]
    return [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(_PAUSE)
