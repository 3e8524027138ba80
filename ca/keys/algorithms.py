"""The kinds of keys the CA makes and the kinds it certifies."""

from collections.abc import Callable, Mapping
from typing import Literal, overload

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.errors import PublicKeyRefused
from ca.key_types import CaPrivateKey, CaPublicKey, EndEntityPrivateKey, EndEntityPublicKey

EndEntityKeyAlgorithm = Literal["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"]
# ML-DSA is experimental, and for authorities only.
KeyAlgorithm = EndEntityKeyAlgorithm | Literal["ml-dsa-65"]

# FIPS 186-5 section 5.4; 65537 is what every client accepts.
_RSA_EXPONENT = 65537
# NIST SP 800-57 part 1: 112 bits of strength at least.
_MINIMUM_RSA_BITS = 2048
_MAXIMUM_RSA_BITS = 4096
_CURVES = (ec.SECP256R1, ec.SECP384R1)

_GENERATORS: Mapping[KeyAlgorithm, Callable[[], CaPrivateKey]] = {
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa-3072": lambda: rsa.generate_private_key(_RSA_EXPONENT, 3072),
    "rsa-4096": lambda: rsa.generate_private_key(_RSA_EXPONENT, 4096),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ml-dsa-65": mldsa.MLDSA65PrivateKey.generate,
}


@overload
def generate_key(algorithm: EndEntityKeyAlgorithm) -> EndEntityPrivateKey: ...


@overload
def generate_key(algorithm: KeyAlgorithm) -> CaPrivateKey: ...


def generate_key(algorithm: KeyAlgorithm) -> CaPrivateKey:
    """Return a new private key, from OpenSSL's own random generator."""
    return _GENERATORS[algorithm]()


def accept_public_key(unverified_key: PublicKeyTypes) -> EndEntityPublicKey:
    """Return the key when its kind and size may be certified; raises `PublicKeyRefused`.

    Does not look for weak keys of an accepted size (ROCA, shared primes).
    """
    match unverified_key:
        case ec.EllipticCurvePublicKey() if isinstance(unverified_key.curve, _CURVES):
            return unverified_key
        case rsa.RSAPublicKey() if (
            _MINIMUM_RSA_BITS <= unverified_key.key_size <= _MAXIMUM_RSA_BITS
            and unverified_key.public_numbers().e == _RSA_EXPONENT
        ):
            return unverified_key
        case ed25519.Ed25519PublicKey():
            return unverified_key
    raise PublicKeyRefused(type(unverified_key).__name__)


def accept_authority_key(unverified_key: PublicKeyTypes) -> CaPublicKey:
    """Return the key when it may be an authority's: ML-DSA-65 too; raises `PublicKeyRefused`."""
    if isinstance(unverified_key, mldsa.MLDSA65PublicKey):
        return unverified_key
    return accept_public_key(unverified_key)
