"""Fingerprints as they are printed: SHA-256 of the DER, upper-case hex."""

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint, 64 upper-case hex digits without separators."""
    return certificate.fingerprint(SHA256()).hex().upper()
