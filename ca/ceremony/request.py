"""Asking a root that is elsewhere for the certificate of an issuing CA.

The server makes the key and a PKCS#10 request (RFC 2986), which proves that it
holds the key. Only key and key name are taken from it; what the certificate
says is in the document of the ceremony.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.ceremony.errors import RequestRefused
from ca.encoding.not_readable import NOT_READABLE
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.errors import PublicKeyRefused
from ca.key_types import CaPublicKey
from ca.keys import KeyAlgorithm, KeyStore
from ca.keys.algorithms import accept_authority_key
from ca.keys.store import require_key_name
from ca.models import AuthorityName
from ca.serial_numbers import draw_serial_number
from foundation.randomness import Randomness

_LARGEST = 64 * 1024

_NOT_A_REQUEST = (
    *NOT_READABLE,
    InvalidSignature,
    PublicKeyRefused,
)


@dataclass(frozen=True)
class IssuingRequest:
    """A request whose signature verified: the key, and what the server calls it."""

    key_name: str
    public_key: CaPublicKey


def make_request(
    name: AuthorityName, keys: KeyStore, algorithm: KeyAlgorithm, randomness: Randomness
) -> tuple[str, bytes]:
    """Make the key of the issuing CA `name`; return the key's name and a request in PEM.

    Raises `KeyUnavailable`.
    """
    key_name = f"{name}-{draw_serial_number(randomness).lower()}"
    key = keys.create(key_name, algorithm)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, key_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    request = builder.sign(key, signature_algorithm_of(key.public_key()).hash)
    return key_name, request.public_bytes(Encoding.PEM)


def read_request(path: Path) -> IssuingRequest:
    """Return a request that proves possession of its key; raises `RequestRefused`."""
    try:
        with path.open("rb") as file:
            octets = file.read(_LARGEST + 1)
        if len(octets) > _LARGEST:
            raise RequestRefused("too long")
        request = x509.load_pem_x509_csr(octets)
        if not request.is_signature_valid:
            raise RequestRefused("its signature does not verify")
        names = [str(each.value) for each in request.subject]
        if len(names) != 1:
            raise RequestRefused("its subject is not the name of a key")
        require_key_name(names[0])
        return IssuingRequest(names[0], accept_authority_key(request.public_key()))
    except OSError as failure:
        raise RequestRefused(f"{path}: {failure.strerror}") from failure
    except _NOT_A_REQUEST as failure:
        raise RequestRefused("no request for an issuing CA") from failure
