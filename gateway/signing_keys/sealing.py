"""Sealing secrets that lie in the database under a key that does not.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; a sealing key seals a
few keys a day, far from the 2^32 that this allows. What is sealed is bound to
where it belongs, so that nobody who can write the database moves it elsewhere.
"""

from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ca.errors import KeyUnavailable
from ca.keys import KeyStore
from ca.keys.passphrase import load_passphrase
from foundation.errors import Unavailable
from foundation.randomness import Randomness

KEY_NAME = "token-sealing"

_NONCE_OCTETS = 12
_INFO = b"certgate sealing of signing keys v1"
# As much as a random key has in base64: nobody should think of one.
_SHORTEST_SECRET = 32


class Sealing:
    """Seals and opens under one key."""

    def __init__(self, secret: bytes, randomness: Randomness) -> None:
        """`secret` has at least 256 bits of entropy; the key is derived from it (RFC 5869)."""
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret)
        self._cipher = AESGCM(key)
        self._randomness = randomness

    def seal(self, plain: bytes, place: str) -> bytes:
        """Return `plain` sealed for `place`."""
        nonce = self._randomness.token(_NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for `place`.

        Raises `Unavailable` ("signing-keys-sealed") when it was sealed under
        another key, for another place, or has been changed.
        """
        nonce, rest = sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:]
        try:
            return self._cipher.decrypt(nonce, rest, place.encode())
        except (InvalidTag, ValueError) as failed:
            raise Unavailable("signing-keys-sealed") from failed


def open_sealing(
    open_keys: Callable[[], KeyStore], secret_file: Path | None, randomness: Randomness
) -> Sealing:
    """Return the sealing of this node: under `secret_file`, else under its key store.

    Several nodes share the file. Without one the key store has a key of its own
    for this, made at the first need. Raises `PassphraseUnavailable`,
    `KeyUnavailable`.
    """
    if secret_file is not None:
        secret = load_passphrase(secret_file)
        if len(secret) < _SHORTEST_SECRET:
            raise KeyUnavailable(KEY_NAME)
        return Sealing(secret, randomness)
    keys = open_keys()
    key = keys.find(KEY_NAME)
    if key is None:
        try:
            key = keys.create(KEY_NAME, "ecdsa-p256")
        except FileExistsError:
            # Another process of this folder was first.
            key = keys.get(KEY_NAME)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyUnavailable(KEY_NAME)
    # An encrypted file of the key store holds asymmetric keys; 256 random bits are in this one.
    return Sealing(key.private_numbers().private_value.to_bytes(32, "big"), randomness)
