"""Names written without the library's objects: their DER, and their words for a table.

Every certificate of a batch has another subject, and building five objects, their
encoding and their text for each costs as much as half a signature. What stands
here is the same octet for octet and letter for letter as what the library makes
(tests/unit/ca/test_written_names.py), and the linter reads it with the library.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography import x509

from ca.encoding.der import SEQUENCE, element, header, object_identifier, sequence

_SET: Final = 0x31
_UTF8_STRING: Final = 0x0C
# RFC 4514 section 2.4: what must be escaped somewhere. The library does it then.
_SPECIAL: Final = re.compile(r'[\\"+,;<>\x00]|^[# ]| $')


class WrittenName(NamedTuple):
    """A name in DER (RFC 5280 section 4.1.2.4), or one RDN of it, and as RFC 4514 writes it."""

    der: bytes
    text: str


def write_name(parts: Sequence[WrittenName]) -> WrittenName:
    """Return the name of these RDNs, in their order; the text has them the other way round."""
    return WrittenName(
        sequence(*(part.der for part in parts)), ",".join(part.text for part in reversed(parts))
    )


def write_attribute(oid: x509.ObjectIdentifier, value: str) -> WrittenName:
    """Return the RDN of one attribute as UTF8String. Does not check anything."""
    octets = value.encode()
    before, word = _frame(oid, len(octets))
    if _SPECIAL.search(value):
        text = x509.NameAttribute(oid, value).rfc4514_string()
    else:
        text = f"{word}={value}"
    return WrittenName(before + octets, text)


@lru_cache(maxsize=64)
def write_default(attribute: x509.NameAttribute[str]) -> WrittenName:
    """Return the RDN of an attribute that a profile has, in the string type it has there."""
    name = x509.Name([attribute])
    whole = name.public_bytes()
    # Its only RDN stands behind tag and length, which are two to four octets.
    start = next(size for size in (2, 3, 4) if len(header(SEQUENCE, len(whole) - size)) == size)
    return WrittenName(whole[start:], name.rfc4514_string())


@lru_cache(maxsize=1024)
def _frame(oid: x509.ObjectIdentifier, length: int) -> tuple[bytes, str]:
    """Return what stands before a value of `length` octets in its RDN, and the type's name."""
    word = x509.NameAttribute(oid, "AA").rfc4514_string().partition("=")[0]
    kind = object_identifier(oid.dotted_string)
    placeholder = bytes(length)
    rdn = element(_SET, sequence(kind, element(_UTF8_STRING, placeholder)))
    return rdn[: len(rdn) - length], word
