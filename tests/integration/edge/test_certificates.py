"""The verdict on the client's certificate: one page for each fault, and closed without a CRL."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.edge.serial_numbers import serial_as_haproxy_prints
from tests.integration.edge.conftest import Scene
from tests.support.edge_client import Answered
from tests.support.edge_pki import EdgePki
from tests.support.tls_credentials import CLIENT, SERVER, Credential, make_root

HOUR = timedelta(hours=1)
Make = Callable[[EdgePki], Credential]


def fake_issuer(pki: EdgePki) -> Credential:
    """Return a certificate that names our issuing CA and was signed by somebody else."""
    return make_root("Root").issue_ca("Issuing CA").issue("wh000123")


def stray_ca(pki: EdgePki) -> Credential:
    """Return a certificate of a whole foreign hierarchy, which comes along."""
    return make_root("Elsewhere").issue_ca("Elsewhere CA").issue("wh000123")


BAD: dict[str, tuple[Make, str]] = {
    "expired": (lambda pki: pki.issuing.issue("a", lifetime=(-3 * HOUR, -HOUR)), "expired"),
    "not yet valid": (lambda pki: pki.issuing.issue("a", lifetime=(HOUR, 2 * HOUR)), "untrusted"),
    "self-signed": (lambda pki: make_root("wh000123"), "untrusted"),
    "of another hierarchy": (stray_ca, "untrusted"),
    "of a namesake of our CA": (fake_issuer, "untrusted"),
    "for servers": (lambda pki: pki.issuing.issue("a", purposes=(SERVER,)), "untrusted"),
    "the portal's own": (lambda pki: pki.server, "untrusted"),
    "a CA's": (lambda pki: pki.issuing, "untrusted"),
}


@pytest.mark.parametrize("case", BAD)
def test_each_fault_of_a_certificate_has_its_page(scene: Scene, case: str) -> None:
    make, fault = BAD[case]

    answer = scene.client(make(scene.pki)).ask("/api/v1/session")

    assert (answer.status, kind_of(answer)) == (403, f"certificate-{fault}")


def test_control_a_certificate_for_both_purposes_is_taken(scene: Scene) -> None:
    both = scene.pki.issuing.issue("a", purposes=(CLIENT, SERVER))

    assert scene.client(both).ask().status == 200


def test_nobody_comes_in_without_a_certificate(scene: Scene) -> None:
    answer = scene.client(bare=True).ask("/api/v1/session")

    assert (answer.status, kind_of(answer)) == (403, "certificate-required")


@pytest.mark.parametrize("path", ["/static/certgate.css", "/favicon.ico", "/healthz"])
def test_looks_are_open_and_carry_no_certificate(scene: Scene, path: str) -> None:
    assert scene.client(bare=True).ask(path).status == 200
    assert scene.node.last.value("client-cert") is None
    assert scene.client().ask(path).status == 200
    assert scene.node.last.value("client-cert") is None


def test_what_is_open_to_look_at_is_not_open_to_change(scene: Scene) -> None:
    answer = scene.client(bare=True).ask("/static/certgate.css", "POST", body=b"")

    assert answer.status == 403


@pytest.mark.parametrize("decoy_of", ["our root", "another root"])
def test_a_decoy_in_the_chain_changes_nothing(scene: Scene, decoy_of: str) -> None:
    """The certificate is the one whose key was proven, whatever else is sent along."""
    victim = scene.pki.issuing.issue("wh000999")
    thief = scene.unit if decoy_of == "our root" else make_root("wh000999")

    client = scene.client(thief)
    answer = replace(client, decoys=(victim.certificate,)).ask("/tasks")

    if decoy_of == "our root":
        assert answer.status == 200
        told = scene.node.last.value("client-cert")
        assert told is not None
        assert told == header_of(scene.unit)
    else:
        assert answer.status == 403


def test_a_certificate_on_the_deny_list_is_refused_on_a_warm_connection(scene: Scene) -> None:
    connection = scene.client().connect()
    try:
        connection.request("GET", "/tasks")
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)

        serial = serial_as_haproxy_prints(scene.unit.serial_number)
        scene.edge.fill("denied-certificates", {serial: "revoked"})
        connection.request("GET", "/api/v1/session")
        response = connection.getresponse()
        assert response.status == 403
        assert b"/problems/certificate-revoked" in response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("number", [1, 0x7F, 0x80, 0x0A0B, 0xFF << 144, (1 << 159) - 1])
def test_serial_numbers_are_written_as_haproxy_prints_them(scene: Scene, number: int) -> None:
    someone = scene.pki.issuing.issue("a", serial_number=number)
    assert scene.client(someone).ask().status == 200

    scene.edge.fill("denied-certificates", {serial_as_haproxy_prints(f"{number:x}"): "held"})

    answer = scene.client(someone).ask()
    assert answer.status == 403
    line = scene.edge.logged(answer.request_id)
    assert line["decision"] == "certificate-denied"
    assert line["serial_number"] == serial_as_haproxy_prints(f"{number:x}")


def test_the_connections_of_a_certificate_can_be_found(scene: Scene) -> None:
    connection = scene.client().connect()
    assert connection.sock is not None
    try:
        address, port = connection.sock.getsockname()
        connection.request("GET", "/tasks")
        connection.getresponse().read()

        shown = scene.edge.command(f"show map {scene.edge.files.map('connections')}")
    finally:
        connection.close()
    serial = serial_as_haproxy_prints(scene.unit.serial_number)
    assert f" {address}:{port} {serial}\n" in shown


class TestWithOtherCrls:
    """What the CRL file says, changed in the running process; put back afterwards."""

    @pytest.fixture(autouse=True)
    def put_back(self, scene: Scene) -> Iterator[None]:
        yield
        scene.edge.load_crls(scene.pki.crls())

    def test_a_certificate_on_the_crl_is_revoked(self, scene: Scene) -> None:
        connection = scene.client().connect()
        scene.edge.load_crls(scene.pki.crls(scene.unit.certificate.serial_number))

        answer = scene.client().ask("/api/v1/session")

        connection.close()
        assert (answer.status, kind_of(answer)) == (403, "certificate-revoked")

    @pytest.mark.parametrize("which", ["expired", "none of the issuing CA", "forged"])
    def test_without_a_good_crl_the_door_is_closed(self, scene: Scene, which: str) -> None:
        pki = scene.pki
        forger = make_root("Root").issue_ca("Issuing CA")
        crls = {
            "expired": pki.crls(next_update=-HOUR),
            "none of the issuing CA": pki.root.crl(),
            "forged": pki.root.crl() + forger.crl(),
        }
        scene.edge.load_crls(crls[which])

        answer = scene.client().ask("/api/v1/session")

        assert (answer.status, kind_of(answer)) == (503, "revocations-unknown")

    def test_an_expired_crl_closes_no_look_and_no_public_door(self, scene: Scene) -> None:
        scene.edge.load_crls(scene.pki.crls(next_update=-HOUR))

        assert scene.client().ask("/static/certgate.css").status == 200
        assert replace(scene.client(), port=scene.edge.ports.public).ask("/pickup").status == 200


def kind_of(answer: Answered) -> str:
    """Return the last part of a problem's type."""
    return str(answer.document["type"]).rpartition("/")[2]


def header_of(credential: Credential) -> str:
    """Return the RFC 9440 header of a certificate."""
    return f":{base64.b64encode(credential.der).decode()}:"
