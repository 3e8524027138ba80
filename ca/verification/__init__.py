"""Verifying client certificates: the one place, for every way they arrive."""

from ca.verification.certificate import VerifiedCertificate
from ca.verification.verifier import ClientCertificateVerifier

__all__ = ["ClientCertificateVerifier", "VerifiedCertificate"]
