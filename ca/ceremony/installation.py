"""Installing what a ceremony made: the first hierarchy, or the next issuing CA.

All of it comes in one transaction: authorities, the end of the one before, the
root's CRL. Whoever is killed before it has installed nothing; after it, the
next start completes the rest (OCSP signer, server certificate, CRLs).
"""

import hashlib
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from ca.authorities.records import read_authorities
from ca.ceremony.bundle import Bundle
from ca.ceremony.errors import BundleRefused
from ca.ceremony.export import ImportRootCrl
from ca.ceremony.verifying import Expectations, VerifiedBundle, verify_bundle
from ca.crl import find_crl, read_der
from ca.crl.gate import number_of
from ca.errors import HierarchyMissing
from ca.hierarchy import HierarchyStore
from ca.models import AuthorityName, RevocationEpoch
from ca.names.authority_names import ROOT, next_issuing_name
from ca.profiles import Profiles
from ca.signing import Signers
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

# Uses an approval up, or raises.
Approve = Callable[[Session], object]


class Installation:
    """Brings a ceremony's bundle into the database of a server."""

    def __init__(
        self,
        *,
        database: Database,
        store: HierarchyStore,
        signers: Signers,
        profiles: Profiles,
        pki_url: str,
        crl_shards: int,
        import_root_crl: ImportRootCrl,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`signers` have to hold the key of the issuing CA."""
        self._import_root_crl = import_root_crl
        self._database = database
        self._store = store
        self._signers = signers
        self._profiles = profiles
        self._pki_url = pki_url
        self._crl_shards = crl_shards
        self._audit = audit
        self._clock = clock

    def next_name(self) -> AuthorityName:
        """Return the name of the issuing CA that comes next."""
        with self._database.reading() as session:
            return next_issuing_name(read_authorities(session))

    def root_fingerprint(self) -> str:
        """Return the SHA-256 of the root that is here already; raises `HierarchyMissing`."""
        with self._database.reading() as session:
            authorities = read_authorities(session)
            if ROOT not in authorities:
                raise HierarchyMissing
            der = authorities[ROOT].certificate
        return hashlib.sha256(der).hexdigest().upper()

    def install(
        self,
        unverified: Bundle,
        root_sha256: str,
        by: Actor,
        approve: Approve = lambda _: None,
    ) -> AuthorityName:
        """Verify a bundle, install it, and return the name of the issuing CA.

        `root_sha256` is the fingerprint from the signed transcript, in
        upper-case hex; for a rollover, that of the root that is here. A rollover
        asks `approve` first, in its transaction. Opens its own transactions.
        Raises `BundleRefused`, `HierarchyExists`, `RolloverConflict`,
        `KeyUnavailable`, and what `approve` raises.
        """
        bundle = verify_bundle(
            unverified,
            Expectations(
                root_sha256=root_sha256,
                issuing_name=self.next_name(),
                profiles=self._profiles,
                pki_url=self._pki_url,
                crl_shards=self._crl_shards,
                signers=self._signers,
                now=self._clock.now(),
            ),
        )
        if self._store.exists():
            self._succeed(bundle, by, approve)
        else:
            # Nobody is there yet who could approve anything.
            self._create(bundle, by)
        return bundle.name

    def _create(self, bundle: VerifiedBundle, by: Actor) -> None:
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            self._store.register.enter(session, ROOT, bundle.root, bundle.root_key_name, by)
            self._store.register.enter(session, bundle.name, bundle.issuing, bundle.key_name, by)
            session.add(RevocationEpoch(id=1, value=0))
            session.flush()
            self._import_root_crl(session, bundle.root_crl.public_bytes(Encoding.DER), by)

    def _succeed(self, bundle: VerifiedBundle, by: Actor, approve: Approve) -> None:
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            approve(session)
            self._store.rollover().succeed(
                session, bundle.name, bundle.issuing, bundle.key_name, by
            )
            present = find_crl(session, ROOT)
            if present is None or present.crl_number < number_of(bundle.root_crl):
                self._import_root_crl(session, bundle.root_crl.public_bytes(Encoding.DER), by)
            elif _lists(read_der(session, present), bundle.issuing):
                # A newer CRL came first, and it knows of this one's end already.
                raise BundleRefused("issuing-revoked")


def _lists(crl: bytes, certificate: x509.Certificate) -> bool:
    loaded = x509.load_der_x509_crl(crl)
    return loaded.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
