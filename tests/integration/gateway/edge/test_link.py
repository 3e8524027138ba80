"""The link: edges in good standing speak on it for their clients, nobody else is heard."""

import base64
import http.client
import logging
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from ca.verification import VerifiedCertificate
from foundation.audit import Actor
from gateway.composition.applications import Applications
from gateway.edge.link.application import LinkApplication
from gateway.edge.link.edges import Edges
from gateway.edge.link.enrollment import EdgeCredential, EdgeEnrollment
from gateway.listeners.standing_watch import StandingWatch
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import (
    OpenDoor,
    open_door,
    read_all,
    trusting_context,
)
from tests.support.bureau import OPERATOR, Bureau

ARRIVED = {
    "X-CertGate-Door": "portal",
    "X-CertGate-Client-Address": "192.0.2.7",
    "X-CertGate-Client-Port": "50123",
    "Host": "localhost:9443",
}
CUT = (ConnectionError, ssl.SSLError, http.client.RemoteDisconnected)


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Seen:
    """What the portal's application was given."""

    scope: Scope

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        await self._app(scope, receive, send)


@pytest.fixture
def seen(bureau: Bureau) -> Seen:
    return Seen(bureau.portal)


@pytest.fixture
def link(bureau: Bureau, seen: Seen, caplog: pytest.LogCaptureFixture) -> Iterator[OpenDoor]:
    certification = bureau.house.certification
    server = certification.hierarchy.server
    tls = TlsContext(
        [server.certificate, server.issuing],
        server.private_key,
        ask_for_certificate_of=certification.issuer_certificates(),
        demand_certificate=True,
    )
    applications = Applications(bureau.house)
    edges = Edges(certification.edge_verifier)
    application = LinkApplication(
        edges,
        {"pki": applications.pki(), "public": applications.public(), "portal": seen},
        applications.outage(),
    )
    with open_door(application, tls, let_in=edges.verify) as door:
        yield door
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.fixture
def edge(bureau: Bureau) -> EdgeCredential:
    return enroll(bureau)


def enroll(bureau: Bureau, name: str = "edge-1") -> EdgeCredential:
    certification = bureau.house.certification
    enrollment = EdgeEnrollment(
        bureau.house.database, certification.issuance, certification.hierarchy
    )
    return enrollment.enroll(name, OPERATOR)


def presenting(credential: EdgeCredential, folder: Path) -> ssl.SSLContext:
    (folder / "link.pem").write_bytes(credential.link_pem)
    context = trusting_context()
    context.load_cert_chain(folder / "link.pem")
    return context


def presenting_picked_up(pkcs12: bytes, password: str, folder: Path) -> ssl.SSLContext:
    bundle = load_pkcs12(pkcs12, password.encode())
    assert bundle.key is not None
    assert bundle.cert is not None
    file = folder / "officer.pem"
    file.write_bytes(
        bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + bundle.cert.certificate.public_bytes(Encoding.PEM)
    )
    context = trusting_context()
    context.load_cert_chain(file)
    return context


def ask(client: http.client.HTTPConnection, path: str, **headers: str) -> http.client.HTTPResponse:
    given = ARRIVED | {name.replace("_", "-"): value for name, value in headers.items()}
    client.request("GET", path, headers=given)
    answer = client.getresponse()
    answer.read()
    return answer


def spelled(der: bytes) -> str:
    return f":{base64.b64encode(der).decode()}:"


def test_each_door_is_reached_by_its_name(
    link: OpenDoor, edge: EdgeCredential, tmp_path: Path
) -> None:
    with link.client(presenting(edge, tmp_path)) as client:
        assert ask(client, "/ca/root.cer", X_CertGate_Door="pki").status == 200
        assert ask(client, "/pickup", X_CertGate_Door="public").status == 200
        assert ask(client, "/ca/root.cer").status == 403
        assert ask(client, "/api/v1/session", Client_Cert=spelled(b"no certificate")).status == 403


def test_the_portal_sees_the_client_and_not_the_edge(
    link: OpenDoor, edge: EdgeCredential, bureau: Bureau, seen: Seen, tmp_path: Path
) -> None:
    """The certificate of the client is verified again, in full, by the portal's own admission."""
    chain = bureau.pick_up(bureau.register_unit())
    with link.client(presenting(edge, tmp_path)) as client:
        answer = ask(
            client,
            "/login",
            Client_Cert=spelled(chain[0]),
            X_CertGate_Request_Id="edge-1:7",
            X_CertGate_User="admin",
        )
    assert answer.status == 200
    assert answer.getheader("x-request-id") == "edge-1:7"
    assert seen.scope["client"] == ("192.0.2.7", 50123)
    assert seen.scope["scheme"] == "https"
    assert seen.scope["extensions"]["tls"]["certgate_unverified_chain"] == (chain[0],)
    names = {name for name, _ in seen.scope["headers"]}
    assert not any(name.startswith((b"x-certgate", b"client-cert")) for name in names)


