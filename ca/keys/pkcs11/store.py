"""A token as a place where keys live."""

from typing import Any

import pkcs11
from asn1crypto.keys import ECDomainParameters, NamedCurve
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.types import SignMixin

from ca.errors import KeyUnavailable
from ca.key_types import CaPrivateKey, EndEntityPublicKey
from ca.keys.algorithms import KeyAlgorithm
from ca.keys.pkcs11.connection import TokenAccess, TokenConnection
from ca.keys.pkcs11.errors import AlgorithmNotOnToken
from ca.keys.pkcs11.private_keys import TokenEcKey, TokenEd25519Key, TokenKey, TokenRsaKey
from ca.keys.pkcs11.public_keys import read_public_key
from ca.keys.pkcs11.searching import find_one
from ca.keys.store import require_key_name

_CURVES = {"ecdsa-p256": "secp256r1", "ecdsa-p384": "secp384r1"}
_RSA_BITS = {"rsa-3072": 3072, "rsa-4096": 4096}
# RFC 8410 section 3, as an OBJECT IDENTIFIER (PKCS#11 3.0, section 2.3.10).
_ED25519 = bytes.fromhex("06032b6570")


class Pkcs11Keys:
    """Keys on one token, each pair under its name (CKA_LABEL and CKA_ID).

    They are made on the token and marked as never to leave it. Whoever has the
    token and its PIN can sign with them and can destroy them.
    """

    def __init__(self, access: TokenAccess) -> None:
        """The token is not asked for before its first use."""
        self._connection = TokenConnection(access)

    def create(self, name: str, algorithm: KeyAlgorithm) -> CaPrivateKey:
        """Make a key pair; raises `FileExistsError` and `KeyUnavailable`.

        `AlgorithmNotOnToken` for one that PKCS#11 2.40 does not have.
        """
        require_key_name(name)
        if self.find(name) is not None:
            raise FileExistsError(name)
        self._connection.run_afresh(lambda session: _generate(session, name, algorithm))
        return self.get(name)

    def find(self, name: str) -> CaPrivateKey | None:
        """Return the key, or None when the token does not hold it; raises `KeyUnavailable`."""
        require_key_name(name)

        # In a session of its own: one from before may see nothing where the token
        # was pulled out, and "not there" is an answer with consequences.
        generation, pair = self._connection.run_afresh(
            lambda session: (self._connection.generation, _find_pair(session, name))
        )
        if pair is None:
            return None
        handle, public_key = pair
        key = TokenKey(self._connection, name, generation, handle)
        match public_key:
            case ec.EllipticCurvePublicKey():
                return TokenEcKey(key, public_key)
            case rsa.RSAPublicKey():
                return TokenRsaKey(key, public_key)
            case ed25519.Ed25519PublicKey():
                return TokenEd25519Key(key, public_key)

    def get(self, name: str) -> CaPrivateKey:
        """Return the key; raises `KeyUnavailable`."""
        key = self.find(name)
        if key is None:
            raise KeyUnavailable(name)
        return key

    def discard(self, name: str) -> None:
        """Destroy a key pair; one that is not there is no mistake. Raises `KeyUnavailable`."""
        require_key_name(name)

        def destroy(session: pkcs11.Session) -> None:
            for found in list(session.get_objects({Attribute.LABEL: name})):
                found.destroy()

        self._connection.run_afresh(destroy)

    def close(self) -> None:
        """End the session with the token; the next use opens another."""
        self._connection.close()


def _find_pair(session: pkcs11.Session, name: str) -> tuple[SignMixin, EndEntityPublicKey] | None:
    """Return both halves, or None when there is neither; raises `KeyUnavailable` for one alone."""
    private = find_one(session, ObjectClass.PRIVATE_KEY, name, SignMixin)
    public = find_one(session, ObjectClass.PUBLIC_KEY, name, pkcs11.PublicKey)
    if private is None and public is None:
        return None
    public_key = read_public_key(public) if public is not None else None
    if private is None or public_key is None:
        raise KeyUnavailable(name)
    return private, public_key


def _generate(session: pkcs11.Session, name: str, algorithm: KeyAlgorithm) -> None:
    names: dict[str, Any] = {
        "store": True,
        "label": name,
        "id": name.encode(),
        # Nothing but signing, whatever the module's defaults are.
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    }
    if algorithm in _RSA_BITS:
        session.generate_keypair(KeyType.RSA, _RSA_BITS[algorithm], **names)
    elif algorithm in _CURVES:
        curve = ECDomainParameters(name="named", value=NamedCurve.unmap(_CURVES[algorithm]))
        _domain(session, KeyType.EC, curve.dump()).generate_keypair(**names)
    elif algorithm == "ed25519":
        _domain(session, KeyType.EC_EDWARDS, _ED25519).generate_keypair(
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, **names
        )
    else:
        raise AlgorithmNotOnToken(algorithm)


def _domain(
    session: pkcs11.Session, key_type: KeyType, parameters: bytes
) -> pkcs11.DomainParameters:
    return session.create_domain_parameters(key_type, {Attribute.EC_PARAMS: parameters}, local=True)
