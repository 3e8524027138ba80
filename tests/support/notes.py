"""A signer of notes for tests, with a key of its own."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.audit.note import VerifierKey


class TestNoteSigner:
    """Signs with a key that it makes, or is given."""

    __test__ = False

    def __init__(self, name: str, key: Ed25519PrivateKey | None = None) -> None:
        self.name = name
        self._key = key or Ed25519PrivateKey.generate()

    @property
    def verifier_key(self) -> VerifierKey:
        """Return the key that verifies."""
        return VerifierKey(self.name, self._key.public_key())

    def sign(self, text: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(text)
