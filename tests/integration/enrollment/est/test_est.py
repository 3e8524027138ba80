"""EST through all layers of both listeners, on both databases."""

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from ca.models import CertificateRecord
from ca.serial_numbers import serial_number_of
from enrollment.slips.issued_slip import IssuedSlip
from foundation.audit import AuditEntry
from foundation.errors import Unavailable
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Bureau, Visitor
from tests.support.est import (
    EST,
    EstClient,
    certificates_in,
    portal_client,
    public_client,
    the_certificate_in,
)
from tests.support.renewing import LIFETIME, new_key, request_for

Door = Callable[[Bureau], EstClient]
WRONG = "AAAA-BBBB-CCCC-DDDD"


@pytest.fixture
def slip(bureau: Bureau) -> IssuedSlip:
    return bureau.register_unit()


@pytest.fixture
def program(bureau: Bureau, slip: IssuedSlip) -> tuple[EstClient, x509.Certificate]:
    """A unit's program at the portal, thirty days before the end of its certificate."""
    chain = bureau.pick_up(slip)
    visitor = bureau.visitor(chain)
    assert visitor.log_in(slip.username, slip.initial_password).status_code == 201
    assert visitor.reset(slip.initial_password).status_code == 204
    let_pass(bureau, LIFETIME - timedelta(days=30))
    # A program has no cookie.
    return portal_client(bureau, chain), x509.load_der_x509_certificate(chain[0])


def let_pass(bureau: Bureau, time: timedelta) -> None:
    """Move on, with the job that keeps the CRLs fresh."""
    bureau.clock.advance(time)
    bureau.house.certification.refresh_crls()


def chain_of(bureau: Bureau, certificate: x509.Certificate) -> tuple[bytes, ...]:
    issuers = bureau.house.certification.issuer_certificates()
    return tuple(each.public_bytes(Encoding.DER) for each in (certificate, issuers[0]))


@pytest.mark.parametrize("door", [public_client, portal_client])
def test_anybody_asks_for_the_ca_certificates_at_either_door(bureau: Bureau, door: Door) -> None:
    answer = door(bureau).get("cacerts")
    hierarchy = bureau.house.certification.hierarchy
    assert answer.status_code == 200
    assert set(certificates_in(answer.content)) == {
        hierarchy.root.certificate,
        hierarchy.issuing.certificate,
    }


@pytest.mark.parametrize("door", [public_client, portal_client])
def test_a_slip_is_exchanged_at_either_door(bureau: Bureau, slip: IssuedSlip, door: Door) -> None:
    key = new_key()
    certificate = the_certificate_in(door(bureau).post("simpleenroll", request_for(key), slip))
    assert certificate.public_key() == key.public_key()
    visitor = bureau.visitor(chain_of(bureau, certificate))
    assert visitor.log_in(slip.username, slip.initial_password).status_code == 201


def test_the_whole_life_of_a_program(
    bureau: Bureau, program: tuple[EstClient, x509.Certificate], slip: IssuedSlip
) -> None:
    """Renew by EST, log in with the new certificate, and the old one is over."""
    est, present = program
    key = new_key()
    renewed = the_certificate_in(est.post("simplereenroll", request_for(key, present.subject)))
    assert renewed.public_key() == key.public_key()
    assert renewed.subject == present.subject

    old = Visitor(bureau.portal, chain_of(bureau, present))
    assert old.log_in(slip.username, NEW_PASSWORD).status_code == 201
    new = Visitor(bureau.portal, chain_of(bureau, renewed))
    assert new.log_in(slip.username, NEW_PASSWORD).status_code == 201

    refused = old.get("/api/v1/session")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/certificate-revoked")
    assert new.get("/api/v1/session").status_code == 200
    with bureau.house.database.reading() as session:
        record = session.get_one(CertificateRecord, slip.serial_number)
        assert (record.state, record.reason) == ("revoked", "superseded")


def test_the_renewal_names_the_subscriber_in_the_audit_log(
    bureau: Bureau, program: tuple[EstClient, x509.Certificate], slip: IssuedSlip
) -> None:
    est, present = program
    the_certificate_in(est.post("simplereenroll", request_for(new_key(), present.subject)))
    with bureau.house.database.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "renewal.started")
        ).one()
    assert entry.actor == slip.username


def test_reenrolling_opens_no_session_and_looks_at_none(
    bureau: Bureau, program: tuple[EstClient, x509.Certificate]
) -> None:
    est, present = program
    est.client.cookies.set("__Host-certgate", "somebody-else's", domain="localhost")
    answer = est.post("simplereenroll", request_for(new_key(), present.subject))
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert est.client.get("/api/v1/session").status_code == 401


def test_without_a_certificate_nobody_reenrolls(bureau: Bureau, slip: IssuedSlip) -> None:
    request = request_for(new_key())
    for est in (portal_client(bureau), public_client(bureau)):
        answer = est.post("simplereenroll", request, slip)
        assert answer.status_code == 403
        # Whichever layer says so, it says it in plain text (RFC 8951 section 5).
        assert answer.headers["content-type"].startswith("text/plain")


def test_a_revoked_certificate_does_not_reenroll(
    bureau: Bureau, program: tuple[EstClient, x509.Certificate], slip: IssuedSlip
) -> None:
    est, present = program
    with bureau.house.database.writing() as session:
        bureau.house.revocation.revoke(session, slip.serial_number, "keyCompromise", OPERATOR)
    answer = est.post("simplereenroll", request_for(new_key(), present.subject))
    assert answer.status_code == 403


