"""Keys that live as long as the process: for rehearsing what is then done in earnest."""

from ca.errors import KeyUnavailable
from ca.key_types import CaPrivateKey
from ca.keys.algorithms import KeyAlgorithm, generate_key
from ca.keys.store import require_key_name


class MemoryKeys:
    """A `KeyStore` that keeps nothing."""

    def __init__(self) -> None:
        self._keys: dict[str, CaPrivateKey] = {}

    def create(self, name: str, algorithm: KeyAlgorithm) -> CaPrivateKey:
        """Make a key; raises `FileExistsError`."""
        require_key_name(name)
        if name in self._keys:
            raise FileExistsError(name)
        key = self._keys[name] = generate_key(algorithm)
        return key

    def find(self, name: str) -> CaPrivateKey | None:
        """Return the key, or None."""
        return self._keys.get(name)

    def get(self, name: str) -> CaPrivateKey:
        """Return the key; raises `KeyUnavailable`."""
        key = self.find(name)
        if key is None:
            raise KeyUnavailable(name)
        return key

    def discard(self, name: str) -> None:
        """Forget a key."""
        self._keys.pop(name, None)
