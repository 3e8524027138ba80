"""Whether a CertID speaks of a given issuer (RFC 6960 section 4.1.1)."""

from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.ocsp.request import StatusQuery


def is_about_issuer(query: StatusQuery, issuer: x509.Certificate) -> bool:
    """Return whether both hashes of the query are those of `issuer`, by any known hash."""
    name = issuer.subject.public_bytes()
    return query.issuer_name_hash == _digest(
        query.hash_algorithm, name
    ) and query.issuer_key_hash == _digest(query.hash_algorithm, _key_bits(issuer))


def _key_bits(issuer: x509.Certificate) -> bytes:
    """Return the value of the BIT STRING subjectPublicKey, without tag, length and unused bits."""
    info = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    contents: bytes = PublicKeyInfo.load(info)["public_key"].contents
    return contents[1:]


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    context = hashes.Hash(algorithm)
    context.update(content)
    return context.finalize()
