"""Reading public keys as they stand in certificates and requests (RFC 5280 section 4.1.2.7)."""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

# One issuance reads the same octets three times: in the request, and twice in the
# content, before the intent and before the signature. A batch has 500 of them.
_REMEMBERED = 1024


@lru_cache(maxsize=_REMEMBERED)
def read_public_key(subject_public_key_info: bytes) -> PublicKeyTypes:
    """Return the key of an SPKI in DER; the same octets give the same object.

    That a point is on its curve is checked here. Raises `ValueError` for what is
    no key and `UnsupportedAlgorithm`; failures are not remembered.
    """
    return load_der_public_key(subject_public_key_info)
