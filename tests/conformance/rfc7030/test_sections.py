"""RFC 7030 and RFC 8951, section by section, on the wire format of each operation."""

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from starlette.testclient import TestClient

from ca.serial_numbers import serial_number_of
from tests.conformance.rfc7030.conftest import Credential, Gateway
from tests.support.est import (
    EST,
    PUBLIC,
    EstClient,
    certificates_in,
    parts_of,
    portal_client,
    public_client,
    the_certificate_in,
)
from tests.support.renewing import new_key, request_for

pytestmark = pytest.mark.conformance

CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only"
DECRYPT_KEY_IDENTIFIER = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.37")
ASYMMETRIC_DECRYPT_KEY_IDENTIFIER = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.54")
CHANGE_SUBJECT_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.7.36")


@pytest.fixture
def est(gateway: Gateway) -> EstClient:
    return public_client(gateway.bureau)


@pytest.fixture(scope="module")
def present(gateway: Gateway) -> Credential:
    """One credential for what is refused; none of these tests renews it."""
    return gateway.settle()


def by(gateway: Gateway, credential: Credential) -> EstClient:
    return portal_client(gateway.bureau, credential.chain)


def test_3_2_3_a_401_asks_for_basic(est: EstClient) -> None:
    answer = est.post("simpleenroll", request_for(new_key()))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + "A" * 5000,
        "Bearer " + base64.b64encode(b"serial:password").decode(),
        "Digest username=serial",
    ],
)
def test_3_2_3_credentials_that_cannot_be_read_are_none(est: EstClient, header: str) -> None:
    answer = est.post("simpleenroll", request_for(new_key()), headers={"authorization": header})
    assert answer.status_code == 401


def test_4_1_3_cacerts_is_certs_only(gateway: Gateway, est: EstClient) -> None:
    answer = est.get("cacerts")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == CERTS_ONLY
    hierarchy = gateway.bureau.house.certification.hierarchy
    # A SET in DER has an order of its own (X.690 section 11.6).
    assert len(certificates_in(answer.content)) == 2
    assert set(certificates_in(answer.content)) == {
        hierarchy.issuing.certificate,
        hierarchy.root.certificate,
    }


def test_4_2_1_the_media_type_is_pkcs10(gateway: Gateway, est: EstClient) -> None:
    slip = gateway.register()
    for media_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = est.post(
            "simpleenroll", request_for(new_key()), slip, headers={"content-type": media_type}
        )
        assert answer.status_code == 415, media_type


def test_4_2_3_the_answer_holds_only_the_certificate_that_was_issued(
    gateway: Gateway, est: EstClient
) -> None:
    slip, key = gateway.register(), new_key()
    answer = est.post("simpleenroll", request_for(key), slip)
    assert answer.headers["content-type"] == CERTS_ONLY
    certificate = the_certificate_in(answer)
    assert serial_number_of(certificate.serial_number) == slip.serial_number
    assert certificate.public_key() == key.public_key()


def test_4_2_3_the_same_request_again_gives_the_same_certificate(
    gateway: Gateway, est: EstClient
) -> None:
    """A client that lost the answer repeats the request."""
    slip, request = gateway.register(), request_for(new_key())
    answers = [est.post("simpleenroll", request, slip) for _ in range(2)]
    assert the_certificate_in(answers[0]) == the_certificate_in(answers[1])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not base64 at all!",
        base64.b64encode(b"not a request"),
        base64.b64encode(b"0\x80"),
        b"=" * 40,
        b"\x00\xff\xfe",
        b"-----BEGIN CERTIFICATE REQUEST-----",
    ],
)
def test_4_2_3_a_bad_request_is_a_400_in_plain_text(
    gateway: Gateway, est: EstClient, body: bytes
) -> None:
    """RFC 8951 section 5: a 4xx, and text for a person."""
    answer = est.post_body("simpleenroll", body, gateway.register())
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.strip()


def test_4_2_3_a_request_signed_by_another_key_is_refused(gateway: Gateway, est: EstClient) -> None:
    """Proof of possession (section 3.4)."""
    der = bytearray(request_for(new_key()))
    der[-10] ^= 1
    assert est.post("simpleenroll", bytes(der), gateway.register()).status_code == 400


