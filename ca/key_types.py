"""The kinds of keys the CA signs with and certifies.

ML-DSA (FIPS 204) is experimental and for authorities only: no browser logs in
with it yet.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

EndEntityPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
EndEntityPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

CaPrivateKey = EndEntityPrivateKey | mldsa.MLDSA65PrivateKey
CaPublicKey = EndEntityPublicKey | mldsa.MLDSA65PublicKey

KEY_TYPES: Final = (
    "ECDSA P-256", "ECDSA P-384", "RSA 2048", "RSA 3072", "RSA 4096", "Ed25519", "ML-DSA-65",
)  # fmt: skip
"""The names of kinds and sizes that occur most, in the order they are offered."""

_NIST_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def key_type_of(public_key: PublicKeyTypes) -> str:
    """Return kind and size of a key, as "RSA 3072" or "ECDSA P-256"."""
    match public_key:
        case rsa.RSAPublicKey():
            return f"RSA {public_key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {_NIST_NAMES.get(public_key.curve.name, public_key.curve.name)}"[:16]
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case mldsa.MLDSA65PublicKey():
            return "ML-DSA-65"
        case _:
            return type(public_key).__name__.removesuffix("PublicKey").lstrip("_")[:16]
