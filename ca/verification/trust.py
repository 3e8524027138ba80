"""The trust store: our root, our issuing CA and their newest CRLs, ready for OpenSSL.

A store keeps the moment it was made for: `X509Store.set_time` works once, and a
second call changes nothing (OpenSSL inherits parameters only where none are
set). So a store is used for a short while, and the caller asks again whether
anything has ended since (`TrustStore.valid_until`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from OpenSSL import crypto
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.crl import find_crl, find_crl_number
from ca.errors import HierarchyMissing
from ca.lifetimes import BACKDATE
from ca.models import AuthorityRecord
from foundation.errors import Unavailable

# Certificates are backdated by more than this: one made after the store was is
# valid at the store's moment too.
LONGEST_USE = timedelta(minutes=1)
assert LONGEST_USE < BACKDATE

_FLAGS = (
    crypto.X509StoreFlags.CRL_CHECK
    | crypto.X509StoreFlags.CRL_CHECK_ALL
    | crypto.X509StoreFlags.X509_STRICT
)


@dataclass(frozen=True)
class TrustState:
    """What a store depends on: when any of it changes, the store is out of date."""

    authorities: tuple[bytes, bytes]
    crl_numbers: tuple[int, int]


@dataclass(frozen=True)
class TrustStore:
    """A store for OpenSSL; `valid_until` is the earliest end of any CRL in it."""

    state: TrustState
    made_at: datetime
    valid_until: datetime
    store: crypto.X509Store
    issuing: crypto.X509

    def is_usable(self, state: TrustState, now: datetime) -> bool:
        """Return whether it still stands for `state` and is young enough."""
        return self.state == state and timedelta(0) <= now - self.made_at < LONGEST_USE


def read_trust_state(session: Session) -> TrustState:
    """Return the present state; raises `HierarchyMissing` and `Unavailable("crl-stale")`."""
    records = {record.name: record for record in session.scalars(select(AuthorityRecord))}
    if not {"root", "issuing"} <= records.keys():
        raise HierarchyMissing
    root, issuing = find_crl_number(session, "root"), find_crl_number(session, "issuing")
    if root is None or issuing is None:
        raise Unavailable("crl-stale")
    certificates = records["root"].certificate, records["issuing"].certificate
    return TrustState(certificates, (root, issuing))


def make_trust_store(session: Session, state: TrustState, now: datetime) -> TrustStore:
    """Return a store for the moment `now`; raises `Unavailable("crl-stale")`."""
    root, issuing = (
        crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in state.authorities
    )
    crls = _load_crls(session)
    store = crypto.X509Store()
    # Only the root is an anchor. Without PARTIAL_CHAIN a path has to end in a
    # self-signed certificate of the store.
    store.add_cert(root)
    for crl in crls:
        store.add_crl(crl)
    store.set_flags(_FLAGS)
    store.set_time(now)
    return TrustStore(state, now, min(map(_end_of, crls)), store, issuing)


def _load_crls(session: Session) -> Sequence[x509.CertificateRevocationList]:
    records = find_crl(session, "root"), find_crl(session, "issuing")
    return [_load(record.der) for record in records if record is not None]


def _load(der: bytes) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(der)


def _end_of(crl: x509.CertificateRevocationList) -> datetime:
    end = crl.next_update_utc
    assert end is not None, "the publication gate demands it"
    return end
