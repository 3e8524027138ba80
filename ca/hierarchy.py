"""The hierarchy of one installation: making it once and finding it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import select

from ca.authority import Authority, Hierarchy, RootWithoutKey
from ca.authority_certificates import AuthorityCertificates, NewAuthorityKey
from ca.crl.shards import DEFAULT_SHARDS
from ca.errors import HierarchyExists, HierarchyMissing
from ca.issuance import Issuance
from ca.keys import EndEntityKeyAlgorithm, KeyAlgorithm, KeyStore
from ca.lifetimes import Lifetimes
from ca.models import AuthorityName, AuthorityRecord, RevocationEpoch
from ca.profiles import Profiles
from ca.serial_numbers import draw_serial_number
from ca.service_credentials import ServiceCredentials
from ca.signing import LocalSigners, Signers
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness


@dataclass(frozen=True)
class Authorities:
    """Root and issuing CAs; see `ca.authority.Hierarchy`."""

    root: Authority | RootWithoutKey
    issuing: Authority
    issuers: Mapping[AuthorityName, Authority]


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
        authorities = Authorities(root, issuing, {issuing.name: issuing})
        return self._with_services(authorities, server_names, by)

    def load(self, server_names: Sequence[str], by: Actor) -> Hierarchy:
        """Return the hierarchy; service credentials that are missing or due are renewed.

        Raises `HierarchyMissing`, `KeyUnavailable` when the issuing key does
        not open, and `LintRefused` for server names it may not certify.
        """
        return self._with_services(self.load_authorities(), server_names, by)

    def load_authorities(self) -> Authorities:
        """Return root and issuing CAs; raises `HierarchyMissing` and `KeyUnavailable`."""
        newest_first = select(AuthorityRecord).order_by(AuthorityRecord.created_at.desc())
        with self._database.reading() as session:
            records = {record.name: record for record in session.scalars(newest_first)}
        root = records.pop("root", None)
        active = next((each.name for each in records.values() if each.state == "active"), None)
        if root is None or active is None:
            raise HierarchyMissing
        issuers = {name: self._open_issuing(record) for name, record in records.items()}
        return Authorities(self._open_root(root), issuers[active], issuers)

    def renew_services(self, hierarchy: Hierarchy, server_names: Sequence[str], by: Actor) -> None:
        """Replace, in `hierarchy`, the service credentials that are due for renewal."""
        authorities = Authorities(hierarchy.root, hierarchy.issuing, hierarchy.issuers)
        services = self._services(authorities)
        hierarchy.ocsp_signers = services.ensure_ocsp_signers(by)
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
            crl_shards=self._crl_shards,
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
        serial_number = draw_serial_number(self._randomness)
        key_name = f"{name}-{serial_number.lower()}"
        return NewAuthorityKey(
            serial_number, key_name, self._signers.create(key_name, self._algorithm)
        )

    def _open_root(self, record: AuthorityRecord) -> Authority | RootWithoutKey:
        certificate = x509.load_der_x509_certificate(record.certificate)
        signer = self._signers.find(record.key_name)
        if signer is None:
            return RootWithoutKey("root", certificate)
        return Authority("root", certificate, signer)

    def _open_issuing(self, record: AuthorityRecord) -> Authority:
        certificate = x509.load_der_x509_certificate(record.certificate)
        return Authority(record.name, certificate, self._signers.get(record.key_name))


def _service_algorithm(algorithm: KeyAlgorithm) -> EndEntityKeyAlgorithm:
    """Return what browsers and OCSP clients can verify: not yet ML-DSA."""
    return "ecdsa-p256" if algorithm == "ml-dsa-65" else algorithm
