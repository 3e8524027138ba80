"""The ``Client-Cert`` header (RFC 9440): a client's certificate, told by an edge.

Read more strictly than the RFC demands. Two readers that understand one value
differently are how a certificate is smuggled past one of them, so a value has
exactly one spelling here: an sf-binary Item (RFC 9651 section 3.3.5) without
parameters, in canonical base64 with its padding.
"""

import base64
import binascii
from collections.abc import Sequence

from ca.verification.certificate import LONGEST_CERTIFICATE
from foundation.errors import Invalid

# Four characters for three octets, and two colons.
_LONGEST_VALUE = (LONGEST_CERTIFICATE + 2) // 3 * 4 + 2


def read_client_certificate(values: Sequence[bytes]) -> bytes | None:
    """Return the DER octets of the one value of the header, or None without the header.

    Raises `Invalid` ("malformed-request") for several, an empty or too long one,
    and any other spelling. That the octets are a certificate is not checked
    here, nor anything it says: `ca.verification` does.
    """
    if not values:
        return None
    if len(values) != 1:
        # A list of certificates is not this header (RFC 9440 section 2.2).
        raise Invalid("malformed-request")
    value = values[0]
    if len(value) > _LONGEST_VALUE or value[:1] != b":" or value[-1:] != b":":
        raise Invalid("malformed-request")
    encoded = value[1:-1]
    try:
        der = base64.b64decode(encoded, validate=True)
    except binascii.Error as wrong:
        raise Invalid("malformed-request") from wrong
    # Bits behind the last octet must be zero: base64 has several spellings else.
    if not der or base64.b64encode(der) != encoded:
        raise Invalid("malformed-request")
    return der
