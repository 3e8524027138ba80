"""The public keys with which an application signs its assertions (RFC 7517, RFC 7523)."""

import json
from collections.abc import Iterable
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key

from ca.keys.algorithms import accept_public_key
from ca.weak_keys import verify_strength
from foundation.errors import Invalid

MOST_KEYS = 8
_LARGEST = 64 * 1024
_FIELD = "keys"
_PEM = "-----BEGIN"
# Members of a private key (RFC 7518 sections 6.2.2, 6.3.2, 6.4).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

ClientKey = ECKey | RSAKey


def read_keys(documents: Iterable[bytes]) -> dict[str, Any]:
    """Return the JSON Web Key Set of all documents, each a JWKS, a JWK or PEM.

    PEM holds a public key or a certificate, of which only the key is taken: it
    is registered, not verified. Raises `Invalid` for a private key, a kind or
    size that is not accepted, a weak key, and two keys of one name.
    """
    keys = [key for document in documents for key in _read_document(document)]
    if not 1 <= len(keys) <= MOST_KEYS:
        raise _refused()
    names = {key["kid"] for key in keys}
    if len(names) != len(keys):
        raise Invalid("relying-party-key-twice", field=_FIELD)
    return {"keys": keys}


def split_pasted(text: str) -> list[bytes]:
    """Return the documents of a text that somebody pasted: one of JSON, or PEM after PEM.

    Raises `Invalid` for more than could be registered, and for what follows the
    last line of a PEM and would be overlooked. Does not read the documents.
    """
    json_text, *blocks = text.split(_PEM)
    if len(blocks) > MOST_KEYS or any(not block.rstrip().endswith("-----") for block in blocks):
        raise _refused()
    documents = [_PEM + block for block in blocks]
    return [each.encode() for each in [json_text, *documents] if each.strip()]


def key_set(jwks: dict[str, Any]) -> KeySet:
    """Return a registered set as the library has it."""
    return KeySet.import_key_set(jwks)  # type: ignore[arg-type]


def _read_document(document: bytes) -> list[dict[str, Any]]:
    if len(document) > _LARGEST:
        raise _refused()
    if _PEM.encode() in document:
        return [_registered(_read_pem(document))]
    try:
        content = json.loads(document)
        found = content.get("keys", [content])
        return [_registered(_read_jwk(jwk), jwk.get("kid")) for jwk in found]
    except (ValueError, TypeError, AttributeError, RecursionError) as unreadable:
        raise _refused() from unreadable


def _read_pem(document: bytes) -> PublicKeyTypes:
    if b"PRIVATE KEY" in document:
        raise Invalid("relying-party-key-private", field=_FIELD)
    try:
        if b"BEGIN CERTIFICATE" in document:
            return x509.load_pem_x509_certificate(document).public_key()
        return load_pem_public_key(document)
    except (ValueError, UnsupportedAlgorithm) as unreadable:
        raise _refused() from unreadable


def _read_jwk(jwk: dict[str, Any]) -> PublicKeyTypes:
    if _PRIVATE & jwk.keys():
        raise Invalid("relying-party-key-private", field=_FIELD)
    try:
        key = import_key({name: jwk[name] for name in jwk if name not in {"key_ops", "use"}})
    except (JoseError, ValueError, KeyError, UnsupportedAlgorithm) as unreadable:
        raise _refused() from unreadable
    if not isinstance(key, ClientKey):
        raise _refused()
    return key.public_key


def _registered(unverified: PublicKeyTypes, name: object = None) -> dict[str, Any]:
    """Return the JWK that is kept: the key, a name and what it is for."""
    public_key = accept_public_key(unverified)
    verify_strength(public_key)
    key: ClientKey
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        key = ECKey.import_key(public_key)
    elif isinstance(public_key, rsa.RSAPublicKey):
        key = RSAKey.import_key(public_key)
    else:
        raise _refused()
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= 128):
        raise _refused()
    return {**key.as_dict(private=False), "kid": name or key.thumbprint(), "use": "sig"}


def _refused() -> Invalid:
    return Invalid("relying-party-key-refused", field=_FIELD, most=MOST_KEYS)
