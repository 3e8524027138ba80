"""Telling public keys apart."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def digest_of_key(public_key: PublicKeyTypes) -> str:
    """Return the SHA-256 of the SubjectPublicKeyInfo in upper-case hex."""
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest().upper()
