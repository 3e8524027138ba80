"""Which issuing CA a CertID speaks of (RFC 6960 section 4.1.1).

What a CertID about each issuer begins with is known beforehand, so a request
costs one look into a table and no hashing.
"""

from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.authorities import Authority
from ca.encoding.der import octet_string
from ca.encoding.key_identifiers import key_bits
from ca.models import AuthorityName

# AlgorithmIdentifiers of the two hashes, with parameters NULL and without any:
# RFC 4055 section 2.1 has clients send the one or the other. RFC 5019 asks for
# SHA-1, which protects nothing here: it only names the issuer.
_ALGORITHMS: tuple[tuple[bytes, hashes.HashAlgorithm], ...] = (
    (bytes.fromhex("300906052b0e03021a0500"), hashes.SHA1()),  # noqa: S303
    (bytes.fromhex("300706052b0e03021a"), hashes.SHA1()),  # noqa: S303
    (bytes.fromhex("300d06096086480165030402010500"), hashes.SHA256()),
    (bytes.fromhex("300b0609608648016503040201"), hashes.SHA256()),
)


class IssuerTable:
    """The issuing CAs by the first part of their CertIDs; made anew when they change."""

    def __init__(self, issuers: Mapping[AuthorityName, Authority]) -> None:
        self._authorities = tuple(issuers.values())
        self._names = {
            part: name for name, issuer in issuers.items() for part in _parts(issuer.certificate)
        }

    def is_of(self, issuers: Mapping[AuthorityName, Authority]) -> bool:
        """Return whether this table was made of these authorities."""
        return self._authorities == tuple(issuers.values())

    def find(self, issuer_part: bytes) -> AuthorityName | None:
        """Return the issuing CA whose name and key both fit, or None."""
        return self._names.get(issuer_part)


def _parts(issuer: x509.Certificate) -> list[bytes]:
    name, key = issuer.subject.public_bytes(), subject_key_bits(issuer)
    return [
        identifier + octet_string(_digest(algorithm, name)) + octet_string(_digest(algorithm, key))
        for identifier, algorithm in _ALGORITHMS
    ]


def subject_key_bits(certificate: x509.Certificate) -> bytes:
    """Return the value of the BIT STRING subjectPublicKey, without tag, length and unused bits."""
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key_bits(info)


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    context = hashes.Hash(algorithm)
    context.update(content)
    return context.finalize()
