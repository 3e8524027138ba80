"""How each kind of CA key signs, and how the signature names itself.

The identifiers are fixed DER: RFC 5758 section 3.2 (ECDSA, no parameters), RFC
4055 section 5 (RSA, parameters NULL), RFC 8410 section 3 (Ed25519), RFC 9881
section 2 (ML-DSA-65).
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.encoding.der import bit_string, sequence
from ca.key_types import CaPrivateKey, CaPublicKey

SigningHash = hashes.SHA256 | hashes.SHA384 | None


@dataclass(frozen=True)
class SignatureAlgorithm:
    """An AlgorithmIdentifier in DER and the hash that goes with it."""

    identifier: bytes
    hash: SigningHash
    throwaway_key: Callable[[], CaPrivateKey]


_ECDSA_SHA256 = SignatureAlgorithm(
    bytes.fromhex("300a06082a8648ce3d040302"),
    hashes.SHA256(),
    lambda: ec.generate_private_key(ec.SECP256R1()),
)
_ECDSA_SHA384 = SignatureAlgorithm(
    bytes.fromhex("300a06082a8648ce3d040303"),
    hashes.SHA384(),
    lambda: ec.generate_private_key(ec.SECP384R1()),
)
_RSA_SHA256 = SignatureAlgorithm(
    bytes.fromhex("300d06092a864886f70d01010b0500"),
    hashes.SHA256(),
    lambda: rsa.generate_private_key(65537, 2048),
)
_ED25519 = SignatureAlgorithm(
    bytes.fromhex("300506032b6570"), None, ed25519.Ed25519PrivateKey.generate
)

_ML_DSA_65 = SignatureAlgorithm(
    bytes.fromhex("300b0609608648016503040312"), None, mldsa.MLDSA65PrivateKey.generate
)


def signature_algorithm_of(key: CaPublicKey) -> SignatureAlgorithm:
    """Return the one algorithm the CA signs with under this kind of key."""
    match key:
        case ec.EllipticCurvePublicKey():
            # The hash is as long as the curve (SP 800-57 part 1, section 5.6.1).
            return _ECDSA_SHA256 if key.curve.key_size == 256 else _ECDSA_SHA384
        case rsa.RSAPublicKey():
            return _RSA_SHA256
        case ed25519.Ed25519PublicKey():
            return _ED25519
        case mldsa.MLDSA65PublicKey():
            return _ML_DSA_65


def sign_raw(key: CaPrivateKey, content: bytes) -> bytes:
    """Return the signature over `content` as it stands in a BIT STRING."""
    return raw_signing(key)(content)


def raw_signing(key: CaPrivateKey) -> Callable[[bytes], bytes]:
    """Return what signs as `sign_raw` does, for a key that signs often."""
    chosen = signature_algorithm_of(key.public_key()).hash
    match key:
        case ed25519.Ed25519PrivateKey() | mldsa.MLDSA65PrivateKey():
            return key.sign
        case ec.EllipticCurvePrivateKey():
            assert chosen is not None
            ecdsa = ec.ECDSA(chosen)
            return lambda content: key.sign(content, ecdsa)
        case rsa.RSAPrivateKey():
            assert chosen is not None
            return lambda content: key.sign(content, padding.PKCS1v15(), chosen)


def assemble_signed(tbs: bytes, issuer_key: CaPublicKey, signature: bytes) -> bytes:
    """Return the DER of a Certificate or CertificateList (RFC 5280 sections 4.1 and 5.1)."""
    return sequence(tbs, signature_algorithm_of(issuer_key).identifier, bit_string(signature))


def algorithm_name_of(key: PublicKeyTypes) -> str:
    """Return what the settings call such a key ("rsa-3072"); "unknown" for any other kind."""
    match key:
        case ec.EllipticCurvePublicKey():
            return f"ecdsa-p{key.curve.key_size}"
        case rsa.RSAPublicKey():
            return f"rsa-{key.key_size}"
        case ed25519.Ed25519PublicKey():
            return "ed25519"
        case mldsa.MLDSA65PublicKey():
            return "ml-dsa-65"
    return "unknown"
