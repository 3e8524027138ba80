"""Moving the CA's keys from a gateway to its signer, once.

Until the signer has each key, has proved it by a signature and has its
certificate, the gateway's copy stays: a crash leaves both, and adopting again
goes on.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from cryptography import x509

from ca.errors import KeyUnavailable
from ca.keys import EncryptedFileKeys
from ca.keys.store import KeyStore
from ca.signature_algorithms import sign_raw
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
    keys: EncryptedFileKeys,
    holdings: Holdings,
) -> list[str]:
    """Move every key to the signer and return the names of those that moved.

    One that the gateway does not hold any more and the signer does is passed
    over; one that neither holds raises `KeyUnavailable`. Raises `SigningFault`
    when a key does not belong to its certificate.
    """
    moved = []
    for each in adoptable:
        key = source.find(each.key_name)
        if key is None:
            keys.get(each.key_name)
            continue
        with suppress(FileExistsError):
            keys.keep(each.key_name, key)
        with suppress(FileExistsError):
            holdings.introduce(each.key_name, each.certificate)
        held = holdings.find(each.key_name)
        if held is None or held.certificate != each.certificate:
            raise KeyUnavailable(each.key_name)
        private_key = held.signer.private_key
        verify_signature(held.signer.public_key, sign_raw(private_key, _TRIAL), _TRIAL)
        source.discard(each.key_name)
        moved.append(each.key_name)
    return moved
