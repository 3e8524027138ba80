"""The keys the signer holds and the certificate each was given.

The certificate says what the key is for: without one a key signs nothing but,
during a ceremony, its own root certificate.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import KeyUnavailable
from ca.keys import KeyAlgorithm, KeyStore
from ca.keys.private_files import make_private_folder, write_private_file
from ca.models import AuthorityName
from ca.signing import KeySigner

Role = Literal["authority", "ocsp"]


@dataclass(frozen=True)
class Holding:
    """A key that is held, with its certificate once it has one."""

    name: str
    signer: KeySigner
    certificate: x509.Certificate | None

    @property
    def authority(self) -> AuthorityName:
        """Return the authority a key was made for: its name without the number behind."""
        return self.name.rpartition("-")[0]

    @property
    def role(self) -> Role | None:
        """Return what the certificate allows the key to sign (RFC 5280 4.2.1.3, RFC 6960 4.2.2.2).

        None for a key without a certificate or with one of another kind.
        """
        if self.certificate is None:
            return None
        extensions = self.certificate.extensions
        for extension in extensions:
            match extension.value:
                case x509.KeyUsage() as usage if usage.key_cert_sign and usage.crl_sign:
                    return "authority"
                case x509.ExtendedKeyUsage() as usages if (
                    ExtendedKeyUsageOID.OCSP_SIGNING in usages
                ):
                    return "ocsp"
        return None


class Holdings:
    """Keys in a `KeyStore`, certificates in a folder beside it."""

    def __init__(self, keys: KeyStore, folder: Path) -> None:
        self._keys = keys
        self._folder = folder
        self._opened: dict[str, Holding] = {}

    def find(self, name: str) -> Holding | None:
        """Return the key, or None when it is not held; raises `KeyUnavailable`."""
        opened = self._opened.get(name)
        if opened is None:
            key = self._keys.find(name)
            if key is None:
                return None
            opened = Holding(name, KeySigner(key), self._certificate(name))
            self._opened[name] = opened
        return opened

    def create(self, name: str, algorithm: KeyAlgorithm) -> Holding:
        """Make a key; raises `FileExistsError`."""
        key = self._keys.create(name, algorithm)
        holding = self._opened[name] = Holding(name, KeySigner(key), None)
        return holding

    def certify(self, certificate: x509.Certificate) -> None:
        """Keep a certificate that was made for a key held here; ignores any other.

        The first one stays: a key has one purpose for its whole life. Does not
        look at who signed it.
        """
        key = certificate.public_key()
        for holding in list(self._opened.values()):
            if holding.certificate is None and holding.signer.public_key == key:
                self.introduce(holding.name, certificate)

    def introduce(self, name: str, certificate: x509.Certificate) -> None:
        """Keep the certificate of a key, on the word of who operates the signer.

        Raises `KeyUnavailable` when the key is not held, `ValueError` when the
        certificate is for another, and `FileExistsError` when the key has one.
        """
        holding = self.find(name)
        if holding is None:
            raise KeyUnavailable(name)
        if holding.signer.public_key != certificate.public_key():
            raise ValueError("the certificate is not for this key")
        make_private_folder(self._folder)
        write_private_file(self._path(name), certificate.public_bytes(Encoding.DER))
        self._opened[name] = Holding(name, holding.signer, certificate)

    def _certificate(self, name: str) -> x509.Certificate | None:
        try:
            return x509.load_der_x509_certificate(self._path(name).read_bytes())
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.cer"
