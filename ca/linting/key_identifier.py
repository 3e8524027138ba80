"""The key identifier of RFC 5280 section 4.2.1.2, method 1."""

import hashlib


def key_identifier(key_bits: bytes) -> bytes:
    """Return the SHA-1 of the key's BIT STRING: a name for a key, not a protection of it."""
    return hashlib.sha1(key_bits, usedforsecurity=False).digest()
