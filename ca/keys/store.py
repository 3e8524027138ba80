"""What the CA asks of a place where private keys live."""

from typing import Protocol

from ca.key_types import CaPrivateKey
from ca.keys.algorithms import KeyAlgorithm


class KeyStore(Protocol):
    """Named private keys. A name is used once and never for another key."""

    def create(self, name: str, algorithm: KeyAlgorithm) -> CaPrivateKey:
        """Make a key and keep it durably before returning; raises `FileExistsError`."""
        ...

    def find(self, name: str) -> CaPrivateKey | None:
        """Return the key, or None when this place does not hold it.

        Raises `KeyUnavailable` when it is here and cannot be opened.
        """
        ...

    def get(self, name: str) -> CaPrivateKey:
        """Return the key; raises `KeyUnavailable`."""
        ...
