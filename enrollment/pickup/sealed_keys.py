"""The private key of a subscriber between pickup and first login.

It is encrypted PKCS#8 (RFC 5958, PBES2) under the download password, which
the server knows only while somebody types it. The password has 80 random bits,
so the iteration count of the key derivation decides nothing.
"""

from typing import cast

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)

from ca.key_types import EndEntityPrivateKey


def seal_private_key(private_key: EndEntityPrivateKey, download_password: str) -> bytes:
    """Return the key encrypted under the download password."""
    return private_key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(download_password.encode())
    )


def unseal_private_key(sealed_private_key: bytes, download_password: str) -> EndEntityPrivateKey:
    """Return the key; raises ValueError under another password."""
    key = load_der_private_key(sealed_private_key, download_password.encode())
    return cast(EndEntityPrivateKey, key)
