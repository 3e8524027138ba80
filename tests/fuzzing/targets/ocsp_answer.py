"""The responder as a whole: whatever is asked, an OCSP response comes (RFC 6960 section 4.2).

A signed one is about what was asked, carries its nonce, and says "good" of
nothing but the certificate that we issued.
"""

from collections.abc import Iterator
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from ca.ocsp.refusal import Malformed
from ca.ocsp.request import read_request
from tests.fuzzing.certified import certified
from tests.fuzzing.target import Target
from tests.fuzzing.targets import ocsp_request
from tests.support.revocation import request_for


def examine(data: bytes) -> None:
    ca = certified()
    _judge(data)
    # The same about our own issuing CA, whose hashes no kept input knows.
    try:
        asked = read_request(data)
    except Malformed:
        return
    ours = request_for(ca.ca.hierarchy.issuing.certificate, _good(), hashes.SHA256(), asked.nonce)
    _judge(ours)
    _judge(ours[: len(data)] + data[len(ours) :])


def _judge(data: bytes) -> None:
    ca, good = certified(), _good()
    response = ocsp.load_der_ocsp_response(ca.responder.respond(data))
    if response.response_status is not OCSPResponseStatus.SUCCESSFUL:
        assert response.response_status in {
            OCSPResponseStatus.MALFORMED_REQUEST,
            OCSPResponseStatus.UNAUTHORIZED,
        }
        return
    asked = read_request(data)
    assert response.serial_number == asked.serial_number
    assert _nonce(response) == asked.nonce
    if response.certificate_status is OCSPCertStatus.GOOD:
        assert f"{response.serial_number:X}" == good


def _nonce(response: ocsp.OCSPResponse) -> bytes | None:
    try:
        return response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


@cache
def _good() -> str:
    return certified().issue().serial_number


def seeds() -> Iterator[bytes]:
    # The issuer's key is another one in each run, so these are only about its form.
    issuer = certified().ca.hierarchy.issuing.certificate
    for algorithm in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303  # they name the issuer
        for nonce in (None, bytes(range(32))):
            yield request_for(issuer, _good(), algorithm, nonce)
    yield from ocsp_request.seeds()


TARGET = Target(examine, seeds, words=ocsp_request.TARGET.words)