def test_the_slip_is_refused_alike_for_every_reason(bureau: Bureau, slip: IssuedSlip) -> None:
    """Wrong, unknown, used up: one answer (as at pickup)."""
    used = bureau.register_unit("武汉第二精密制造有限公司", "91420100300000000X")
    bureau.arrive(used)
    est, request = public_client(bureau), request_for(new_key())
    answers = [
        est.post("simpleenroll", request, pair)
        for pair in (
            (slip.serial_number, WRONG),
            ("FF" * 10, slip.download_password),
            (used.serial_number, used.download_password),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["www-authenticate"] for answer in answers}) == 1


def test_guessing_by_est_and_by_pickup_is_counted_together(
    bureau: Bureau, slip: IssuedSlip
) -> None:
    est, request = public_client(bureau), request_for(new_key())
    for _ in range(3):
        assert est.post("simpleenroll", request, (slip.serial_number, WRONG)).status_code == 401
    throttled = est.post("simpleenroll", request, slip)
    assert throttled.status_code == 429
    assert "{" not in throttled.text
    assert int(throttled.headers["retry-after"]) >= 1
    pickup = est.client.post(
        "/api/v1/pickup",
        json={"serial_number": slip.serial_number, "download_password": slip.download_password},
    )
    assert pickup.status_code == 429


def test_a_page_of_another_site_moves_nobody_to_enrol(
    bureau: Bureau, program: tuple[EstClient, x509.Certificate], slip: IssuedSlip
) -> None:
    """The browser would add the client certificate; it also says where the request is from."""
    est, present = program
    request = request_for(new_key(), present.subject)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert est.post("simplereenroll", request, headers=headers).status_code == 403
        refused = est.post("simpleenroll", request, slip, headers=headers)
        assert refused.status_code == 403
        assert refused.headers["content-type"].startswith("text/plain")
    # What a form can send without asking first is not taken for a request at all.
    plain = est.post("simplereenroll", request, headers={"content-type": "text/plain"})
    assert plain.status_code == 415


def test_a_signer_that_is_away_is_waited_for(
    bureau: Bureau, slip: IssuedSlip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7030 section 4.2.3: 202 with Retry-After, and the same request again."""
    est, request = public_client(bureau), request_for(new_key())

    def silent(*_: object, **__: object) -> x509.Certificate:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as patch:
        patch.setattr(bureau.house.certification.issuance, "complete", silent)
        waiting = est.post("simpleenroll", request, slip)
    assert waiting.status_code == 202
    assert int(waiting.headers["retry-after"]) >= 1
    certificate = the_certificate_in(est.post("simpleenroll", request, slip))
    assert serial_number_of(certificate.serial_number) == slip.serial_number


def test_what_could_not_even_be_accepted_is_a_503(
    bureau: Bureau, slip: IssuedSlip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Unavailable("throttle-unavailable")

    monkeypatch.setattr(bureau.house.enrollment.pickup._verifier, "verify", broken)
    answer = public_client(bureau).post("simpleenroll", request_for(new_key()), slip)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


def test_the_other_paths_of_the_portal_stay_closed(bureau: Bureau) -> None:
    """Only what is named is open; a label or another method is not."""
    visitor = bureau.visitor()
    for method, path in (
        ("GET", f"{EST}/simplereenroll"),
        ("POST", f"{EST}/cacerts"),
        ("GET", f"{EST}/label/cacerts"),
        ("GET", f"{EST}/cacerts/"),
        ("POST", f"{EST}/fullcmc"),
        ("GET", f"{EST}/../../api/v1/session"),
    ):
        assert visitor.request(method, path).status_code in (401, 403), path


def test_subject_and_names_come_from_the_register(bureau: Bureau, slip: IssuedSlip) -> None:
    wanted = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "administrator")])
    certificate = the_certificate_in(
        public_client(bureau).post("simpleenroll", request_for(new_key(), wanted), slip)
    )
    (user_id,) = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    assert user_id.value == slip.username


def test_another_key_for_the_same_slip_is_a_conflict_in_plain_words(
    bureau: Bureau, slip: IssuedSlip
) -> None:
    est = public_client(bureau)
    the_certificate_in(est.post("simpleenroll", request_for(new_key()), slip))
    answer = est.post("simpleenroll", request_for(new_key()), slip)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/plain")
    assert "another key" in answer.text


def test_the_json_pickup_gives_certificate_and_chain(bureau: Bureau, slip: IssuedSlip) -> None:
    key = new_key()
    pem = base64.encodebytes(request_for(key)).decode()
    answer = public_client(bureau).client.post(
        "/api/v1/pickup/csr",
        json={
            "serial_number": slip.serial_number,
            "download_password": slip.download_password,
            "csr": pem,
        },
    )
    assert answer.status_code == 200, answer.text
    document = answer.json()
    certificate = x509.load_pem_x509_certificate(document["certificate"].encode())
    assert certificate.public_key() == key.public_key()
    assert document["serial_number"] == slip.serial_number
    assert len(document["chain"]) == 1
    issuing = x509.load_pem_x509_certificate(document["chain"][0].encode())
    certificate.verify_directly_issued_by(issuing)
