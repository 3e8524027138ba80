"""Trust stores: our root, one issuing CA, and the CRLs that decide, ready for OpenSSL.

A store is for the certificates of one issuing CA that point at one CRL: it
holds the root's CRL and exactly that one. So what is loaded stays small however
much was ever revoked.

A store keeps the moment it was made for: `X509Store.set_time` works once, and a
second call changes nothing (OpenSSL inherits parameters only where none are
set). So a store is used for a short while, and the caller asks again whether
anything has ended since (`TrustStore.valid_until`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from cryptography import x509
from OpenSSL import crypto
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ca.crl import CrlRecord, find_crl, read_der
from ca.crl.scopes import FULL, Scope
from ca.errors import HierarchyMissing
from ca.models import AuthorityName, AuthorityRecord
from ca.names.authority_names import ROOT
from ca.profiles.lifetimes import BACKDATE
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

_AUTHORITIES = select(AuthorityRecord.name, AuthorityRecord.certificate).where(
    AuthorityRecord.name.in_(bindparam("names", expanding=True))
)

_LOG = structlog.get_logger(__name__)


class TrustKey(NamedTuple):
    """Which store a certificate needs: that of its issuing CA and of the CRL it points at."""

    issuer: AuthorityName
    scope: Scope


@dataclass(frozen=True)
class TrustState:
    """What a store depends on: when any of it changes, the store is out of date."""

    authorities: tuple[bytes, bytes]
    crl_numbers: tuple[int, int]


@dataclass(frozen=True)
class TrustStore:
    """A store for OpenSSL; `valid_until` is how long the CRLs in it are believed.

    `octets` says how large its CRLs are.
    """

    state: TrustState
    made_at: datetime
    valid_until: datetime
    store: crypto.X509Store
    issuing: crypto.X509
    octets: int

    def is_usable(self, state: TrustState, now: datetime) -> bool:
        """Return whether it still stands for `state` and is young enough."""
        return self.state == state and timedelta(0) <= now - self.made_at < LONGEST_USE


def read_trust_state(session: Session, key: TrustKey) -> tuple[TrustState, tuple[CrlRecord, ...]]:
    """Return the present state and its CRLs, the root's first.

    Raises `HierarchyMissing` and, without a CRL, `Unavailable("crl-stale")`.
    """
    found = session.connection().execute(_AUTHORITIES, {"names": (ROOT, key.issuer)})
    certificates = {row.name: row.certificate for row in found}
    if not {ROOT, key.issuer} <= certificates.keys():
        raise HierarchyMissing
    root, issuing = find_crl(session, ROOT, FULL), find_crl(session, key.issuer, key.scope)
    if root is None or issuing is None:
        raise Unavailable("crl-stale")
    state = TrustState(
        (certificates[ROOT], certificates[key.issuer]), (root.crl_number, issuing.crl_number)
    )
    return state, (root, issuing)


def make_trust_store(
    session: Session,
    state: TrustState,
    crls: tuple[CrlRecord, ...],
    now: datetime,
    grace: timedelta,
) -> TrustStore:
    """Return a store for the moment `now`; raises `Unavailable` for a CRL just replaced.

    For `grace` after a CRL's end it is believed as it was in its last second.
    """
    root, issuing = (
        crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in state.authorities
    )
    store = crypto.X509Store()
    # Only the root is an anchor. Without PARTIAL_CHAIN a path has to end in a
    # self-signed certificate of the store.
    store.add_cert(root)
    ends = []
    for record in crls:
        crl = x509.load_der_x509_crl(read_der(session, record))
        store.add_crl(crl)
        end = crl.next_update_utc
        assert end is not None, "the publication gate demands it"
        ends.append(end)
    store.set_flags(_FLAGS)
    end = min(ends)
    if end < now <= end + grace:
        _LOG.error("crl_stale_but_believed", next_update=end.isoformat())
        store.set_time(end)
    else:
        store.set_time(now)
    octets = sum(record.octets for record in crls)
    return TrustStore(state, now, end + grace, store, issuing, octets)
