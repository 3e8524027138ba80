"""One credential's whole life through the edges of one installation (issue 4, Shown by)."""

from functools import partial
from http.client import HTTPConnection, HTTPException

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from foundation.clock import SystemClock
from tests.support.edge_client import WAIT_SECONDS, Answered, despite_the_cut
from tests.support.est import certificates_in
from tests.support.guest import Doors, Guest, arrive, pick_up
from tests.support.installation import Installation, on_installation
from tests.support.open_transfers import KINDS, open_transfer
from tests.support.workflow import WOMAN, enrolment_data

pytestmark = [pytest.mark.slow, pytest.mark.postgres, on_installation]

Both = tuple[Doors, Doors]


@pytest.fixture(scope="module")
def guests() -> list[Guest]:
    """Everybody who came, with what nobody else may read."""
    return []


@pytest.fixture(scope="module")
def officer(installation: Installation, doors: Both, guests: list[Guest]) -> Guest:
    """A security officer, whose way leads through the second edge."""
    slip = installation.json("officer", "add", "zhao.qiang", "--role", "security_officer")
    guests.append(arrive(doors[1], slip))
    return guests[-1]


def test_from_slip_to_an_application_behind_the_other_edge(
    installation: Installation, doors: Both, guests: list[Guest]
) -> None:
    unit = pick_up(doors[0], installation.register_unit())
    guests.append(unit)

    assert unit.log_in().document["must_change_password"] is True
    before = unit.at(doors[1]).ask("/apps/statements/whoami")
    assert (before.status, kind_of(before)) == (401, "login-required")
    assert unit.reset().status == 204

    employee = enrolment_data(WOMAN, employment_date=f"{SystemClock().now():%Y-%m-%d}")
    filed = unit.ask("/api/v1/tasks", "POST", {"module": "enrolment", "data": employee})
    assert filed.status == 201, filed.body
    submitted = unit.at(doors[1]).ask(f"/api/v1/tasks/{filed.document['id']}/submit", "POST")
    assert submitted.document["state"] == "in_review"

    for place in doors:
        there = unit.at(place)
        told = there.ask("/apps/statements/whoami").document
        assert (told["sub"], told["kind"], told["aud"]) == (unit.username, "unit", "localhost")
        assert kind_of(there.ask("/apps/audits/whoami")) == "not-allowed"


@pytest.mark.parametrize("way", ["command", "api"])
def test_a_revocation_is_in_force_at_both_edges_on_everything_that_is_open(
    installation: Installation, doors: Both, officer: Guest, guests: list[Guest], way: str
) -> None:
    unit, bystander = (arrive(doors[0], installation.register_unit()) for _ in range(2))
    guests += [unit, bystander]
    unaffected = open_transfer(bystander, "keep-alive")
    transfers = [open_transfer(unit.at(place), kind) for place in doors for kind in KINDS]
    portal = [unit.at(place).client.connect() for place in doors]
    assert {session_of(unit, one).status for one in portal} == {200}

    if way == "command":
        receipt = installation.json("revoke", unit.serial_number, "--reason", "keyCompromise")
    else:
        address = f"/api/v1/certificates/{unit.serial_number}/revoke"
        receipt = officer.ask(address, "POST", {"reason": "keyCompromise"}).document

    assert [(one["edge"], one["state"]) for one in receipt["edges"]] == [
        ("edge-1", "effective"),
        ("edge-2", "effective"),
    ]
    assert all(one["refused_after_ms"] is not None for one in receipt["edges"])
    for transfer in transfers:
        if transfer.kind == "keep-alive":
            assert b" 403 " in transfer.ask_again()
        else:
            assert transfer.wait_until_closed(), transfer.kind
    for connection in portal:
        assert is_over(unit, connection)
    for place in doors:
        ask = partial(unit.at(place).ask, "/api/v1/session")
        assert kind_of(despite_the_cut(ask)) == "certificate-revoked"
        assert kind_of(despite_the_cut(unit.at(place).log_in)) == "certificate-revoked"
    assert b" 200 " in unaffected.ask_again()


def test_a_logout_at_one_edge_ends_the_session_at_the_other(
    installation: Installation, doors: Both, guests: list[Guest]
) -> None:
    unit = arrive(doors[0], installation.register_unit())
    guests.append(unit)
    kept = dict(unit.jar)
    assert unit.ask("/api/v1/session", "DELETE").status == 204

    replayed = Guest(doors[1], unit.username, unit.serial_number, unit.credential, "", kept)
    assert replayed.ask("/api/v1/session").status == 401
    deadline = SystemClock().now().timestamp() + WAIT_SECONDS
    while (answer := replayed.ask("/apps/statements/whoami")).status == 200:
        assert SystemClock().now().timestamp() < deadline, "the edge never heard of it"
        replayed.jar.update(kept)
    assert kind_of(answer) == "login-required"


def test_the_pki_and_the_public_door_serve_relying_parties(
    installation: Installation, doors: Both, guests: list[Guest]
) -> None:
    unit = pick_up(doors[1], installation.register_unit())
    guests.append(unit)
    installation.cli("revoke", unit.serial_number, "--reason", "superseded")
    leaf, (issuing,) = unit.credential.certificate, unit.credential.above

    for place in doors:
        root = pki(installation, place, "/ca/root.cer").content
        assert x509.load_der_x509_certificate(root) == installation.root
        crl = x509.load_der_x509_crl(pki(installation, place, "/crl/issuing.crl").content)
        assert crl.is_signature_valid(issuing.public_key())  # type: ignore[arg-type]
        assert crl.get_revoked_certificate_by_serial_number(
            unit.credential.certificate.serial_number
        )
        asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, SHA256())
        answer = pki(installation, place, "/ocsp", asked.build().public_bytes(Encoding.DER))
        status = ocsp.load_der_ocsp_response(answer.content).certificate_status
        assert status is ocsp.OCSPCertStatus.REVOKED
        assert place.public().ask("/root.cer").body == root
        chain = place.public().ask("/.well-known/est/cacerts").body
        assert installation.root in certificates_in(chain)


def test_afterwards_the_log_is_whole_and_no_process_has_told_a_secret(
    installation: Installation, guests: list[Guest]
) -> None:
    installation.cli("audit", "verify")
    installation.cli("doctor")

    assert guests
    said = installation.output
    assert '"decision":"certificate-denied"' in said
    assert guests[0].username in said
    for guest in guests:
        assert [secret for secret in guest.secrets if secret in said] == []


def kind_of(answer: Answered) -> str:
    """Return the problem's code."""
    return str(answer.document["type"]).rpartition("/")[2]


def session_of(unit: Guest, connection: HTTPConnection) -> Answered:
    return unit.ask("/api/v1/session", connection=connection)


def is_over(unit: Guest, connection: HTTPConnection) -> bool:
    """Return whether a connection serves no more: it was cut, or says that it is refused."""
    connection.auto_open = 0
    try:
        return kind_of(session_of(unit, connection)) == "certificate-revoked"
    except (OSError, HTTPException):
        return True
    finally:
        connection.close()


def pki(
    installation: Installation, place: Doors, path: str, asked: bytes | None = None
) -> httpx.Response:
    """Return what the PKI door of an edge answers."""
    url = f"http://{place.address}:{installation.ports.pki}{path}"
    if asked is None:
        return httpx.get(url)
    return httpx.post(url, content=asked, headers={"content-type": "application/ocsp-request"})
