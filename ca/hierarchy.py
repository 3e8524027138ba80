"""The hierarchy of one installation: making it once and finding it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import select

from ca.authority import Authority, Hierarchy, RootWithoutKey
from ca.authority_certificates import AuthorityCertificates, NewAuthorityKey
from ca.errors import HierarchyExists, HierarchyMissing
from ca.issuance import Issuance
from ca.keys import KeyAlgorithm, KeyStore
from ca.lifetimes import Lifetimes
from ca.models import AuthorityRecord, IssuerName, RevocationEpoch
from ca.profiles import Profiles
from ca.serial_numbers import draw_serial_number
from ca.service_credentials import ServiceCredentials
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness


@dataclass(frozen=True)
class Authorities:
    """Root and issuing CA."""

    root: Authority | RootWithoutKey
    issuing: Authority


class HierarchyStore:
    """Creates, loads and renews the hierarchy in a database and a key store."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        profiles: Profiles,
        lifetimes: Lifetimes,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        algorithm: KeyAlgorithm = "ecdsa-p256",
    ) -> None:
        """`algorithm` is that of every key made from now on; existing ones stay."""
        self._database = database
        self._keys = keys
        self._profiles = profiles
        self._lifetimes = lifetimes
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._algorithm = algorithm

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
        root_key, issuing_key = self._make_key("root"), self._make_key("issuing")
        certificates = AuthorityCertificates(
            profiles=self._profiles,
            lifetimes=self._lifetimes,
            audit=self._audit,
            clock=self._clock,
        )
        with self._database.writing() as session:
            root = certificates.make_root(session, root_key, by)
            issuing = certificates.make_issuing(session, issuing_key, root, by)
            session.add(RevocationEpoch(id=1, value=0))
        return self._with_services(Authorities(root, issuing), server_names, by)

    def load(self, server_names: Sequence[str], by: Actor) -> Hierarchy:
        """Return the hierarchy; service credentials that are missing or due are renewed.

        Raises `HierarchyMissing`, `KeyUnavailable` when the issuing key does
        not open, and `LintRefused` for server names it may not certify.
        """
        return self._with_services(self.load_authorities(), server_names, by)

    def load_authorities(self) -> Authorities:
        """Return root and issuing CA; raises `HierarchyMissing` and `KeyUnavailable`."""
        with self._database.reading() as session:
            root = session.get(AuthorityRecord, "root")
            issuing = session.get(AuthorityRecord, "issuing")
            if root is None or issuing is None:
                raise HierarchyMissing
            root_certificate = x509.load_der_x509_certificate(root.certificate)
            issuing_certificate = x509.load_der_x509_certificate(issuing.certificate)
            root_key = self._keys.find(root.key_name)
            issuing_key = self._keys.get(issuing.key_name)
        return Authorities(
            root=Authority("root", root_certificate, root_key)
            if root_key is not None
            else RootWithoutKey("root", root_certificate),
            issuing=Authority("issuing", issuing_certificate, issuing_key),
        )

    def renew_services(self, hierarchy: Hierarchy, server_names: Sequence[str], by: Actor) -> None:
        """Replace, in `hierarchy`, the service credentials that are due for renewal."""
        services = self._services(Authorities(hierarchy.root, hierarchy.issuing))
        hierarchy.ocsp_signer = services.ensure_ocsp_signer(by)
        hierarchy.server = services.ensure_server(server_names, by)

    def issuance(self, authorities: Authorities | Hierarchy) -> Issuance:
        """Return the issuance under these authorities."""
        return Issuance(
            authorities=authorities,
            profiles=self._profiles,
            lifetimes=self._lifetimes,
            audit=self._audit,
            clock=self._clock,
            randomness=self._randomness,
        )

    def _with_services(
        self, authorities: Authorities, server_names: Sequence[str], by: Actor
    ) -> Hierarchy:
        services = self._services(authorities)
        return Hierarchy(
            root=authorities.root,
            issuing=authorities.issuing,
            ocsp_signer=services.ensure_ocsp_signer(by),
            server=services.ensure_server(server_names, by),
        )

    def _services(self, authorities: Authorities) -> ServiceCredentials:
        return ServiceCredentials(
            database=self._database,
            keys=self._keys,
            authorities=authorities,
            issuance=self.issuance(authorities),
            clock=self._clock,
            algorithm=self._algorithm,
        )

    def _make_key(self, name: IssuerName) -> NewAuthorityKey:
        serial_number = draw_serial_number(self._randomness)
        key_name = f"{name}-{serial_number.lower()}"
        return NewAuthorityKey(
            serial_number, key_name, self._keys.create(key_name, self._algorithm)
        )
