"""The hierarchy of one installation: making it once and finding it again."""

import threading
from collections.abc import Sequence

from sqlalchemy import select

from ca.authorities import Authorities, Authority, Hierarchy, load_authorities
from ca.authorities.certificates import (
    AuthorityCertificates,
    NewAuthorityKey,
    make_authority_key,
)
from ca.authorities.register import AuthorityRegister
from ca.crl.shards import DEFAULT_SHARDS
from ca.errors import HierarchyExists
from ca.hierarchy.service_credentials import ServiceCredentials
from ca.issuance import Issuance
from ca.keys import EndEntityKeyAlgorithm, KeyAlgorithm, KeyStore
from ca.models import AuthorityName, AuthorityRecord, RevocationEpoch
from ca.names.authority_names import ROOT
from ca.profiles import Profiles
from ca.profiles.lifetimes import Lifetimes
from ca.rollover.rollover import Rollover
from ca.signing import LocalSigners, Signers
from ca.weak_keys import Blocklist
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.observing import NOBODY, Observer
from foundation.randomness import Randomness


class HierarchyStore:
    """Creates, loads and renews the hierarchy in a database and a key store."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        signers: Signers | None = None,
        profiles: Profiles,
        lifetimes: Lifetimes,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        algorithm: KeyAlgorithm = "ecdsa-p256",
        crl_shards: int = DEFAULT_SHARDS,
        blocklist: Blocklist | None = None,
        observer: Observer = NOBODY,
    ) -> None:
        """Take where the server's key lives (`keys`) and where those of the CA do (`signers`).

        Without `signers` this process opens the CA's keys from `keys` as well.
        `algorithm` is that of every key made from now on; existing ones stay.
        """
        self._database = database
        self._keys = keys
        self._signers = signers if signers is not None else LocalSigners(keys)
        self._profiles = profiles
        self._lifetimes = lifetimes
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._algorithm = algorithm
        self._crl_shards = crl_shards
        self._blocklist = blocklist
        self._observer = observer
        self.register = AuthorityRegister(audit, clock)
        # A renewal that began before a rollover must not end after it.
        self._renewing = threading.Lock()

    def exists(self) -> bool:
        """Return whether there is a hierarchy."""
        with self._database.reading() as session:
            return session.scalars(select(AuthorityRecord.name)).first() is not None

    def create(self, server_names: Sequence[str], by: Actor) -> Hierarchy:
        """Make root, issuing CA, OCSP signer and server credential.

        The authorities come in one transaction. A crash after it leaves a
        hierarchy that `load` completes; a crash before it leaves key files that
        nothing refers to. Raises `HierarchyExists`.
        """
        if self.exists():
            raise HierarchyExists
        # Keys first and durably: a certificate whose key is lost is worth nothing.
        root_key, issuing_key = self._make_key(ROOT), self._make_key("issuing")
        certificates = self.authority_certificates()
        root = certificates.make_root(root_key)
        issuing = Authority(
            "issuing",
            certificates.make_issuing(
                "issuing", issuing_key.serial_number, issuing_key.signer.public_key, root
            ),
            issuing_key.signer,
        )
        with self._database.writing() as session:
            enter = self.register.enter
            enter(session, root.name, root.certificate, root_key.key_name, by)
            enter(session, issuing.name, issuing.certificate, issuing_key.key_name, by)
            session.add(RevocationEpoch(id=1, value=0))
        authorities = Authorities(root, issuing, {issuing.name: issuing})
        return self._with_services(authorities, server_names, by)

    def load(self, server_names: Sequence[str], by: Actor) -> Hierarchy:
        """Return the hierarchy; service credentials that are missing or due are renewed.

        Raises `HierarchyMissing`, `KeyUnavailable` when the issuing key does
        not open, and `LintRefused` for server names it may not certify.
        """
        return self._with_services(self.load_authorities(), server_names, by)

    def load_authorities(self) -> Authorities:
        """Return root and issuing CAs; see `ca.authorities.load_authorities`."""
        return load_authorities(self._database, self._signers, self._clock)

    def take_over(self, hierarchy: Hierarchy, server_names: Sequence[str], by: Actor) -> bool:
        """Bring `hierarchy` up to what another process made of it; return whether it changed.

        A rollover in one process reaches the others this way, without a
        restart. Raises like `load`; then `hierarchy` is as before.
        """
        with self._renewing:
            authorities = self.load_authorities()
            if authorities.is_like(Authorities.of(hierarchy)):
                return False
            hierarchy.replace_by(self._with_services(authorities, server_names, by))
            return True

    def renew_services(self, hierarchy: Hierarchy, server_names: Sequence[str], by: Actor) -> None:
        """Replace, in `hierarchy`, the service credentials that are due for renewal."""
        with self._renewing:
            services = self._services(Authorities.of(hierarchy))
            hierarchy.ocsp_signers = services.ensure_ocsp_signers(by)
            hierarchy.server = services.ensure_server(server_names, by)

    def rollover(self) -> Rollover:
        """Return what lets another issuing CA follow."""
        return Rollover(
            database=self._database,
            signers=self._signers,
            certificates=self.authority_certificates(),
            register=self.register,
            audit=self._audit,
            clock=self._clock,
            randomness=self._randomness,
            algorithm=self._algorithm,
        )

    def issuance(self, authorities: Authorities | Hierarchy) -> Issuance:
        """Return the issuance under these authorities."""
        return Issuance(
            authorities=authorities,
            profiles=self._profiles,
            lifetimes=self._lifetimes,
            audit=self._audit,
            clock=self._clock,
            randomness=self._randomness,
            crl_shards=self._crl_shards,
            blocklist=self._blocklist,
            observer=self._observer,
        )

    def _with_services(
        self, authorities: Authorities, server_names: Sequence[str], by: Actor
    ) -> Hierarchy:
        services = self._services(authorities)
        return Hierarchy(
            root=authorities.root,
            issuing=authorities.issuing,
            issuers=authorities.issuers,
            ocsp_signers=services.ensure_ocsp_signers(by),
            server=services.ensure_server(server_names, by),
        )

    def _services(self, authorities: Authorities) -> ServiceCredentials:
        return ServiceCredentials(
            database=self._database,
            keys=self._keys,
            signers=self._signers,
            authorities=authorities,
            issuance=self.issuance(authorities),
            clock=self._clock,
            algorithm=_service_algorithm(self._algorithm),
        )

    def _make_key(self, name: AuthorityName) -> NewAuthorityKey:
        return make_authority_key(name, self._signers, self._randomness, self._algorithm)

    def authority_certificates(self) -> AuthorityCertificates:
        """Return what certifies authorities by the profiles of this installation."""
        return AuthorityCertificates(
            profiles=self._profiles, lifetimes=self._lifetimes, clock=self._clock
        )


def _service_algorithm(algorithm: KeyAlgorithm) -> EndEntityKeyAlgorithm:
    """Return what browsers and OCSP clients can verify: not yet ML-DSA."""
    return "ecdsa-p256" if algorithm == "ml-dsa-65" else algorithm