def test_a_large_body_is_refused_before_it_is_read(gateway: Gateway, est: EstClient) -> None:
    slip = gateway.register()
    for size in (20_000, 200_000):
        answer = est.post_body("simpleenroll", b"A" * size, slip)
        assert answer.status_code == 413, size


def test_4_2_2_the_names_must_be_those_of_the_present_certificate(
    gateway: Gateway, present: Credential
) -> None:
    subject = present.certificate.subject
    name = x509.SubjectAlternativeName([x509.DNSName("officer.example.org")])
    change = b"0\x00"
    for request in (
        request_for(new_key()),
        request_for(new_key(), x509.Name(list(subject)[:-1])),
        request_for(new_key(), x509.Name(reversed(list(subject)))),
        request_for(new_key(), subject, alternative_names=tuple(name)),
        request_for(new_key(), subject, attributes=((CHANGE_SUBJECT_NAME, change),)),
    ):
        answer = by(gateway, present).post("simplereenroll", request)
        assert answer.status_code == 400
        assert "present certificate" in answer.text


def test_4_2_2_the_same_names_renew_with_the_old_key_or_a_new_one(gateway: Gateway) -> None:
    credential = gateway.settle()
    subject = credential.certificate.subject
    renewed = the_certificate_in(
        by(gateway, credential).post("simplereenroll", request_for(credential.key, subject))
    )
    assert renewed.subject == subject
    assert renewed.public_key() == credential.key.public_key()
    other = by(gateway, credential).post("simplereenroll", request_for(new_key(), subject))
    assert other.status_code == 409


def test_4_2_2_before_the_window_it_is_told_when(gateway: Gateway, est: EstClient) -> None:
    slip, key = gateway.register(), new_key()
    bureau = gateway.bureau
    certificate = the_certificate_in(est.post("simpleenroll", request_for(key), slip))
    chain = tuple(
        each.public_bytes(Encoding.DER)
        for each in (certificate, bureau.house.certification.issuer_certificates()[0])
    )
    visitor = bureau.visitor(chain)
    assert visitor.log_in(slip.username, slip.initial_password).status_code == 201
    before_reset = portal_client(bureau, chain).post(
        "simplereenroll", request_for(new_key(), certificate.subject)
    )
    assert before_reset.status_code == 403
    assert visitor.reset(slip.initial_password).status_code == 204
    answer = portal_client(bureau, chain).post(
        "simplereenroll", request_for(new_key(), certificate.subject)
    )
    assert answer.status_code == 409
    assert "too early" in answer.text


