"""Key identifiers (RFC 5280 section 4.2.1.2, method 1)."""

import hashlib

_LONG_FORM = 0x80


def key_identifier(key_bits: bytes) -> bytes:
    """Return the SHA-1 of the key's BIT STRING: a name for a key, not a protection of it."""
    return hashlib.sha1(key_bits, usedforsecurity=False).digest()


def key_bits(subject_public_key_info: bytes) -> bytes:
    """Return the value of the BIT STRING of an SPKI that the library has encoded."""
    # SEQUENCE { SEQUENCE algorithm, BIT STRING }, where a length of 0x80 and more
    # takes as many octets again as its lower bits say (X.690 section 8.1.3).
    inside = _content_start(subject_public_key_info, 0)
    algorithm = _content_start(subject_public_key_info, inside)
    after = algorithm + subject_public_key_info[inside + 1]
    return subject_public_key_info[_content_start(subject_public_key_info, after) + 1 :]


def _content_start(octets: bytes, position: int) -> int:
    length = octets[position + 1]
    return position + 2 + (length & 0x7F if length >= _LONG_FORM else 0)
