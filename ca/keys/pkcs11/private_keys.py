"""Private keys on a token, as objects with the library's own interface.

They sign; whatever would need the secret itself, or another use of it, is
refused. Only a hash goes to the token where the algorithm allows it, so that a
CRL of many megabytes does not have to pass through it.
"""

from typing import NoReturn

import pkcs11
from asn1crypto.algos import DigestAlgorithm, DigestInfo
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.utils import Buffer
from pkcs11 import Mechanism, ObjectClass
from pkcs11.types import SignMixin

from ca.errors import KeyUnavailable
from ca.keys.pkcs11.connection import TokenConnection
from ca.keys.pkcs11.searching import find_one


class TokenKey:
    """A private key's name on its token, and the handle it has in the present session."""

    def __init__(
        self, connection: TokenConnection, name: str, generation: int, handle: SignMixin
    ) -> None:
        """`handle` comes from the connection's session `generation`."""
        self._name = name
        self._connection = connection
        self._handle = (generation, handle)

    def sign(self, content: bytes, mechanism: Mechanism) -> bytes:
        """Return the raw signature; raises `KeyUnavailable`."""

        def sign(session: pkcs11.Session) -> bytes:
            return self._find(session).sign(content, mechanism=mechanism)

        return self._connection.run(sign)

    def _find(self, session: pkcs11.Session) -> SignMixin:
        generation = self._connection.generation
        if self._handle[0] != generation:
            found = find_one(session, ObjectClass.PRIVATE_KEY, self._name, SignMixin)
            if found is None:
                raise KeyUnavailable(self._name)
            self._handle = (generation, found)
        return self._handle[1]


class TokenEcKey(ec.EllipticCurvePrivateKey):
    """An ECDSA key on a token."""

    def __init__(self, key: TokenKey, public_key: ec.EllipticCurvePublicKey) -> None:
        self._key = key
        self._public_key = public_key

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public half."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """Return the curve."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """Return the size in bits."""
        return self._public_key.key_size

    def sign(self, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Return an Ecdsa-Sig-Value (RFC 3279 section 2.2.3); raises `KeyUnavailable`."""
        algorithm = signature_algorithm.algorithm
        if not isinstance(signature_algorithm, ec.ECDSA) or not isinstance(
            algorithm, hashes.HashAlgorithm
        ):
            raise UnsupportedAlgorithm("only ECDSA over a hash made here")
        raw = self._key.sign(_digest(algorithm, data), Mechanism.ECDSA)
        # The token answers r and s side by side (PKCS#11 2.40, section 2.3.1).
        half = len(raw) // 2
        return encode_dss_signature(
            int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
        )

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Refuse: this key signs."""
        _refuse()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Refuse: the key does not leave its token."""
        _refuse()

    def private_bytes(self, *_: object, **__: object) -> bytes:
        """Refuse: the key does not leave its token."""
        _refuse()

    def __copy__(self) -> "TokenEcKey":
        return self

    def __deepcopy__(self, memo: object) -> "TokenEcKey":
        return self


class TokenRsaKey(rsa.RSAPrivateKey):
    """An RSA key on a token."""

    def __init__(self, key: TokenKey, public_key: rsa.RSAPublicKey) -> None:
        self._key = key
        self._public_key = public_key

    def public_key(self) -> rsa.RSAPublicKey:
        """Return the public half."""
        return self._public_key

    @property
    def key_size(self) -> int:
        """Return the size in bits."""
        return self._public_key.key_size

    def sign(self, data: bytes, padding_: padding.AsymmetricPadding, algorithm: object) -> bytes:
        """Return a PKCS#1 v1.5 signature (RFC 8017 section 8.2); raises `KeyUnavailable`."""
        if not isinstance(padding_, padding.PKCS1v15) or not isinstance(
            algorithm, hashes.HashAlgorithm
        ):
            raise UnsupportedAlgorithm("only PKCS#1 v1.5 over a hash made here")
        # Section 9.2, step 2; the token pads it.
        digest_info = DigestInfo(
            {
                "digest_algorithm": DigestAlgorithm({"algorithm": algorithm.name}),
                "digest": _digest(algorithm, data),
            }
        )
        return self._key.sign(digest_info.dump(), Mechanism.RSA_PKCS)

    def decrypt(self, ciphertext: bytes, padding: object) -> bytes:
        """Refuse: this key signs."""
        _refuse()

    def private_numbers(self) -> rsa.RSAPrivateNumbers:
        """Refuse: the key does not leave its token."""
        _refuse()

    def private_bytes(self, *_: object, **__: object) -> bytes:
        """Refuse: the key does not leave its token."""
        _refuse()

    def __copy__(self) -> "TokenRsaKey":
        return self

    def __deepcopy__(self, memo: object) -> "TokenRsaKey":
        return self


class TokenEd25519Key(ed25519.Ed25519PrivateKey):
    """An Ed25519 key on a token, which hashes by itself (RFC 8032)."""

    def __init__(self, key: TokenKey, public_key: ed25519.Ed25519PublicKey) -> None:
        self._key = key
        self._public_key = public_key

    def public_key(self) -> ed25519.Ed25519PublicKey:
        """Return the public half."""
        return self._public_key

    def sign(self, data: Buffer) -> bytes:
        """Return the 64 octets of the signature; raises `KeyUnavailable`."""
        return self._key.sign(bytes(data), Mechanism.EDDSA)

    def private_bytes(self, *_: object, **__: object) -> bytes:
        """Refuse: the key does not leave its token."""
        _refuse()

    def private_bytes_raw(self) -> bytes:
        """Refuse: the key does not leave its token."""
        _refuse()

    def __copy__(self) -> "TokenEd25519Key":
        return self

    def __deepcopy__(self, memo: object) -> "TokenEd25519Key":
        return self


def _digest(algorithm: hashes.HashAlgorithm, content: Buffer) -> bytes:
    context = hashes.Hash(algorithm)
    context.update(content)
    return context.finalize()


def _refuse() -> NoReturn:
    raise UnsupportedAlgorithm("a key on a token signs and does nothing else")
