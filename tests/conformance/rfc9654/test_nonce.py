"""The nonce by sections of RFC 9654."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPResponseStatus

from ca.encoding import der
from ca.ocsp import OcspResponder
from tests.support.revocation import RevocableCa, request_for

pytestmark = pytest.mark.conformance

NEVER_ISSUED = "41424344454647484950"
ID_PKIX_OCSP_NONCE = bytes.fromhex("06092b0601050507300102")


def test_2_1_a_nonce_comes_back(revocable: RevocableCa) -> None:
    """Whatever length the one before had, about the same certificate."""
    number = revocable.issue().serial_number
    for nonce in (bytes(range(length)) for length in (1, 16, 32, 128, 1)):
        answer = revocable.ask(number, nonce=nonce)
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


@pytest.mark.parametrize("length", [0, 129, 500])
def test_2_1_other_lengths_are_malformed(revocable: RevocableCa, length: int) -> None:
    request = _request(revocable, bytes(length))
    assert _status(revocable.responder, request) is OCSPResponseStatus.MALFORMED_REQUEST


def test_2_1_the_nonce_is_an_octet_string_inside_the_extension(revocable: RevocableCa) -> None:
    """Nonce ::= OCTET STRING: the extension's value is DER, octet for octet as it came."""
    nonce = bytes(range(32))
    answer = revocable.ask(NEVER_ISSUED, nonce=nonce)
    extension = der.sequence(ID_PKIX_OCSP_NONCE, der.octet_string(der.octet_string(nonce)))
    assert answer.tbs_response_bytes.endswith(der.explicit(1, der.sequence(extension)))


def test_2_1_it_is_not_critical_in_the_answer(revocable: RevocableCa) -> None:
    answer = revocable.ask(NEVER_ISSUED, nonce=b"n" * 32)
    assert not answer.extensions.get_extension_for_class(x509.OCSPNonce).critical


def test_2_1_without_one_in_the_request_there_is_none_in_the_answer(
    revocable: RevocableCa,
) -> None:
    assert list(revocable.ask(NEVER_ISSUED).extensions) == []


def test_2_1_one_that_is_no_octet_string_is_malformed(revocable: RevocableCa) -> None:
    """Before RFC 8954 some sent the bare octets; what cannot be read is not repeated."""
    whole = _request(revocable, b"0123456789abcdef")
    inner = der.octet_string(der.octet_string(b"0123456789abcdef"))
    raw = whole.replace(inner, b"\x04\x12" + bytes(18))
    assert raw != whole
    assert _status(revocable.responder, raw) is OCSPResponseStatus.MALFORMED_REQUEST


def test_3_1_an_answer_to_one_nonce_is_never_given_to_another(revocable: RevocableCa) -> None:
    """Section 3.1, replay: each nonce has an answer signed for it."""
    number = revocable.issue().serial_number
    answers = [revocable.ask(number, nonce=bytes([one]) * 32) for one in range(5)]
    assert len({answer.public_bytes(Encoding.DER) for answer in answers}) == 5


def _request(revocable: RevocableCa, nonce: bytes) -> bytes:
    return request_for(revocable.ca.hierarchy.issuing.certificate, NEVER_ISSUED, nonce=nonce)


def _status(responder: OcspResponder, request: bytes) -> OCSPResponseStatus:
    return ocsp.load_der_ocsp_response(responder.respond(request)).response_status
