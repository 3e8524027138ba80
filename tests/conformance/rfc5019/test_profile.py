"""The lightweight profile by sections of RFC 5019."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from fastapi import FastAPI
from starlette.testclient import TestClient

from ca.encoding import der
from ca.ocsp import ocsp_router
from tests.support.revocation import RevocableCa, request_for

pytestmark = pytest.mark.conformance

NEVER_ISSUED = "41424344454647484950"


@pytest.fixture
def client(revocable: RevocableCa) -> Iterator[TestClient]:
    """An HTTP cache, or a client without one."""
    app = FastAPI()
    app.include_router(ocsp_router(revocable.responder))
    with TestClient(app) as client:
        yield client


def test_2_1_1_one_certificate_to_a_request(revocable: RevocableCa) -> None:
    one = _request(revocable, NEVER_ISSUED)
    single = one[one.index(b"\x30", 6) :]  # requestList has one element
    both = der.sequence(der.sequence(der.sequence(single + single)))
    assert _status(revocable, der.sequence(der.sequence(der.sequence(single)))) is (
        OCSPResponseStatus.SUCCESSFUL
    )
    assert _status(revocable, both) is OCSPResponseStatus.MALFORMED_REQUEST


def test_2_1_1_sha1_names_the_issuer(revocable: RevocableCa) -> None:
    number = revocable.issue().serial_number
    answer = revocable.ask(number, hashes.SHA1())  # noqa: S303
    assert answer.certificate_status is OCSPCertStatus.GOOD
    assert isinstance(answer.hash_algorithm, hashes.SHA1)


def test_2_1_2_requests_need_no_signature_and_may_have_one(revocable: RevocableCa) -> None:
    request = _request(revocable, NEVER_ISSUED)
    tbs = request[2:]
    algorithm = der.sequence(bytes.fromhex("06082a8648ce3d040302"))
    signed = der.sequence(
        tbs, der.explicit(0, der.sequence(algorithm, der.bit_string(b"whatever")))
    )
    assert _status(revocable, signed) is OCSPResponseStatus.SUCCESSFUL


def test_2_2_1_one_answer_in_a_basic_response(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    assert len(list(answer.responses)) == 1


def test_2_2_1_the_responder_is_named_by_its_key(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    signer = revocable.ca.hierarchy.ocsp_signers["issuing"].certificate
    own = x509.SubjectKeyIdentifier.from_public_key(signer.public_key())
    assert answer.responder_key_hash == own.digest
    assert answer.responder_name is None


def test_2_2_2_the_signers_certificate_is_enclosed(revocable: RevocableCa) -> None:
    (enclosed,) = revocable.ask(NEVER_ISSUED).certificates
    enclosed.verify_directly_issued_by(revocable.ca.hierarchy.issuing.certificate)


def test_2_2_3_who_cannot_answer_says_unauthorized(revocable: RevocableCa) -> None:
    root = revocable.ca.hierarchy.root.certificate
    assert _status(revocable, request_for(root, NEVER_ISSUED)) is OCSPResponseStatus.UNAUTHORIZED


def test_2_2_4_this_update_next_update_and_produced_at(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    assert answer.next_update_utc is not None
    assert answer.this_update_utc <= answer.produced_at_utc < answer.next_update_utc


def test_4_an_answer_given_again_has_half_of_its_life_before_it(revocable: RevocableCa) -> None:
    """Section 4: a client refuses one whose nextUpdate has passed."""
    number = revocable.issue().serial_number
    for _ in range(20):
        revocable.ca.clock.advance(seconds=40)
        answer = revocable.ask(number)
        assert answer.next_update_utc is not None
        left = answer.next_update_utc - revocable.ca.clock.now()
        assert left > timedelta(minutes=2, seconds=29)


def test_5_get_and_post_say_the_same(client: TestClient, revocable: RevocableCa) -> None:
    request = _request(revocable, revocable.issue().serial_number)
    got, posted = client.get(_path(request)), client.post("/ocsp", content=request)
    assert got.content == posted.content


def test_6_2_what_http_caches_are_told(client: TestClient, revocable: RevocableCa) -> None:
    response = client.get(_path(_request(revocable, revocable.issue().serial_number)))
    answer = ocsp.load_der_ocsp_response(response.content)
    assert parsedate_to_datetime(response.headers["last-modified"]) == answer.this_update_utc
    assert parsedate_to_datetime(response.headers["expires"]) == answer.next_update_utc
    assert response.headers["etag"].startswith('"')
    control = response.headers["cache-control"].split(", ")
    # Earlier than nextUpdate, as the section wants: at once (decision 17).
    assert set(control) == {"public", "max-age=0", "must-revalidate", "no-transform"}


@pytest.mark.parametrize("kind", ["nonce", "unknown", "error"])
def test_6_2_what_is_for_one_asker_is_not_stored(
    client: TestClient, revocable: RevocableCa, kind: str
) -> None:
    request = {
        "nonce": _request(revocable, revocable.issue().serial_number, b"n" * 32),
        "unknown": _request(revocable, NEVER_ISSUED),
        "error": b"no request",
    }[kind]
    assert client.get(_path(request)).headers["cache-control"] == "no-store"


def _request(revocable: RevocableCa, serial_number: str, nonce: bytes | None = None) -> bytes:
    issuer = revocable.ca.hierarchy.issuing.certificate
    return request_for(issuer, serial_number, nonce=nonce)


def _path(request: bytes) -> str:
    return "/ocsp/" + quote(base64.b64encode(request), safe="")


def _status(revocable: RevocableCa, request: bytes) -> OCSPResponseStatus:
    return ocsp.load_der_ocsp_response(revocable.responder.respond(request)).response_status
