"""The running doors, seen from outside, as a client sees them."""

import socket
import ssl
from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.composition.house import House
from gateway.doctor.finding import Finding

_TIMEOUT_SECONDS = 3.0


def check_listeners(house: House) -> Iterator[Finding]:
    """Each door answers; TLS doors serve our certificate and resume no session."""
    settings = house.ground.settings
    yield _check_plain("pki", settings.pki_port, house)
    for name, port in (("public", settings.public_port), ("portal", settings.portal_port)):
        yield from _check_tls(name, port, house)


def _check_plain(name: str, port: int, house: House) -> Finding:
    facts: dict[str, str | int] = {"name": name, "port": port}
    try:
        with _connect(port, house):
            return Finding("listener", "good", "answers", facts)
    except OSError:
        return Finding("listener", "note", "silent", facts)


def _check_tls(name: str, port: int, house: House) -> Iterator[Finding]:
    facts: dict[str, str | int] = {"name": name, "port": port}
    context = _client_context(house)
    try:
        session = _shake_hands(context, port, house, None)
    except ssl.SSLError as failed:
        yield Finding("listener", "wrong", "tls_failed", {**facts, "problem": failed.reason or ""})
        return
    except OSError:
        yield Finding("listener", "note", "silent", facts)
        return
    yield Finding("listener", "good", "answers", facts)
    # A resumed session would skip the client's certificate (RFC 8446 2.2).
    if _shake_hands(context, port, house, session) is None:
        yield Finding("resumption", "wrong", "resumed", facts)
    else:
        yield Finding("resumption", "good", "off", facts)


def _client_context(house: House) -> ssl.SSLContext:
    root = house.certification.hierarchy.root.certificate
    context = ssl.create_default_context(cadata=root.public_bytes(Encoding.PEM).decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _shake_hands(
    context: ssl.SSLContext, port: int, house: House, earlier: ssl.SSLSession | None
) -> ssl.SSLSession | None:
    """Return the session of a fresh handshake, or None when `earlier` was resumed."""
    host = house.ground.settings.host
    with (
        _connect(port, house) as plain,
        context.wrap_socket(plain, server_hostname=host, session=earlier) as secured,
    ):
        question = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        secured.sendall(question.encode())
        # TLS 1.3 tickets come with the first data, so read before taking it.
        secured.recv(1)
        return None if secured.session_reused else secured.session


def _connect(port: int, house: House) -> socket.socket:
    return socket.create_connection((str(house.ground.settings.bind), port), _TIMEOUT_SECONDS)
