"""A unit logs in over TLS with a certificate below an ML-DSA-65 root (issue 3, part 3).

The client speaks TLS by the OpenSSL inside the library, which knows ML-DSA;
the system's own does not yet. Experimental, as docs/operations.md says.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from OpenSSL import SSL

from foundation.audit import Actor
from foundation.settings import Settings
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import open_door
from tests.support.bureau import OPERATOR, Bureau, bureau_of
from tests.support.clock import FakeClock


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    """A bureau whose authorities have ML-DSA-65 keys."""
    settings = Settings(data=tmp_path / "data", key_algorithm="ml-dsa-65")
    with bureau_of(settings, FakeClock()) as bureau:
        yield bureau


def test_login_with_a_certificate_below_an_ml_dsa_root(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    picked_up = bureau.house.enrollment.pickup.redeem(
        slip.serial_number, slip.download_password, "modern", Actor.anonymous("127.0.0.1")
    )
    bundle = load_pkcs12(picked_up.pkcs12, slip.download_password.encode())
    assert bundle.cert is not None
    assert isinstance(bundle.key, ec.EllipticCurvePrivateKey)
    hierarchy = bureau.house.certification.hierarchy
    for authority in (hierarchy.root.certificate, hierarchy.issuing.certificate):
        assert isinstance(authority.public_key(), mldsa.MLDSA65PublicKey)
    server = hierarchy.server
    door_tls = TlsContext(
        [server.certificate, server.issuing],
        server.private_key,
        ask_for_certificate_of=bureau.house.certification.issuer_certificates(),
    )
    client = SSL.Context(SSL.TLS_CLIENT_METHOD)
    client.use_certificate(bundle.cert.certificate)
    client.add_extra_chain_cert(hierarchy.issuing.certificate)
    client.use_privatekey(bundle.key)
    credentials = {"username": slip.username, "password": slip.initial_password}
    with open_door(bureau.portal, door_tls) as door:
        answer = _post(door.port, client, "/api/v1/session", credentials)
        assert answer.startswith(b"HTTP/1.1 201 "), answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["username"] == slip.username
        # Dead at once, as below any other root.
        with bureau.house.database.writing() as session:
            bureau.house.revocation.revoke(session, slip.serial_number, "keyCompromise", OPERATOR)
        answer = _post(door.port, client, "/api/v1/session", credentials)
        assert answer.startswith(b"HTTP/1.1 403 "), answer
        assert b"/certificate-revoked" in answer


def _post(port: int, context: SSL.Context, path: str, document: dict[str, str]) -> bytes:
    body = json.dumps(document).encode()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:9443\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        connection = SSL.Connection(context, plain)
        connection.set_connect_state()
        connection.set_tlsext_host_name(b"localhost")
        plain.settimeout(None)
        connection.do_handshake()
        leaf = connection.get_peer_certificate(as_cryptography=True)
        assert isinstance(leaf, x509.Certificate)
        connection.sendall(request + body)
        answer = b""
        while True:
            try:
                answer += connection.recv(65_536)
            except (SSL.ZeroReturnError, SSL.SysCallError):
                return answer