def test_an_edges_own_certificate_opens_no_portal(
    link: OpenDoor, edge: EdgeCredential, tmp_path: Path
) -> None:
    certificate = x509.load_pem_x509_certificate(edge.link_pem).public_bytes(Encoding.DER)
    with link.client(presenting(edge, tmp_path)) as client:
        answer = ask(client, "/login", Client_Cert=spelled(certificate))
    assert answer.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CertGate_Door": "signer"},
        {"Client_Cert": "AAAA"},
        {"X_CertGate_Door": "public", "Client_Cert": ":AAAA:"},
        {"X_CertGate_Client_Address": "192.0.2.7, 192.0.2.8"},
    ],
)
def test_what_is_odd_is_refused(
    link: OpenDoor, edge: EdgeCredential, tmp_path: Path, headers: dict[str, str]
) -> None:
    with link.client(presenting(edge, tmp_path)) as client:
        assert ask(client, "/healthz", **headers).status == 400


@pytest.mark.parametrize("lines", [0, 2])
def test_a_door_that_is_missing_or_doubled_is_refused(
    link: OpenDoor, edge: EdgeCredential, tmp_path: Path, lines: int
) -> None:
    head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-CertGate-Client-Address: 192.0.2.7\r\n"
    head += "X-CertGate-Client-Port: 1\r\n" + "X-CertGate-Door: portal\r\n" * lines + "\r\n"
    with link.connected(presenting(edge, tmp_path)) as connection:
        connection.sendall(head.encode())
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


def test_nobody_else_is_let_in(link: OpenDoor, bureau: Bureau, tmp_path: Path) -> None:
    """Not without a certificate, and not with the best one of an officer."""
    slip = bureau.register_officer("wang.fang", "administrator")
    picked_up = bureau.house.enrollment.pickup.redeem(
        slip.serial_number, slip.download_password, "modern", Actor.anonymous("127.0.0.1")
    )
    officer = presenting_picked_up(picked_up.pkcs12, slip.download_password, tmp_path)
    for context in (trusting_context(), officer):
        with link.client(context) as client, pytest.raises(CUT):
            ask(client, "/healthz")


def test_a_revoked_edge_is_cut_off_and_does_not_come_back(
    link: OpenDoor, edge: EdgeCredential, bureau: Bureau, tmp_path: Path
) -> None:
    certification = bureau.house.certification
    watch = StandingWatch(link.connections, certification.read_epoch, certification.find_fallen)
    link.run(watch.run())
    context = presenting(edge, tmp_path)
    with link.connected(context) as idle:
        with link.client(context) as client:
            assert ask(client, "/healthz").status == 200
        with bureau.house.database.writing() as session:
            bureau.house.revocation.revoke(session, edge.serial_number, "keyCompromise", OPERATOR)
        watch.wake()
        with suppress(ConnectionResetError):
            assert read_all(idle) == b""
        with link.client(context) as client, pytest.raises(CUT):
            ask(client, "/healthz")


def test_the_next_request_of_a_revoked_edge_is_refused_without_the_watch(
    link: OpenDoor, edge: EdgeCredential, bureau: Bureau, tmp_path: Path
) -> None:
    with link.client(presenting(edge, tmp_path)) as client:
        assert ask(client, "/healthz").status == 200
        with bureau.house.database.writing() as session:
            bureau.house.revocation.hold(session, edge.serial_number, OPERATOR)
        answer = ask(client, "/healthz")
    assert (answer.status, answer.getheader("connection")) == (403, "close")


def test_an_expired_edge_is_refused(
    link: OpenDoor, edge: EdgeCredential, bureau: Bureau, tmp_path: Path
) -> None:
    with link.client(presenting(edge, tmp_path)) as client:
        assert ask(client, "/healthz").status == 200
        bureau.clock.set(edge.not_after)
        bureau.clock.advance(seconds=1)
        assert ask(client, "/healthz").status == 403


@pytest.mark.parametrize(
    ("path", "form"), [("/api/v1/session", "problem+json"), ("/login", "html")]
)
def test_a_database_that_is_away_is_told_and_nobody_gets_further(
    bureau: Bureau, seen: Seen, path: str, form: str
) -> None:
    """Whose link it is cannot be asked then; it was an answer of 500 without a word."""
    applications = Applications(bureau.house)

    class Away(Edges):
        def verify(self, tls: dict[str, Any] | None) -> VerifiedCertificate:
            raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    edges = Away(bureau.house.certification.edge_verifier)
    application = LinkApplication(edges, {"portal": seen}, applications.outage())
    headers = ARRIVED | {"Accept-Language": "en"}
    answer = TestClient(application).get(path, headers=headers)

    assert answer.status_code == 503
    assert form in answer.headers["content-type"]
    assert int(answer.headers["retry-after"]) > 0
    assert "The database does not answer" in answer.text
    assert not hasattr(seen, "scope")
