"""Signing with a key that this process holds.

The signer takes nothing but `LintedTbs` tokens for certificates, each good for
one signature by one key, so there is no way to a signature around the rules
(`ca.linting`).
"""

from cryptography import x509

from ca.encoding.signature_algorithms import assemble_signed, raw_signing
from ca.key_types import CaPrivateKey, CaPublicKey
from ca.linting import LintedTbs
from ca.signing.signed import UnverifiedCertificate, compare_certificate, verify_certificate


class KeySigner:
    """A `Signer` around a private key, or an object with the interface of one."""

    def __init__(self, private_key: CaPrivateKey) -> None:
        self.private_key = private_key
        # Asking a key that lives elsewhere may cost a round trip.
        self._public_key: CaPublicKey = private_key.public_key()
        self._sign = raw_signing(private_key)

    @property
    def public_key(self) -> CaPublicKey:
        """Return the public half."""
        return self._public_key

    def sign_certificate(self, linted: LintedTbs) -> x509.Certificate:
        """Sign exactly the linted content; see `Signer.sign_certificate`."""
        return verify_certificate(self.sign_unverified(linted), self._public_key)

    def sign_unverified(self, linted: LintedTbs) -> UnverifiedCertificate:
        """Sign exactly the linted content; see `Signer.sign_unverified`."""
        tbs = linted.take_for(self._public_key)
        der = assemble_signed(tbs, self._public_key, self._sign(tbs))
        return compare_certificate(der, tbs, self._public_key)

    def sign_crl(self, tbs: bytes) -> bytes:
        """Return the signed list; see `Signer.sign_crl`."""
        return assemble_signed(tbs, self._public_key, self._sign(tbs))

    def sign_ocsp(self, tbs: bytes) -> bytes:
        """Return the signature; see `Signer.sign_ocsp`."""
        return self._sign(tbs)


def public_key_of(certificate: x509.Certificate) -> CaPublicKey:
    """Return the key of a certificate that this CA made for a key of its own."""
    key = certificate.public_key()
    assert isinstance(key, CaPublicKey), "the linter lets no other kind pass"
    return key