def test_4_4_2_the_key_comes_with_its_certificate(gateway: Gateway, est: EstClient) -> None:
    slip, offered = gateway.register(), new_key()
    answer = est.post("serverkeygen", request_for(offered), slip)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("multipart/mixed")
    key_part, certificate_part = parts_of(answer.headers["content-type"], answer.content)
    assert key_part.media_type == "application/pkcs8"
    assert certificate_part.media_type == CERTS_ONLY
    assert {key_part.transfer_encoding, certificate_part.transfer_encoding} == {"base64"}
    key = load_der_private_key(key_part.octets, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    (certificate,) = certificates_in(base64.b64encode(certificate_part.octets))
    assert certificate.public_key() == key.public_key()
    assert key.public_key() != offered.public_key()


def test_4_4_1_key_and_signature_of_the_request_are_ignored(
    gateway: Gateway, est: EstClient
) -> None:
    """ "The server MUST ignore the public key values and signature in the CSR"."""
    der = bytearray(request_for(new_key()))
    der[-10] ^= 1
    assert est.post("serverkeygen", bytes(der), gateway.register()).status_code == 200


def test_4_4_the_same_slip_again_gives_the_same_key(gateway: Gateway, est: EstClient) -> None:
    slip = gateway.register()
    answers = [est.post("serverkeygen", request_for(new_key()), slip) for _ in range(2)]
    keys = [parts_of(each.headers["content-type"], each.content)[0].octets for each in answers]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("attribute", [DECRYPT_KEY_IDENTIFIER, ASYMMETRIC_DECRYPT_KEY_IDENTIFIER])
def test_4_4_1_1_encryption_that_cannot_be_done_is_an_error(
    gateway: Gateway, est: EstClient, attribute: x509.ObjectIdentifier
) -> None:
    """Handing out the key without it would break what the client relies on."""
    slip = gateway.register()
    request = request_for(new_key(), attributes=((attribute, b"an identifier"),))
    answer = est.post("serverkeygen", request, slip)
    assert answer.status_code == 400
    assert "Encrypting" in answer.text
    assert est.post("serverkeygen", request_for(new_key()), slip).status_code == 200


def test_4_4_a_key_is_handed_out_to_the_slip_alone(gateway: Gateway, est: EstClient) -> None:
    slip = gateway.register()
    for pair in (None, (slip.serial_number, "AAAA-BBBB-CCCC-DDDD")):
        answer = est.post("serverkeygen", request_for(new_key()), pair)
        assert answer.status_code == 401


def test_4_5_2_the_attributes_ask_for_p256_and_ecdsa(est: EstClient) -> None:
    answer = est.get("csrattrs")
    assert answer.headers["content-type"] == "application/csrattrs"
    der = base64.b64decode(answer.content)
    # SEQUENCE { SEQUENCE { id-ecPublicKey, SET { secp256r1 } }, ecdsa-with-SHA256 }
    assert der.hex() == ("3021301506072a8648ce3d0201310a06082a8648ce3d03010706082a8648ce3d040302")


def test_8951_3_bodies_have_no_line_breaks(est: EstClient) -> None:
    for operation in ("cacerts", "csrattrs"):
        assert not set(est.get(operation).content) & set(b" \r\n\t")


def test_8951_3_1_white_space_in_a_request_is_tolerated(gateway: Gateway, est: EstClient) -> None:
    slip, encoded = gateway.register(), base64.b64encode(request_for(new_key()))
    lines = [encoded[at : at + 61] for at in range(0, len(encoded), 61)]
    for body in (b"\r\n".join(lines), b"\n".join(lines) + b"\n", b" \t".join(lines)):
        assert est.post_body("simpleenroll", body, slip).status_code == 200


@pytest.mark.parametrize("named", ["base64", "binary", "8bit", "nonsense"])
def test_8951_3_the_transfer_encoding_header_is_ignored(
    gateway: Gateway, est: EstClient, named: str
) -> None:
    answer = est.post(
        "simpleenroll",
        request_for(new_key()),
        gateway.register(),
        headers={"content-transfer-encoding": named},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("operation", ["fullcmc", "label/cacerts", "", "cacerts/x"])
def test_what_is_optional_and_not_offered_is_not_found(est: EstClient, operation: str) -> None:
    assert est.get(operation).status_code == 404


@pytest.mark.parametrize(
    ("method", "operation", "allowed"),
    [
        ("PUT", "simpleenroll", "POST"),
        ("GET", "serverkeygen", "POST"),
        ("POST", "cacerts", "GET, HEAD"),
    ],
)
def test_another_method_hears_which_one_is_meant(
    est: EstClient, method: str, operation: str, allowed: str
) -> None:
    """RFC 9110 section 15.5.6."""
    answer = est.client.request(method, f"{EST}/{operation}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert answer.headers["content-type"].startswith("text/plain")


def test_the_operations_are_in_the_api_description(gateway: Gateway) -> None:
    client = TestClient(gateway.bureau.public, base_url=PUBLIC)
    paths: dict[str, Any] = json.loads(client.get("/api/openapi.json").text)["paths"]
    for operation in ("cacerts", "csrattrs", "simpleenroll", "simplereenroll", "serverkeygen"):
        assert f"{EST}/{operation}" in paths
    enrol = paths[f"{EST}/simpleenroll"]["post"]
    assert set(enrol["requestBody"]["content"]) == {"application/pkcs10"}
    assert "202" in enrol["responses"]
