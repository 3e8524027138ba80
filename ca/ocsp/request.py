"""Reading OCSP requests (RFC 6960 section 4.1).

Signatures on requests are optional (4.1.2) and not looked at: answers are
public. As in RFC 5019 section 2.1.1 a request asks about one certificate.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from ca.ocsp.refusal import Malformed, Unauthorized

# A request about one certificate with the longest nonce has about 250 octets;
# this leaves room for a signature with its certificate.
LONGEST_REQUEST = 4096
# RFC 9654 section 2.1: any other length MUST be refused as malformed.
NONCE_LENGTHS = range(1, 129)

_NOT_READABLE = (
    ValueError,
    TypeError,
    NotImplementedError,  # more than one certificate is asked about
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True)
class StatusQuery:
    """One CertID and the nonce to send back."""

    hash_algorithm: hashes.HashAlgorithm
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial_number: int
    nonce: bytes | None


def read_request(unverified_der: bytes) -> StatusQuery:
    """Return the query; raises `Malformed`, or `Unauthorized` for an unknown hash."""
    if len(unverified_der) > LONGEST_REQUEST:
        raise Malformed
    try:
        request = ocsp.load_der_ocsp_request(unverified_der)
        nonce = _nonce_of(request.extensions)
        serial_number = request.serial_number
    except _NOT_READABLE as fault:
        raise Malformed from fault
    if serial_number < 0:
        # RFC 5280 section 4.1.2.2: positive. No answer could repeat it.
        raise Malformed
    try:
        hash_algorithm = request.hash_algorithm
    except UnsupportedAlgorithm as unknown:
        raise Unauthorized from unknown
    return StatusQuery(
        hash_algorithm,
        request.issuer_name_hash,
        request.issuer_key_hash,
        serial_number,
        nonce,
    )


def _nonce_of(extensions: x509.Extensions) -> bytes | None:
    nonce: bytes | None = None
    for extension in extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            nonce = extension.value.nonce
        elif extension.critical:
            # Section 4.4: only what is not critical may be ignored.
            raise Malformed
    if nonce is not None and len(nonce) not in NONCE_LENGTHS:
        raise Malformed
    return nonce
