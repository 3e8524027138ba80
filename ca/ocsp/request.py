"""Reading OCSP requests (RFC 6960 section 4.1, within RFC 5019 section 2.1).

A reader of our own, because an answer repeats the CertID and its signature
covers it: octets are only repeated that are the one DER encoding of what was
understood. It is also three times as fast as the library's objects.

Signatures on requests are optional (4.1.2) and not looked at: answers are
public. As in RFC 5019 section 2.1.1 a request asks about one certificate.
"""

from typing import NamedTuple

from ca.ocsp.der_reader import BOOLEAN, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, DerReader
from ca.ocsp.refusal import Malformed

# A request about one certificate with the longest nonce has about 250 octets;
# this leaves room for a signature with its certificate.
LONGEST_REQUEST = 4096
# RFC 9654 section 2.1: any other length MUST be refused as malformed.
NONCE_LENGTHS = range(1, 129)

_NONCE = bytes.fromhex("2b0601050507300102")  # id-pkix-ocsp-nonce, RFC 9654 section 2.1
_EXPLICIT_0, _EXPLICIT_1, _EXPLICIT_2 = 0xA0, 0xA1, 0xA2
_TRUE = b"\xff"


class StatusQuery(NamedTuple):
    """One CertID and the nonce to send back.

    `cert_id` is the CertID in DER; `issuer_part` is what stands in it before
    the serial number: algorithm and both hashes, in DER.
    """

    cert_id: bytes
    issuer_part: bytes
    serial_number: int
    nonce: bytes | None


def read_request(unverified_der: bytes) -> StatusQuery:
    """Return the query; raises `Malformed` for what breaks the syntax or the profile."""
    if len(unverified_der) > LONGEST_REQUEST:
        raise Malformed
    outer = DerReader(unverified_der)
    request = outer.enter(SEQUENCE)
    outer.finish()
    tbs = request.enter(SEQUENCE)
    if request.peek() == _EXPLICIT_0:
        _skip_wrapped(request, _EXPLICIT_0)  # optionalSignature
    request.finish()

    # version is v1, which is the default and so is absent in DER (X.690 11.5).
    if tbs.peek() == _EXPLICIT_1:
        _skip_wrapped(tbs, _EXPLICIT_1)  # requestorName
    query = _read_requests(unverified_der, tbs.enter(SEQUENCE))
    nonce = _read_extensions(tbs, _EXPLICIT_2) if tbs.peek() == _EXPLICIT_2 else None
    tbs.finish()
    return query if nonce is None else _with_nonce(query, nonce)


def _read_requests(octets: bytes, requests: DerReader) -> StatusQuery:
    one = requests.enter(SEQUENCE)
    requests.finish()  # RFC 5019 section 2.1.1: one and no more
    start = one.position
    cert_id = one.enter(SEQUENCE)
    end = one.position
    if one.peek() == _EXPLICIT_0:
        _read_extensions(one, _EXPLICIT_0)
    one.finish()

    issuer_start = cert_id.position
    _read_algorithm(cert_id.enter(SEQUENCE))
    cert_id.content(OCTET_STRING)
    cert_id.content(OCTET_STRING)
    issuer_end = cert_id.position
    serial_number = cert_id.integer()
    cert_id.finish()
    if serial_number < 0:
        # RFC 5280 section 4.1.2.2: positive. There is no such certificate.
        raise Malformed
    return StatusQuery(octets[start:end], octets[issuer_start:issuer_end], serial_number, None)


def _read_algorithm(algorithm: DerReader) -> None:
    algorithm.content(OBJECT_IDENTIFIER)
    if not algorithm.is_at_end():
        algorithm.skip()  # parameters
    algorithm.finish()


def _read_extensions(parent: DerReader, tag: int) -> bytes | None:
    """Return the nonce among the extensions; others may be ignored unless they are critical.

    RFC 6960 section 4.4; RFC 5280 section 4.2: no extension occurs twice.
    """
    wrapper = parent.enter(tag)
    extensions = wrapper.enter(SEQUENCE)
    wrapper.finish()
    if extensions.is_at_end():
        raise Malformed
    seen: set[bytes] = set()
    nonce: bytes | None = None
    while not extensions.is_at_end():
        extension = extensions.enter(SEQUENCE)
        name = extension.content(OBJECT_IDENTIFIER)
        critical = extension.peek() == BOOLEAN and _read_true(extension)
        value = extension.content(OCTET_STRING)
        extension.finish()
        if name in seen:
            raise Malformed
        seen.add(name)
        if name == _NONCE and tag == _EXPLICIT_2:
            nonce = _read_nonce(value)
        elif critical:
            raise Malformed
    return nonce


def _read_true(extension: DerReader) -> bool:
    # False is the default, which DER leaves out, and true is 0xFF (X.690 11.1).
    if extension.content(BOOLEAN) != _TRUE:
        raise Malformed
    return True


def _read_nonce(value: bytes) -> bytes:
    reader = DerReader(value)
    nonce = reader.content(OCTET_STRING)
    reader.finish()
    if len(nonce) not in NONCE_LENGTHS:
        raise Malformed
    return nonce


def _skip_wrapped(parent: DerReader, tag: int) -> None:
    wrapper = parent.enter(tag)
    wrapper.skip()
    wrapper.finish()


def _with_nonce(query: StatusQuery, nonce: bytes) -> StatusQuery:
    return StatusQuery(query.cert_id, query.issuer_part, query.serial_number, nonce)
