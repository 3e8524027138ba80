"""Moving the CA's keys from a gateway to its signer, once.

Until the signer has each key, has proved it by a signature and has its
certificate, the gateway's copy stays: a crash leaves both, and adopting again
goes on.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from cryptography import x509

from ca.encoding.signature_algorithms import sign_raw
from ca.errors import KeyUnavailable
from ca.keys import EncryptedFileKeys
from ca.keys.store import KeyStore
from ca.signer.holdings import Holdings
from ca.signing.proof import verify_signature

_TRIAL = b"certgate: a signature that proves the key"


@dataclass(frozen=True)
class Adoptable:
    """A key of the CA by its name in the gateway's store, and its certificate."""

    key_name: str
    certificate: x509.Certificate


def adopt(
    adoptable: Iterable[Adoptable],
    *,
    source: KeyStore,
    target: KeyStore,
    holdings: Holdings,
) -> list[str]:
    """Hand every key to the signer and return their names.

    Files are moved; a key on a token stays where it is, and the signer only
    learns its certificate. One that the signer has already is passed over.
    Raises `KeyUnavailable` for one that neither holds, and `SigningFault` when
    a key does not belong to its certificate.
    """
    adopted = []
    for each in adoptable:
        if isinstance(source, EncryptedFileKeys) and isinstance(target, EncryptedFileKeys):
            _copy(each.key_name, source, target)
        _introduce(each, holdings)
        if isinstance(source, EncryptedFileKeys):
            source.discard(each.key_name)
        adopted.append(each.key_name)
    return adopted


def _copy(name: str, source: EncryptedFileKeys, target: EncryptedFileKeys) -> None:
    key = source.find(name)
    if key is not None:
        with suppress(FileExistsError):
            target.keep(name, key)


def _introduce(each: Adoptable, holdings: Holdings) -> None:
    with suppress(FileExistsError):
        holdings.introduce(each.key_name, each.certificate)
    held = holdings.find(each.key_name)
    if held is None or held.certificate != each.certificate:
        raise KeyUnavailable(each.key_name)
    signature = sign_raw(held.signer.private_key, _TRIAL)
    verify_signature(held.signer.public_key, signature, _TRIAL)
