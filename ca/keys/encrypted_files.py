"""Keys as encrypted PKCS#8 files (RFC 5958), one per key, in one folder."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from ca.errors import KeyUnavailable
from ca.key_types import CaPrivateKey
from ca.keys.algorithms import KeyAlgorithm, generate_key
from ca.keys.private_files import make_private_folder, sync_folder, write_private_file
from ca.keys.store import require_key_name


class EncryptedFileKeys:
    """A folder of encrypted keys that one passphrase opens.

    Whoever reads both the folder and the passphrase has the keys: where that
    matters the passphrase comes from elsewhere (see docs/operations.md).
    """

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        self._folder = folder
        self._passphrase = passphrase

    def create(self, name: str, algorithm: KeyAlgorithm) -> CaPrivateKey:
        """Make a key and write its file; raises `FileExistsError`."""
        key = generate_key(algorithm)
        self.keep(name, key)
        return key

    def keep(self, name: str, key: CaPrivateKey) -> None:
        """Write the file of a key that comes from elsewhere; raises `FileExistsError`."""
        make_private_folder(self._folder)
        write_private_file(self.path_of(name), self._encrypt(key))

    def find(self, name: str) -> CaPrivateKey | None:
        """Return the key, or None when there is no such file; raises `KeyUnavailable`."""
        try:
            content = self.path_of(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise KeyUnavailable(name) from failure
        try:
            key = load_pem_private_key(content, self._passphrase)
        except (ValueError, TypeError) as failure:
            raise KeyUnavailable(name) from failure
        if not isinstance(
            key,
            ec.EllipticCurvePrivateKey
            | rsa.RSAPrivateKey
            | ed25519.Ed25519PrivateKey
            | mldsa.MLDSA65PrivateKey,
        ):
            raise KeyUnavailable(name)
        return key

    def get(self, name: str) -> CaPrivateKey:
        """Return the key; raises `KeyUnavailable`."""
        key = self.find(name)
        if key is None:
            raise KeyUnavailable(name)
        return key

    def discard(self, name: str) -> None:
        """Delete the key's file; one that is not there is no mistake.

        The disk may keep the octets, encrypted, until it writes over them.
        """
        self.path_of(name).unlink(missing_ok=True)
        if self._folder.is_dir():
            sync_folder(self._folder)

    def path_of(self, name: str) -> Path:
        """Return where the key's file is or would be; raises `ValueError` for a bad name."""
        require_key_name(name)
        return self._folder / f"{name}.pem"

    def _encrypt(self, key: CaPrivateKey) -> bytes:
        return key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase)
        )
