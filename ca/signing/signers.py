"""Where the authorities' signers come from: keys of this process, or a signer of its own."""

from typing import Protocol

from ca.key_types import CaPublicKey
from ca.keys.algorithms import KeyAlgorithm
from ca.keys.store import KeyStore
from ca.signing.key_signer import KeySigner
from ca.signing.signer import Signer


class Signers(Protocol):
    """Named signers. A name is used once and never for another key.

    Who knows the public half from a certificate gives it: then a signer that
    cannot be reached just now is found all the same, and proves itself with
    its first signature.
    """

    def create(self, name: str, algorithm: KeyAlgorithm) -> Signer:
        """Make a key, keep it durably, and return its signer; raises `FileExistsError`."""
        ...

    def find(self, name: str, public_key: CaPublicKey | None = None) -> Signer | None:
        """Return the signer, or None when its key is not held there; raises `KeyUnavailable`."""
        ...

    def get(self, name: str, public_key: CaPublicKey | None = None) -> Signer:
        """Return the signer; raises `KeyUnavailable`."""
        ...


class LocalSigners:
    """Signers whose keys this process opens itself."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def create(self, name: str, algorithm: KeyAlgorithm) -> Signer:
        """Make a key and return its signer; raises `FileExistsError`."""
        return KeySigner(self._keys.create(name, algorithm))

    def find(self, name: str, public_key: CaPublicKey | None = None) -> Signer | None:
        """Return the signer, or None; raises `KeyUnavailable`. The key itself is looked at."""
        del public_key
        key = self._keys.find(name)
        return KeySigner(key) if key is not None else None

    def get(self, name: str, public_key: CaPublicKey | None = None) -> Signer:
        """Return the signer; raises `KeyUnavailable`. The key itself is looked at."""
        del public_key
        return KeySigner(self._keys.get(name))
