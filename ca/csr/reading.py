"""The forms a request comes in: DER, PEM (RFC 7468 section 7), and bare base64."""

import base64
import re

from ca.csr.errors import CsrRefused

# The largest honest request, RSA-4096 with a long subject, has under 3 KiB.
MAXIMUM_OCTETS = 16 * 1024

_DER_SEQUENCE = b"\x30"
# "NEW" is what Microsoft's tools and old Netscape ones write.
_BEGIN = re.compile(rb"-----BEGIN (NEW )?CERTIFICATE REQUEST-----")
_BLOCK = re.compile(
    rb"-----BEGIN (?P<label>(?:NEW )?CERTIFICATE REQUEST)-----"
    rb"(?P<content>[A-Za-z0-9+/=\s]*)-----END (?P=label)-----"
)


def read_der(unverified: bytes) -> bytes:
    """Return the DER inside; raises `CsrRefused`. Looks at the armour, not at the content."""
    if len(unverified) > MAXIMUM_OCTETS:
        # Before anything is parsed: the work is bounded by this.
        raise CsrRefused.too_large(MAXIMUM_OCTETS)
    # No base64 of a SEQUENCE begins with "0", so the two cannot be mistaken.
    if unverified.startswith(_DER_SEQUENCE):
        return unverified
    return _decode(_pem_content(unverified) if b"-----" in unverified else unverified)


def _pem_content(unverified: bytes) -> bytes:
    block = _BLOCK.search(unverified)
    if block is None or len(_BEGIN.findall(unverified)) != 1:
        # Two requests: which one somebody looked at would be anybody's guess.
        raise CsrRefused.malformed()
    return block["content"]


def _decode(unverified: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(unverified.split()), validate=True)
    except ValueError as failure:
        raise CsrRefused.malformed() from failure
