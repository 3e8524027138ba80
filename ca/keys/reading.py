"""Reading public keys as they stand in certificates and requests (RFC 5280 section 4.1.2.7)."""

from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

# One issuance reads the same octets three times: in the request, and twice in the
# content, before the intent and before the signature. A batch has 500 of them.
_REMEMBERED = 1024
# SEQUENCE { SEQUENCE { id-ecPublicKey, secp256r1 }, BIT STRING of an uncompressed point }
P256_SPKI_START: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_P256_OCTETS: Final = len(P256_SPKI_START) + 64


@lru_cache(maxsize=_REMEMBERED)
def read_public_key(subject_public_key_info: bytes) -> PublicKeyTypes:
    """Return the key of an SPKI in DER; the same octets give the same object.

    That a point is on its curve is checked here. Raises `ValueError` for what is
    no key and `UnsupportedAlgorithm`; failures are not remembered.
    """
    return load_der_public_key(subject_public_key_info)


def is_written_canonically(octets: bytes, public_key: PublicKeyTypes) -> bool:
    """Return whether these octets, from which the key was read, are what the library writes."""
    if len(octets) == _P256_OCTETS and octets.startswith(P256_SPKI_START):
        return True  # as nearly all are; what follows writes the key anew
    return write_public_key(public_key) == octets


def write_public_key(public_key: PublicKeyTypes) -> bytes:
    """Return the SPKI of a key in DER."""
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
