"""Bodies of EST: base64 of DER, whatever the headers say (RFC 8951 section 3.1).

RFC 7030 named a Content-Transfer-Encoding header, which HTTP does not have.
RFC 8951 lets receivers ignore it; it is still sent, because clients from before
look for it.
"""

import base64
import binascii
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from foundation.errors import Invalid

# A request for an RSA-4096 key has 1.7 KiB; attributes are not looked at.
LONGEST_REQUEST = 16 * 1024

_WHITE_SPACE = b" \t\r\n"


def read_body(unverified_body: bytes) -> bytes:
    """Return the octets that a request's body carries.

    White space anywhere is tolerated (RFC 8951 section 3.1). Raises `Invalid`
    ("payload-too-large", "est-body-not-base64").
    """
    if len(unverified_body) > LONGEST_REQUEST:
        raise Invalid("payload-too-large", kilobytes=LONGEST_REQUEST // 1024)
    compact = unverified_body.translate(None, _WHITE_SPACE)
    try:
        octets = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Invalid("est-body-not-base64") from fault
    if not octets:
        raise Invalid("est-body-not-base64")
    return octets


def write_body(der: bytes) -> bytes:
    """Return `der` in base64 without line breaks (RFC 8951 section 3, RFC 4648 section 3.1).

    strongSwan's client, for one, does not skip any.
    """
    return base64.b64encode(der)


def certs_only(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return a certs-only CMC Simple PKI Response in DER (RFC 5272 section 4.1)."""
    return pkcs7.serialize_certificates(list(certificates), Encoding.DER)
