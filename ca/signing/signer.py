"""What the CA asks of whoever holds one of its keys."""

from typing import Protocol

from cryptography import x509

from ca.key_types import CaPublicKey
from ca.linting import LintedTbs
from ca.signing.signed import UnverifiedCertificate


class Signer(Protocol):
    """One key, in this process or elsewhere, and the three things it may sign."""

    @property
    def public_key(self) -> CaPublicKey:
        """Return the public half."""
        ...

    def sign_certificate(self, linted: LintedTbs) -> x509.Certificate:
        """Sign exactly the linted content and prove it before returning.

        Raises `ValueError` when the token was used before or was made for
        another key, `SigningFault` when what was signed is not what was linted
        or does not verify, and `KeyUnavailable`.
        """
        ...

    def sign_unverified(self, linted: LintedTbs) -> UnverifiedCertificate:
        """Sign exactly the linted content and compare it; the proof is the caller's business.

        For whoever verifies many signatures elsewhere (`ca.proofs`). Raises what
        `sign_certificate` raises, but does not verify the signature.
        """
        ...

    def sign_crl(self, tbs: bytes) -> bytes:
        """Return the CertificateList (RFC 5280 section 5.1) of a TBSCertList, both DER.

        Raises `KeyUnavailable`. Does not look at the content: `ca.crl.gate` does.
        """
        ...

    def sign_ocsp(self, tbs: bytes) -> bytes:
        """Return the signature over a ResponseData in DER (RFC 6960 section 4.2.1).

        As it stands in a BIT STRING. Raises `KeyUnavailable`.
        """
        ...
