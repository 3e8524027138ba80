"""Reading the public half of a key pair from its token."""

from asn1crypto.core import OctetString
from asn1crypto.keys import ECDomainParameters
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pkcs11 import Attribute, KeyType, PublicKey

from ca.key_types import EndEntityPublicKey

_CURVES: dict[str, ec.EllipticCurve] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
}


def read_public_key(stored: PublicKey) -> EndEntityPublicKey | None:
    """Return the key, or None when it is of a kind or curve the CA does not use."""
    match stored.key_type:
        case KeyType.RSA:
            return rsa.RSAPublicNumbers(
                e=int.from_bytes(stored[Attribute.PUBLIC_EXPONENT], "big"),
                n=int.from_bytes(stored[Attribute.MODULUS], "big"),
            ).public_key()
        case KeyType.EC:
            name = ECDomainParameters.load(stored[Attribute.EC_PARAMS]).native
            curve = _CURVES.get(name) if isinstance(name, str) else None
            if curve is None:
                return None
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, _point_of(stored))
        case KeyType.EC_EDWARDS:
            return ed25519.Ed25519PublicKey.from_public_bytes(_point_of(stored))
    return None


def _point_of(stored: PublicKey) -> bytes:
    """Return CKA_EC_POINT without the OCTET STRING around it (PKCS#11 2.40, section 2.3.3)."""
    point: bytes = OctetString.load(stored[Attribute.EC_POINT]).native
    return point
