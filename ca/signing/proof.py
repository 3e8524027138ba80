"""Proving a signature with the public key before anybody relies on it."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.errors import SigningFault
from ca.key_types import CaPublicKey


def verify_signature(key: CaPublicKey, signature: bytes, content: bytes) -> None:
    """Verify with the one algorithm this CA uses under such a key; raises `SigningFault`."""
    chosen = signature_algorithm_of(key).hash
    try:
        match key:
            case ed25519.Ed25519PublicKey() | mldsa.MLDSA65PublicKey():
                key.verify(signature, content)
            case ec.EllipticCurvePublicKey():
                assert chosen is not None
                key.verify(signature, content, ec.ECDSA(chosen))
            case rsa.RSAPublicKey():
                assert chosen is not None
                key.verify(signature, content, padding.PKCS1v15(), chosen)
    except InvalidSignature as failure:
        raise SigningFault("the signature does not verify with the issuer's key") from failure
