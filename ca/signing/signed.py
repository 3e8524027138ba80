"""A signed certificate on its way to whoever asked for it, and what is proved of it."""

from typing import NamedTuple

from cryptography import x509

from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import SigningFault
from ca.key_types import CaPublicKey
from ca.signing.proof import verify_signature


class SignedTbs(NamedTuple):
    """Linted content and what a key said of it; whether that verifies is another question."""

    tbs: bytes
    unverified_signature: bytes


class UnverifiedCertificate(NamedTuple):
    """A certificate of exactly the linted content, whose signature nobody has verified yet.

    Nobody sees or keeps it before `ca.signing.verify_signature` has passed.
    """

    certificate: x509.Certificate
    der: bytes
    signed: SignedTbs


def compare_certificate(der: bytes, tbs: bytes, issuer_key: CaPublicKey) -> UnverifiedCertificate:
    """Return the certificate when its content is exactly `tbs`; raises `SigningFault` otherwise.

    Does not verify the signature.
    """
    certificate = x509.load_der_x509_certificate(der)
    signature = certificate.signature
    # What the parser read, put together anew: every octet of the certificate is compared.
    if assemble_signed(tbs, issuer_key, signature) != der:
        raise SigningFault("the signed content is not the linted content")
    return UnverifiedCertificate(certificate, der, SignedTbs(tbs, signature))


def verify_certificate(
    unverified: UnverifiedCertificate, issuer_key: CaPublicKey
) -> x509.Certificate:
    """Return the certificate when `issuer_key` signed it; raises `SigningFault` otherwise."""
    tbs, signature = unverified.signed
    verify_signature(issuer_key, signature, tbs)
    return unverified.certificate
