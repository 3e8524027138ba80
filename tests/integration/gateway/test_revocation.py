"""Revocation is one act: certificate, sessions, CRL and OCSP in the same second (item 8)."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from starlette.testclient import TestClient

from tests.support.answers import code_of
from tests.support.bureau import OPERATOR, Bureau


def crl_of(bureau: Bureau) -> x509.CertificateRevocationList:
    answer = TestClient(bureau.pki).get("/crl/issuing.crl")
    return x509.load_der_x509_crl(answer.content)


def ocsp_status(bureau: Bureau, chain: tuple[bytes, ...]) -> ocsp.OCSPCertStatus:
    leaf, issuing = (x509.load_der_x509_certificate(der) for der in chain[:2])
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, SHA256()).build()
    octets = request.public_bytes(Encoding.DER)
    posted = TestClient(bureau.pki).post(
        "/ocsp", content=octets, headers={"content-type": "application/ocsp-request"}
    )
    got = TestClient(bureau.pki).get(f"/ocsp/{base64.b64encode(octets).decode()}")
    statuses = {
        ocsp.load_der_ocsp_response(answer.content).certificate_status for answer in (posted, got)
    }
    assert len(statuses) == 1
    return statuses.pop()


def test_a_security_officer_revokes_and_all_is_over_at_once(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    unit = bureau.visitor(chain)
    unit.log_in(slip.username, slip.initial_password)
    unit.reset(slip.initial_password)
    officer = bureau.arrive(bureau.register_officer("zhao.qiang", "security_officer"))
    assert ocsp_status(bureau, chain) is ocsp.OCSPCertStatus.GOOD

    found = officer.get("/api/v1/certificates", params={"q": "江城精密"}).json()["items"]
    assert [item["serial_number"] for item in found] == [slip.serial_number]
    answer = officer.post(
        f"/api/v1/certificates/{slip.serial_number}/revoke", json={"reason": "keyCompromise"}
    )
    assert answer.status_code == 200
    receipt = answer.json()
    assert receipt["serial_number"] == slip.serial_number
    assert receipt["username"] == slip.username
    assert receipt["sessions_ended"] == 1

    refused = unit.get("/api/v1/session")
    assert (refused.status_code, code_of(refused)) == (403, "certificate-revoked")
    entry = crl_of(bureau).get_revoked_certificate_by_serial_number(int(slip.serial_number, 16))
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == (
        x509.ReasonFlags.key_compromise
    )
    assert ocsp_status(bureau, chain) is ocsp.OCSPCertStatus.REVOKED
    again = officer.post(
        f"/api/v1/certificates/{slip.serial_number}/revoke", json={"reason": "keyCompromise"}
    )
    assert again.status_code == 409


def test_a_hold_is_lifted_by_two_officers_and_needs_a_new_login(bureau: Bureau) -> None:
    """Issue 3, part 7: one officer is enough for a hold, a release takes two."""
    slip = bureau.register_unit()
    unit = bureau.arrive(slip)
    officer = bureau.arrive(bureau.register_officer("zhao.qiang", "security_officer"))
    second = bureau.arrive(bureau.register_officer("sun.li", "security_officer"))
    here = f"/api/v1/certificates/{slip.serial_number}"
    assert officer.post(f"{here}/hold").status_code == 200
    assert code_of(unit.get("/api/v1/session")) == "certificate-revoked"
    proposed = officer.post(f"{here}/release")
    assert proposed.status_code == 202
    assert code_of(unit.get("/api/v1/session")) == "certificate-revoked"
    proposal = proposed.json()
    answer = second.post(
        f"{proposed.headers['location']}/approve", json={"digest": proposal["digest"]}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "executed")
    assert answer.json()["outcome"]["act"] == "released"
    assert unit.get("/api/v1/session").status_code == 401
    assert (
        crl_of(bureau).get_revoked_certificate_by_serial_number(int(slip.serial_number, 16)) is None
    )


@pytest.mark.parametrize(
    "roles",
    [("review_officer",), ("administrator",), ("auditor",), ("enrollment_officer",)],
)
def test_only_security_officers_revoke(bureau: Bureau, roles: tuple[str, ...]) -> None:
    slip = bureau.register_unit()
    officer = bureau.arrive(bureau.register_officer("li.hong", *roles))
    answer = officer.post(
        f"/api/v1/certificates/{slip.serial_number}/revoke", json={"reason": "keyCompromise"}
    )
    assert (answer.status_code, code_of(answer)) == (403, "not-allowed")


def test_a_role_change_bites_on_the_next_request(bureau: Bureau) -> None:
    """Issue item 6, AMB-21."""
    officer = bureau.arrive(bureau.register_officer("wang.fang", "security_officer"))
    assert officer.get("/api/v1/certificates").status_code == 200
    officers = bureau.house.enrollment.officers
    with bureau.house.database.writing() as session:
        officers.grant_role(session, "wang.fang", "auditor", OPERATOR)
        officers.revoke_role(session, "wang.fang", "security_officer", OPERATOR)
    assert officer.get("/api/v1/certificates").status_code == 403
    assert officer.get("/officer/audit").status_code == 200


def test_a_suspended_unit_is_blocked_at_the_gateway(bureau: Bureau) -> None:
    """AMB-21, ENR-20."""
    slip = bureau.register_unit()
    unit = bureau.arrive(slip)
    standing = bureau.house.enrollment.standing
    with bureau.house.database.writing() as session:
        standing.suspend(session, slip.username, OPERATOR)
    assert unit.get("/api/v1/session").status_code in {401, 403}
    with bureau.house.database.writing() as session:
        standing.resume(session, slip.username, OPERATOR)
    assert unit.get("/api/v1/session").status_code == 401


def test_reissue_keeps_the_username_and_kills_the_old_credential(bureau: Bureau) -> None:
    """AMB-05: new passwords and serial, old certificate revoked, reset forced again."""
    slip = bureau.register_unit()
    unit = bureau.arrive(slip)
    with bureau.house.database.writing() as session:
        fresh = bureau.house.enrollment.reissue.reissue(
            session, slip.username, "superseded", OPERATOR
        )
    assert fresh.username == slip.username
    assert fresh.serial_number != slip.serial_number
    assert code_of(unit.get("/api/v1/session")) == "certificate-revoked"
    renewed = bureau.visitor(bureau.pick_up(fresh))
    answer = renewed.log_in(fresh.username, fresh.initial_password)
    assert answer.json()["must_change_password"] is True


def test_an_expired_certificate_is_told_so(bureau: Bureau) -> None:
    unit = bureau.arrive(bureau.register_unit())
    bureau.clock.advance(days=2 * 365 + 1)
    bureau.house.certification.refresh_crls()
    answer = unit.get("/api/v1/session")
    assert (answer.status_code, code_of(answer)) == (403, "certificate-expired")
