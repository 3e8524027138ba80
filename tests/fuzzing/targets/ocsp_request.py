"""OCSP requests in DER (RFC 6960 section 4.1): only `Malformed`, and one meaning.

What our reader takes the library takes too, and both read the same. It is the
other way round on purpose that the library takes more: BER, several
certificates, negative serial numbers.
"""

from collections.abc import Iterator
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.ocsp.refusal import Malformed
from ca.ocsp.repeated import read_again
from ca.ocsp.request import StatusQuery, read_request
from tests.fuzzing.target import Target

_HASHES = (hashes.SHA1(), hashes.SHA256())  # noqa: S303  # they name the issuer
_SERIALS = (1, 0x41424344454647484950, 2**159 - 1)


def examine(data: bytes) -> None:
    query: StatusQuery | None
    try:
        query = read_request(data)
    except Malformed:
        query = None
    else:
        _compare(query, data)
    # What was read before is read alike: the second time it comes out of memory.
    for _ in range(2):
        assert _read_again(data) == query


def _read_again(data: bytes) -> StatusQuery | None:
    try:
        return read_again(data)
    except Malformed:
        return None


def _compare(query: StatusQuery, data: bytes) -> None:
    assert query.cert_id in data
    assert query.issuer_part in query.cert_id
    try:
        theirs = ocsp.load_der_ocsp_request(data)
        serial_number = theirs.serial_number
    except (ValueError, NotImplementedError):
        # Among others an algorithm the library does not know, which we need not know either.
        return
    assert serial_number == query.serial_number
    assert theirs.issuer_key_hash in query.issuer_part
    assert theirs.issuer_name_hash in query.issuer_part
    with suppress(ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        nonce = theirs.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        assert nonce == query.nonce


def seeds() -> Iterator[bytes]:
    for algorithm in _HASHES:
        for serial_number in _SERIALS:
            for nonce in (None, b"n", bytes(range(32)), bytes(128)):
                builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
                    bytes(algorithm.digest_size), bytes(algorithm.digest_size),
                    serial_number, algorithm,
                )  # fmt: skip
                if nonce is not None:
                    builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
                yield builder.build().public_bytes(Encoding.DER)


TARGET = Target(
    examine,
    seeds,
    words=(
        bytes.fromhex("2b0601050507300102"),  # id-pkix-ocsp-nonce
        bytes.fromhex("06052b0e03021a0500"),  # SHA-1 with its NULL
        bytes.fromhex("0609608648016503040201"),  # SHA-256
        b"\xa0\x03\x02\x01\x00",
        b"\xa1\x02\x30\x00",
        b"\xa2",
        b"\x01\x01\xff",
        b"\x30\x80",
    ),
)
