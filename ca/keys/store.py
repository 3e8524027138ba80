"""What the CA asks of a place where private keys live."""

import re
from typing import Protocol

from ca.key_types import CaPrivateKey
from ca.keys.algorithms import KeyAlgorithm

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


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

    def discard(self, name: str) -> None:
        """Destroy a key for good; one that is not there is no mistake."""
        ...


def require_key_name(name: str) -> None:
    """Raise `ValueError` for what cannot name a key: it names files too."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a key")
