"""The certificate with which an application called."""

from dataclasses import dataclass

from cryptography import x509

from ca.verification import VerifiedCertificate


@dataclass(frozen=True)
class PresentedByClient:
    """What admission verified, and the same certificate to be read."""

    verified: VerifiedCertificate
    certificate: x509.Certificate

    @classmethod
    def of(cls, verified: VerifiedCertificate, der: bytes) -> "PresentedByClient":
        """Take the leaf that `verified` is the verdict on."""
        return cls(verified, x509.load_der_x509_certificate(der))

    @property
    def digest(self) -> str:
        """SHA-256 of the certificate in upper-case hex."""
        return self.verified.fingerprint_sha256
