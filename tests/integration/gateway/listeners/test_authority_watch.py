"""A rollover of another process reaches the doors without a restart (issue 3, part 3)."""

import asyncio
import contextlib
import socket
import threading

import pytest
from cryptography import x509
from OpenSSL import SSL

from gateway.composition.renewal import Renewal
from gateway.listeners import authority_watch
from gateway.listeners.authority_watch import AuthorityWatch
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import Echo, open_door
from tests.support.bureau import OPERATOR, Bureau


async def watch_until(watch: AuthorityWatch, seen: threading.Event) -> None:
    task = asyncio.create_task(watch.run())
    try:
        assert await asyncio.to_thread(seen.wait, 20)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority_watch, "_POLL_SECONDS", 0.001)


def test_it_asks_once_for_each_epoch() -> None:
    epochs = [7, 7, 7, 8, 8]
    asked: list[int] = []
    finished = threading.Event()

    def read_epoch() -> int:
        if not epochs:
            finished.set()
            return 8
        return epochs.pop(0)

    watch = AuthorityWatch(read_epoch, lambda: asked.append(len(epochs)))
    asyncio.run(watch_until(watch, finished))
    assert len(asked) == 2


def test_what_fails_is_tried_again() -> None:
    attempts = 0
    taken_over = threading.Event()

    def take_over() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise ConnectionError("the signer is being restarted")
        taken_over.set()

    asyncio.run(watch_until(AuthorityWatch(lambda: 1, take_over), taken_over))
    assert attempts == 3


def test_the_doors_ask_for_certificates_of_both_and_serve_the_new_one(bureau: Bureau) -> None:
    """RFC 8446 section 4.2.4: browsers choose among certificates by these names."""
    certification = bureau.house.certification
    server = certification.hierarchy.server
    tls = TlsContext(
        [server.certificate, server.issuing],
        server.private_key,
        ask_for_certificate_of=certification.issuer_certificates(),
    )
    bureau.pick_up(bureau.register_unit())
    renewal = Renewal(certification, [tls])
    with open_door(Echo(), tls) as door:
        before, names = _shake_hands(door.port)
        assert before == server.certificate
        assert names == {"CertGate Issuing CA"}
        certification.store.rollover().roll_over(OPERATOR)
        renewal.take_over()
        after, names = _shake_hands(door.port)
    assert after == certification.hierarchy.server.certificate
    assert after.issuer != before.issuer
    assert names == {"CertGate Issuing CA", "CertGate Issuing CA 2"}


def _shake_hands(port: int) -> tuple[x509.Certificate, set[str]]:
    """Return the server's certificate and whose certificates it asks for."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.settimeout(None)
        connection = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), plain)
        connection.set_connect_state()
        connection.do_handshake()
        names = {str(name.CN) for name in connection.get_client_ca_list()}
        leaf = connection.get_peer_certificate(as_cryptography=True)
        assert isinstance(leaf, x509.Certificate)
        connection.shutdown()
        return leaf, names
