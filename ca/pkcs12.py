"""PKCS#12 files (RFC 7292): a certificate, its key and the CA above it."""

from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    KeySerializationEncryption,
    PrivateFormat,
    pkcs12,
)

from ca.key_types import EndEntityPrivateKey

Form = Literal["modern", "compatible"]

# The library derives the MAC key with 2,048 rounds whatever is asked, so that is
# what guessing the password costs; more rounds here would only slow its owner.
# The download password has 80 random bits and needs no stretching.
_ROUNDS = 2_048


def build_pkcs12(
    *,
    private_key: EndEntityPrivateKey,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    password: str,
    friendly_name: str,
    form: Form = "modern",
) -> bytes:
    """Return a PKCS#12 that `password` opens.

    `chain` holds the issuing CA, so that the client can send it, and never the
    root, which its owner is to compare and trust on its own. "modern" is
    AES-256-CBC (PBES2, RFC 8018) with a SHA-256 MAC; "compatible" is 3DES with
    a SHA-1 MAC for Windows before 10 1709, macOS before 10.15 and their like.
    """
    if any(member.issuer == member.subject for member in chain):
        raise ValueError("the root does not belong in a PKCS#12")
    return pkcs12.serialize_key_and_certificates(
        friendly_name.encode(), private_key, certificate, chain, _ENCRYPTIONS[form](password)
    )


def _modern(password: str) -> KeySerializationEncryption:
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )


def _compatible(password: str) -> KeySerializationEncryption:
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - the MAC of the old form
        .build(password.encode())
    )


_ENCRYPTIONS = {"modern": _modern, "compatible": _compatible}
