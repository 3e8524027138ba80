"""Signing: the only place where an authority's key meets what it signs."""

from ca.signing.key_signer import KeySigner, public_key_of
from ca.signing.proof import verify_signature
from ca.signing.signed import SignedTbs, UnverifiedCertificate
from ca.signing.signer import Signer
from ca.signing.signers import LocalSigners, Signers

__all__ = [
    "KeySigner",
    "LocalSigners",
    "SignedTbs",
    "Signer",
    "Signers",
    "UnverifiedCertificate",
    "public_key_of",
    "verify_signature",
]
