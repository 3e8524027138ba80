"""Certification path validation by OpenSSL (RFC 5280 section 6)."""

from collections.abc import Sequence
from enum import Enum, auto

from cryptography import x509
from OpenSSL import crypto

from ca.verification.trust import TrustStore


class Fault(Enum):
    """Why a path is not valid."""

    EXPIRED = auto()
    REVOKED = auto()
    CRL_STALE = auto()
    UNTRUSTED = auto()


class PathRefused(Exception):
    """OpenSSL found no valid path; `fault` says why as far as anybody may know."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


# OpenSSL's x509_vfy.h. The first two only count for the leaf itself.
_OF_LEAF = {10: Fault.EXPIRED, 23: Fault.REVOKED}
# UNABLE_TO_GET_CRL, CRL_NOT_YET_VALID, CRL_HAS_EXPIRED
_OF_CRL = frozenset({3, 11, 12})


def validate_path(
    unverified_leaf: x509.Certificate, trust: TrustStore
) -> Sequence[x509.Certificate]:
    """Return the valid path, leaf first and root last; raises `PathRefused`.

    Intermediate certificates come from the trust store alone: those a client
    sends along are not needed, and so give an attacker nothing to play with.
    """
    try:
        leaf = crypto.X509.from_cryptography(unverified_leaf)
        path = crypto.X509StoreContext(trust.store, leaf, [trust.issuing]).get_verified_chain()
    except crypto.Error as refused:
        # OpenSSL's parser sees less than the library's own.
        raise PathRefused(Fault.UNTRUSTED) from refused
    except crypto.X509StoreContextError as refused:
        code, depth, _ = refused.errors
        raise PathRefused(_fault_of(code, depth)) from refused
    return [certificate.to_cryptography() for certificate in path]


def _fault_of(code: int, depth: int) -> Fault:
    if code in _OF_CRL:
        return Fault.CRL_STALE
    return _OF_LEAF.get(code, Fault.UNTRUSTED) if depth == 0 else Fault.UNTRUSTED
