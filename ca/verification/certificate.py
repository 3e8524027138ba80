"""What the verifier takes and what it answers with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.encoding.not_readable import NOT_READABLE
from ca.serial_numbers import serial_number_of
from foundation.errors import Denied

# Our own certificates have less than 2 KiB; the largest post-quantum ones less than 16.
LONGEST_CERTIFICATE = 16 * 1024
LONGEST_CHAIN = 8


@dataclass(frozen=True)
class VerifiedCertificate:
    """A client certificate that met every obligation of `ca.verification.verifier`.

    Serial number and fingerprint in upper-case hex. `subscriber` is the holder:
    a username, or the name of an edge where the verifier is for those.
    """

    serial_number: str
    subscriber: str
    profile: str
    fingerprint_sha256: str
    not_after: datetime


@dataclass(frozen=True)
class PresentedCertificate:
    """A leaf that parses; nothing else is known of it."""

    certificate: x509.Certificate
    fingerprint_sha256: str

    @property
    def serial_number(self) -> str:
        """The serial number it claims, in the form the database has."""
        return serial_number_of(self.certificate.serial_number)


def fingerprint_of_leaf(unverified_chain: Sequence[bytes]) -> str:
    """Return the SHA-256 of the leaf in upper-case hex.

    Raises `Denied` with "certificate-required" for an empty chain and
    "certificate-untrusted" for one beyond the size limits.
    """
    if not unverified_chain:
        raise Denied("certificate-required")
    if len(unverified_chain) > LONGEST_CHAIN or any(
        len(der) > LONGEST_CERTIFICATE for der in unverified_chain
    ):
        raise Denied("certificate-untrusted")
    return hashlib.sha256(unverified_chain[0]).hexdigest().upper()


def read_leaf(unverified_der: bytes, fingerprint: str) -> PresentedCertificate:
    """Parse a leaf; raises `Denied("certificate-untrusted")` for what is not plain DER."""
    try:
        certificate = x509.load_der_x509_certificate(unverified_der)
        # Extensions are parsed when they are first asked for.
        _ = certificate.extensions
        is_same = certificate.public_bytes(Encoding.DER) == unverified_der
    except NOT_READABLE as fault:
        raise Denied("certificate-untrusted") from fault
    if not is_same:
        raise Denied("certificate-untrusted")
    return PresentedCertificate(certificate, fingerprint)
